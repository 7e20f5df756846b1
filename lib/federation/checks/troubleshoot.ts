/**
 * `troubleshoot`: look once, judge, and name the first cause with the next command.
 *
 * @module
 */
import type { Finding } from "../../check/check.ts";
import { settle } from "../../check/settle.ts";
import type { Context } from "../../context.ts";
import type { FailureKind } from "../../errors.ts";
import type { CheckReportResult } from "../../output/result.ts";
import { runChecks } from "../../check/run.ts";
import { look, type LookRequest, openAll, type Watchers } from "../facts/look.ts";
import { viewOf } from "../facts/view.ts";
import { readArchive } from "../gather/read_archive.ts";
import type { Snapshot } from "../facts/facts.ts";
import { mend } from "./mend.ts";
import { POD_CHECKS } from "./pod_checks.ts";
import { collectPod } from "./pod_facts.ts";
import { type Area, diagnose, inArea } from "./diagnose.ts";

/** The command line of `troubleshoot`, understood. */
export interface TroubleshootRequest extends LookRequest {
  readonly area: Area | undefined;
  readonly failOn: "fail" | "warn";
  /** Mend what is safe to mend, after showing it. */
  readonly fix: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** One pod, whose way to its identity is walked, in the one cluster named. */
  readonly pod: { readonly namespace: string; readonly name: string } | undefined;
  /** An archive to judge instead of clusters. */
  readonly from: string | undefined;
}

/** The report, and the failure that it stands for. */
export interface TroubleshootAnswer {
  readonly result: CheckReportResult;
  readonly failure: FailureKind | undefined;
}

/** Finds out what is wrong; writes nothing unless told to mend. */
export async function troubleshoot(
  request: TroubleshootRequest,
  context: Context,
): Promise<TroubleshootAnswer> {
  const started = context.now().getTime();
  if (request.from !== undefined) {
    return answerOn(await readArchive(request.from, context), { ...request, milliseconds: 0 });
  }
  const watchers = await openAll(request, context);
  const { connectTo } = request;
  const how = { connectTo, context, deep: true, refresh: false };
  let snapshot = await look(watchers, how);
  if (request.pod !== undefined) {
    return await walk(snapshot, watchers, { ...request, pod: request.pod, context });
  }
  if (request.fix && await mend(snapshot, request, context)) {
    // A refresh by hand leaves no line in the log: the last one there may be from before.
    snapshot = await look(watchers, { ...how, refresh: true });
  }
  return answerOn(snapshot, { ...request, milliseconds: context.now().getTime() - started });
}

/** From the pod to the peer's bundle; what is wrong with its cluster stands beside it. */
async function walk(
  snapshot: Snapshot,
  { clusters }: Watchers,
  { pod, failOn, context }: TroubleshootRequest & {
    readonly pod: NonNullable<TroubleshootRequest["pod"]>;
    readonly context: Context;
  },
): Promise<TroubleshootAnswer> {
  const [facts] = snapshot.clusters;
  const cluster = facts && clusters.get(facts.name);
  if (facts === undefined || cluster === undefined || facts.failure !== undefined) {
    return answerOn(snapshot, { area: undefined, failOn, milliseconds: 0 });
  }
  const { signal } = context;
  const seen = await collectPod(cluster, viewOf(facts), { ...pod, signal });
  const findings = runChecks(POD_CHECKS, seen, `${facts.name} ${pod.namespace}/${pod.name}`);
  return {
    result: { ...reportOf(findings, {}), brief: false },
    failure: settle(findings, { failOn, failure: "unhealthy" }),
  };
}

/** Judges what was seen. */
export function answerOn(
  snapshot: Snapshot,
  { area, failOn, milliseconds }: Pick<TroubleshootRequest, "area" | "failOn"> & {
    readonly milliseconds: number;
  },
): TroubleshootAnswer {
  const findings = inArea(diagnose(snapshot), area);
  return {
    result: reportOf(findings, { look: milliseconds }),
    failure: settle(findings, { failOn, failure: "unhealthy" }),
  };
}

/** Findings as an answer. */
export function reportOf(
  findings: readonly Finding[],
  timings: Readonly<Record<string, number>>,
): CheckReportResult {
  return {
    kind: "CheckReport",
    brief: true,
    command: "troubleshoot",
    findings,
    next: null,
    timings,
  };
}
