/**
 * `preflight`: everything that would make `install` or `peer` fail, before anything is
 * written.
 *
 * @module
 */
import { runChecks } from "../check/run.ts";
import { settle } from "../check/settle.ts";
import type { Context } from "../context.ts";
import type { FailureKind } from "../errors.ts";
import { LiveLine } from "../output/live_line.ts";
import type { CheckReportResult } from "../output/result.ts";
import { PREFLIGHT_CHECKS } from "./checks/all.ts";
import { lookAt, type Looking, type Opened } from "./look.ts";
import { valueOf } from "./reading.ts";

/** The report, and what it means for the exit code. */
export interface PreflightAnswer {
  readonly result: CheckReportResult;
  readonly failure: FailureKind | undefined;
}

/** Judges every cluster; writes nothing. */
export async function preflight(
  request: Looking & { readonly failOn: "fail" | "warn" },
  context: Context,
): Promise<PreflightAnswer> {
  const live = new LiveLine(context);
  const started = context.now().getTime();
  live.waitingFor(request.names.length === 1 ? "the cluster" : `${request.names.length} clusters`);
  const opened = await lookAt(request, context).finally(() => live.clear());
  const collected = context.now().getTime();
  const findings = opened.flatMap(({ subject }) =>
    runChecks(PREFLIGHT_CHECKS, subject, subject.looked.cluster)
  );
  return {
    result: {
      kind: "CheckReport",
      command: "preflight",
      findings,
      next: nextFor(opened),
      timings: { collect: collected - started },
    },
    failure: settle(findings, { failOn: request.failOn, failure: "preflight" }),
  };
}

/** Clusters with a stack can be peered; others are installed first. */
function nextFor(opened: readonly Opened[]): string | null {
  const missing = opened.filter(({ subject: { looked } }) => {
    const server = looked.facts?.stack.get("SpireServer");
    return server === undefined || valueOf(server) === undefined;
  });
  const names = (list: readonly Opened[]): string =>
    list.map(({ subject }) => subject.looked.cluster).join(" ");
  if (missing.length > 0) return `oc spirefed install ${names(missing)}`;
  return opened.length > 1 ? `oc spirefed peer ${names(opened)}` : null;
}
