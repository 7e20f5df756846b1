/**
 * `cleanup`: takes away what this program made, in the order in which nothing hangs.
 *
 * look → refuse → plan → show → ask → workloads, federation, stack, operator → look again.
 *
 * @module
 */
import { type FailureKind, SpirefedError } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { LiveLine } from "../../output/live_line.ts";
import type { CleanupItem, CleanupResult, Leftover } from "../../output/change_result.ts";
import { renderCleanupPlan } from "../../output/text/cleanup.ts";
import { consent } from "../../plan/consent.ts";
import { objectOf, type RemovalStep } from "../../plan/plan.ts";
import { plannedChange } from "../../plan/planned_change.ts";
import { auditOf } from "./audit.ts";
import { carryOutCleanup } from "./carry_out.ts";
import { type Grounds, lookAround } from "./look.ts";
import {
  allSteps,
  type ClusterPlan,
  planAll,
  rehearseCleanup,
  requireSamePlans,
} from "./prepare.ts";
import type { CleanupRequest, CleanupRun } from "./request.ts";
import { clusterIn, timed } from "../peer/request.ts";
import { allSideBySide, sideBySide } from "../side_by_side.ts";
import { proveGone } from "../unpeer/prove.ts";

/** What `cleanup` answers, and the failure that its answer stands for. */
export interface CleanupAnswer {
  readonly result: CleanupResult;
  readonly failure: FailureKind | undefined;
}

/**
 * Takes it away.
 *
 * @throws {SpirefedError} while nothing has been written; afterwards what is gone and what
 * is not is answered, thing by thing.
 */
export async function cleanup(request: CleanupRequest, context: Context): Promise<CleanupAnswer> {
  const live = new LiveLine(context);
  const clusters = await allSideBySide(
    request.names,
    async (name) => [name, await context.openCluster(name, request.access)] as const,
  );
  const run = { request, context, live, clusters: new Map(clusters), timings: new Map() };
  try {
    return await showAndDo(run, await planAll(run));
  } finally {
    live.clear();
  }
}

async function showAndDo(
  run: CleanupRun,
  plans: readonly ClusterPlan[],
): Promise<CleanupAnswer> {
  const { request, context, live } = run;
  await rehearseCleanup(run, plans);
  const planned = resultOf(run, plans, {
    items: plans.flatMap(allSteps).map((step) => itemOf(step, "planned")),
    leftovers: plans.flatMap((plan) => [
      ...auditOf(plan.grounds, request, goingOf(plan)),
      ...trustOfOthers(run, plans, plan),
    ]),
  });
  if (request.dryRun) return { result: planned, failure: undefined };
  // Where nothing changes, what is left is told once: by the outcome.
  const shown = planned.plan.length > 0 ? planned : { ...planned, leftovers: [] };
  live.say(renderCleanupPlan(shown, context.terminal.columns).trimEnd());
  const steps = plans.flatMap(allSteps);
  const asking = [...plans.map(({ asks }) => ({ asks })), ...steps];
  await consent(asking, { yes: request.yes, ask: context.ask, stderr: context.stderr });
  if (steps.length > 0) await timed(run, "recheck", () => requireSamePlans(run, plans));
  const outcomes = await timed(
    run,
    "remove",
    () => sideBySide(plans, async (plan) => await carryOutCleanup(run, plan)),
  );
  live.clear();
  const failures = new Map(plans.map(({ cluster }, at) => {
    const outcome = outcomes[at];
    return [cluster, outcome?.ok ? outcome.value : outcome?.error];
  }));
  return await timed(run, "audit", () => settle(run, plans, failures));
}

async function settle(
  run: CleanupRun,
  plans: readonly ClusterPlan[],
  failures: ReadonlyMap<string, SpirefedError | undefined>,
): Promise<CleanupAnswer> {
  const looks = await sideBySide(plans, async (plan) => {
    const grounds = await lookAround(clusterIn(run, plan.cluster));
    const items = await itemsOf(run, { plan, grounds, failure: failures.get(plan.cluster) });
    const leftovers = [
      ...auditOf(grounds, run.request, remaining(items, plan)),
      ...trustOfOthers(run, plans, plan),
      ...onNodes(plan, grounds),
    ];
    return { items, leftovers };
  });
  const parts = looks.map((look, at) => look.ok ? look.value : blind(plans[at], look.error));
  const result = resultOf(run, plans, {
    items: parts.flatMap(({ items }) => items),
    leftovers: parts.flatMap(({ leftovers }) => leftovers),
  });
  const { signal } = run.context;
  if (signal.aborted) {
    const stopped: unknown = signal.reason;
    return { result, failure: stopped instanceof SpirefedError ? stopped.kind : "interrupted" };
  }
  const isDone = result.items.every(({ state }) => state === "gone");
  return { result, failure: isDone ? undefined : "partial" };
}

