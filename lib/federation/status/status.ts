/**
 * `status`: look, judge, say; once, until all is well, or again and again.
 *
 * @module
 */
import type { Context } from "../../context.ts";
import { type FailureKind, SpirefedError } from "../../errors.ts";
import { LiveLine } from "../../output/live_line.ts";
import type { StatusReportResult } from "../../output/status_result.ts";
import { renderStatus } from "../../output/text/status.ts";
import { readArchive } from "../gather/read_archive.ts";
import { look, type LookRequest, openAll, type Watchers } from "../facts/look.ts";
import { type ExpiresWithin, reportOn } from "./report.ts";

/** The command line of `status`, understood. */
export interface StatusRequest extends LookRequest {
  readonly refresh: boolean;
  readonly wait: boolean;
  readonly watch: boolean;
  readonly expiresWithin: ExpiresWithin;
  readonly failOn: "fail" | "warn";
  /** An archive to judge instead of clusters. */
  readonly from: string | undefined;
}

/** The report, and the failure that it stands for. */
export interface StatusAnswer {
  readonly result?: StatusReportResult;
  readonly failure: FailureKind | undefined;
}

const PACE_MS = 5_000;

/** Reports on the state of a federation. */
export async function status(request: StatusRequest, context: Context): Promise<StatusAnswer> {
  if (request.from !== undefined) {
    const snapshot = await readArchive(request.from, context);
    const { expiresWithin } = request;
    return answer(reportOn(snapshot, { expiresWithin, unnamed: false }), request);
  }
  const watchers = await openAll(request, context);
  if (request.watch) return await watch(watchers, request, context);
  return request.wait
    ? await wait(watchers, request, context)
    : answer(await lookOnce(watchers, request, context), request);
}

async function lookOnce(
  watchers: Watchers,
  { refresh, connectTo, expiresWithin }: StatusRequest,
  context: Context,
): Promise<StatusReportResult> {
  const started = context.now().getTime();
  const snapshot = await look(watchers, { connectTo, context, refresh, deep: false });
  const looked = context.now().getTime();
  const report = reportOn(snapshot, { expiresWithin, unnamed: watchers.unnamed });
  const done = context.now().getTime();
  return { ...report, timings: { look: looked - started, judge: done - looked } };
}

function answer(result: StatusReportResult, { failOn }: StatusRequest): StatusAnswer {
  if (!result.ok) return { result, failure: "unhealthy" };
  const warned = failOn === "warn" && result.warnings.length > 0;
  return { result, failure: warned ? "warned" : undefined };
}

/** Looks until all is well; at the end of patience the latest report is the answer. */
async function wait(
  watchers: Watchers,
  request: StatusRequest,
  context: Context,
): Promise<StatusAnswer> {
  const live = new LiveLine(context);
  let latest: StatusReportResult | undefined;
  try {
    while (true) {
      latest = await lookOnce(watchers, request, context);
      if (latest.ok && latest.items.length > 0) return answer(latest, request);
      live.waitingFor(missingIn(latest));
      await context.sleep(PACE_MS, context.signal);
    }
  } catch (error) {
    if (!context.signal.aborted || latest === undefined) throw error;
    const reason: unknown = context.signal.reason;
    const kind = reason instanceof SpirefedError ? reason.kind : "interrupted";
    return { result: latest, failure: kind };
  } finally {
    live.clear();
  }
}

/** What is missing first, in words. */
export function missingIn({ clusters, items }: StatusReportResult): string {
  const unreached = clusters.find(({ problem }) => problem !== null);
  if (unreached !== undefined) return `${unreached.name}: ${unreached.problem}`;
  const open = items.filter(({ verdict }) => verdict !== "trusted");
  const [first] = open;
  if (first !== undefined) {
    const others = open.length === 1 ? "" : `, and ${open.length - 1} more`;
    return `${first.from} → ${first.to}: ${first.reason ?? first.verdict}${others}`;
  }
  for (const { name, operands } of clusters) {
    const failed = operands.find(({ state }) => state === "failed");
    if (failed !== undefined) return `${name}: ${failed.name}: ${failed.detail ?? "failed"}`;
  }
  return "a first direction of trust";
}

async function watch(
  watchers: Watchers,
  request: StatusRequest,
  context: Context,
): Promise<StatusAnswer> {
  const { stdout, terminal, signal } = context;
  while (true) {
    const report = await lookOnce(watchers, request, context);
    const text = renderStatus(report, terminal.columns);
    stdout(
      terminal.live
        ? `\x1b[H\x1b[J${text}${report.at}  (Ctrl-C ends)\n`
        : `${report.at}\n${text}\n`,
    );
    await context.sleep(PACE_MS, signal);
  }
}
