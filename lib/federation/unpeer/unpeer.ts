/**
 * `unpeer`: takes trust away between clusters, and proves it gone.
 *
 * look → who loses what → plan → show → ask → references, relationships, static list,
 * stored bundle, each in both directions → prove. A third cluster's trust is not touched.
 *
 * @module
 */
import { type FailureKind, SpirefedError } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { LiveLine } from "../../output/live_line.ts";
import type { UnpeerEdge, UnpeerImpact, UnpeerResult } from "../../output/change_result.ts";
import { renderUnpeerPlan } from "../../output/text/unpeer.ts";
import { consent } from "../../plan/consent.ts";
import { plannedChange } from "../../plan/planned_change.ts";
import { clusterIn, timed } from "../peer/request.ts";
import { allSideBySide, sideBySide } from "../side_by_side.ts";
import { carryOutRemoval, type Removed } from "./carry_out.ts";
import type { Holder } from "./look.ts";
import { type HolderPlan, patienceOf, prepareUnpeer, rehearseAll, requireSame } from "./prepare.ts";
import { proveGone } from "./prove.ts";
import { openPeers } from "./peers.ts";
import type { Departure, UnpeerRequest, UnpeerRun } from "./request.ts";
import { residueOf } from "./residue.ts";
import { stepsOf } from "./plan.ts";

/** What `unpeer` answers, and the failure that its answer stands for. */
export interface UnpeerAnswer {
  readonly result: UnpeerResult;
  readonly failure: FailureKind | undefined;
}

/** What is known before anything is written. */
interface Prepared {
  readonly holders: readonly Holder[];
  readonly departures: readonly Departure[];
  readonly plans: readonly HolderPlan[];
}

/**
 * Takes trust away.
 *
 * @throws {SpirefedError} while nothing has been written; afterwards what stands is
 * answered, direction by direction.
 */
export async function unpeer(request: UnpeerRequest, context: Context): Promise<UnpeerAnswer> {
  const live = new LiveLine(context);
  const run: UnpeerRun = { request, context, live, clusters: new Map(), timings: new Map() };
  try {
    const { clusters, holders, departures } = await openPeers(run);
    const open = { ...run, clusters };
    const plans = await prepareUnpeer(open, holders, departures);
    return await showAndDo(open, { holders, departures, plans });
  } finally {
    live.clear();
  }
}

async function showAndDo(run: UnpeerRun, prepared: Prepared): Promise<UnpeerAnswer> {
  const { request, context, live } = run;
  const { holders, plans } = prepared;
  const steps = plans.flatMap(({ plan }) => stepsOf(plan));
  await rehearseAll(run, steps);
  for (const { cluster, unreadable } of holders) {
    for (const name of unreadable) live.say(`warning: [${cluster}] ${name} cannot be read`);
  }
  const planned = resultOf(run, prepared, plannedEdges(prepared));
  if (request.dryRun) return { result: planned, failure: undefined };
  live.say(renderUnpeerPlan(planned, context.terminal.columns).trimEnd());
  const asking = plans.flatMap(({ asks, plan }) => [{ asks }, ...stepsOf(plan)]);
  await consent(asking, { yes: request.yes, ask: context.ask, stderr: context.stderr });
  if (steps.length > 0) await timed(run, "recheck", () => requireSame(run, prepared));
  const removed = await timed(run, "remove", () => removeAll(run, plans));
  const edges = await timed(run, "prove", () => proveAll(run, prepared, removed));
  return settle(run, resultOf(run, prepared, edges));
}

async function removeAll(
  run: UnpeerRun,
  plans: readonly HolderPlan[],
): Promise<ReadonlyMap<string, Removed>> {
  const removed = await allSideBySide(plans, async ({ holder: { cluster }, ...plan }) => {
    return [cluster, await carryOutRemoval(run, cluster, plan)] as const;
  });
  run.live.clear();
  return new Map(removed);
}

async function proveAll(
  run: UnpeerRun,
  { departures }: Prepared,
  removed: ReadonlyMap<string, Removed>,
): Promise<readonly UnpeerEdge[]> {
  const outcomes = await sideBySide(departures, async (departure) => {
    const { failure, attempted } = removed.get(departure.holder) ?? { attempted: false };
    if (failure !== undefined && !attempted) return edgeOf(departure, "not attempted", failure);
    run.context.signal.throwIfAborted();
    run.live.waitingFor(`proof that ${departure.holder} trusts ${departure.peer} no more`);
    const cluster = clusterIn(run, departure.holder);
    const proof = await proveGone(cluster, departure.trustDomain, patienceOf(run));
    const state = proof.remains.length > 0 ? failure ? "failed" : "remains" : "gone";
    return { ...edgeOf(departure, state, failure), proof: proof.gone, remains: proof.remains };
  });
  run.live.clear();
  return departures.map((departure, at) => {
    const outcome = outcomes[at];
    if (outcome?.ok) return outcome.value;
    const failure = removed.get(departure.holder)?.failure ?? outcome?.error;
    return edgeOf(departure, "failed", failure);
  });
}

function edgeOf(
  { holder, peer, trustDomain }: Departure,
  state: UnpeerEdge["state"],
  failure?: SpirefedError,
): UnpeerEdge {
  const isOver = state === "gone" || state === "planned";
  return {
    from: holder,
    to: peer,
    trustDomain,
    state,
    proof: [],
    remains: [],
    reason: isOver ? null : failure?.message ?? null,
    next: isOver ? null : failure?.remedy ?? `oc spirefed unpeer ${holder} ${peer}`,
  };
}

function plannedEdges({ departures }: Prepared): readonly UnpeerEdge[] {
  return departures.map((departure) => edgeOf(departure, "planned"));
}

function settle(run: UnpeerRun, result: UnpeerResult): UnpeerAnswer {
  const { signal } = run.context;
  if (signal.aborted) {
    const stopped: unknown = signal.reason;
    return { result, failure: stopped instanceof SpirefedError ? stopped.kind : "interrupted" };
  }
  const isDone = result.edges.every(({ state }) => state === "gone" || state === "skipped");
  return { result, failure: isDone ? undefined : "partial" };
}

function resultOf(
  run: UnpeerRun,
  { holders, departures, plans }: Prepared,
  edges: readonly UnpeerEdge[],
): UnpeerResult {
  const skipped = run.request.skipped.map((name): UnpeerEdge => ({
    from: run.request.names[0] ?? "",
    to: name,
    trustDomain: "",
    state: "skipped",
    proof: [],
    remains: [],
    reason: "left out by --skip",
    next: `oc spirefed unpeer ${run.request.names[0] ?? ""} ${name}`,
  }));
  return {
    kind: "UnpeerResult",
    clusters: holders.map(({ cluster: name, server, trustDomain }) => ({
      name,
      server,
      trustDomain,
    })),
    impact: plans.flatMap(({ impacts }) => impacts).filter(isConcerned),
    plan: plans.flatMap(({ plan }) => stepsOf(plan)).map(plannedChange),
    edges: [...edges, ...skipped],
    residue: residueOf(run.request, holders, departures),
    timings: Object.fromEntries(run.timings),
  };
}

function isConcerned({ objects, workloads }: UnpeerImpact): boolean {
  return objects.length > 0 || workloads.length > 0;
}