/** What became of each step: objects are looked for, and trust is proven gone. */
async function itemsOf(
  run: CleanupRun,
  { plan, grounds, failure }: {
    readonly plan: ClusterPlan;
    readonly grounds: Grounds;
    readonly failure: SpirefedError | undefined;
  },
): Promise<readonly CleanupItem[]> {
  const there = new Set(uidsIn(grounds));
  const hasServer = grounds.stack.some(({ object }) => object.kind === "SpireServer");
  const trusted = hasServer ? await stillTrusted(run, plan) : new Map<string, string>();
  const bad = failure === undefined ? "remains" : "failed";
  return allSteps(plan).map((step) => {
    if (step.action === "delete") {
      return there.has(step.uid) ? itemOf(step, bad, failure) : itemOf(step, "gone");
    }
    const names = step.action === "forget" ? [step.trustDomain] : step.trustDomains;
    const reasons = names.flatMap((name) => trusted.get(name) ?? []);
    return reasons.length === 0
      ? itemOf(step, "gone")
      : { ...itemOf(step, bad, failure), reason: failure?.message ?? reasons.join("; ") };
  });
}

async function stillTrusted(
  run: CleanupRun,
  { cluster: name, federation }: ClusterPlan,
): Promise<ReadonlyMap<string, string>> {
  const { now, sleep, signal } = run.context;
  const patience = { now, sleep, signal, waitingFor: (what: string) => run.live.waitingFor(what) };
  const found = new Map<string, string>();
  for (const { trustDomain } of federation.leaving) {
    const { remains } = await proveGone(clusterIn(run, name), trustDomain, patience);
    if (remains.length > 0) found.set(trustDomain, remains.join(", "));
  }
  return found;
}

function uidsIn(grounds: Grounds): readonly string[] {
  const { namespaces, identities, declared, stack, routes, claim, versions, groups } = grounds;
  const found = [
    ...[namespaces, identities, declared, stack, routes, versions, groups].flat(),
    ...grounds.definitions,
    ...claim === undefined ? [] : [claim],
  ];
  return [...found.map(({ object }) => object), ...grounds.subscriptions]
    .map(({ metadata }) => metadata.uid ?? "");
}

/** What is told as an item already is not told as a leftover too. */
function remaining(items: readonly CleanupItem[], plan: ClusterPlan): ReadonlySet<string> {
  return new Set(
    allSteps(plan).flatMap((step, at) =>
      step.action === "delete" && items[at]?.state !== "gone" ? [step.uid] : []
    ),
  );
}

function goingOf(plan: ClusterPlan): ReadonlySet<string> {
  return new Set(
    allSteps(plan).flatMap((step) => step.action === "delete" ? [step.uid] : []),
  );
}

/** A cluster that cannot be looked at any more: nothing of it is said to be gone. */
function blind(
  plan: ClusterPlan | undefined,
  error: SpirefedError,
): { readonly items: readonly CleanupItem[]; readonly leftovers: readonly Leftover[] } {
  const steps = plan === undefined ? [] : allSteps(plan);
  return { items: steps.map((step) => itemOf(step, "failed", error)), leftovers: [] };
}

/** Peers that are not among the clusters named were not changed. */
function trustOfOthers(
  { request }: CleanupRun,
  plans: readonly ClusterPlan[],
  { cluster, federation }: ClusterPlan,
): readonly Leftover[] {
  const own = new Set(plans.map(({ grounds }) => trustDomainIn(grounds)));
  return federation.leaving.filter(({ trustDomain }) => !own.has(trustDomain))
    .map(({ trustDomain }) => ({
      cluster,
      object: `trust of ${trustDomain} in ${cluster}`,
      why: "that cluster was not named, and trusts this one until it is told otherwise",
      next: `oc spirefed cleanup ${
        request.names.join(" ")
      } CONTEXT-OF-${trustDomain} --only federation`,
    }));
}

function trustDomainIn({ stack }: Grounds): unknown {
  const manager = stack.find(({ object }) => object.kind === "ZeroTrustWorkloadIdentityManager");
  return (manager?.object["spec"] as { readonly trustDomain?: unknown } | undefined)?.trustDomain;
}

/** No API tells of these, so they are only named. */
function onNodes({ cluster, phases }: ClusterPlan, { stack }: Grounds): readonly Leftover[] {
  const wasStack = phases.some(({ part }) => part === "stack");
  if (!wasStack || stack.length > 0) return [];
  return [{
    cluster,
    object: "/run/spire/agent-sockets, /var/lib/kubelet/plugins/csi.spiffe.io",
    why: "directories on the nodes, empty and harmless",
    next: null,
  }];
}

function itemOf(
  step: RemovalStep,
  state: CleanupItem["state"],
  failure?: SpirefedError,
): CleanupItem {
  return {
    cluster: step.cluster,
    object: objectOf(step),
    state,
    reason: failure?.message ?? null,
    next: state === "gone" || state === "planned" ? null : failure?.remedy ?? null,
  };
}

function resultOf(
  run: CleanupRun,
  plans: readonly ClusterPlan[],
  { items, leftovers }: Pick<CleanupResult, "items" | "leftovers">,
): CleanupResult {
  return {
    kind: "CleanupResult",
    clusters: plans.map(({ grounds: { cluster: name, server } }) => ({ name, server })),
    plan: plans.flatMap(allSteps).map(plannedChange),
    items,
    leftovers,
    timings: Object.fromEntries(run.timings),
  };
}
