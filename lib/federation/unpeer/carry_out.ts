/**
 * `unpeer` in one cluster, from the first write to the last wait. A phase begins only
 * when what the one before it took away is seen to be gone: a bundle that goes while a
 * reference to it stands would leave new workloads without an identity.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { EXIT_CODES, SpirefedError } from "../../errors.ts";
import { applySteps } from "../../plan/apply.ts";
import { objectOf, type RemovalStep } from "../../plan/plan.ts";
import { handsOf } from "../peer/prepare.ts";
import { clusterIn, type PeerRun } from "../peer/request.ts";
import { RECONCILE_LIMIT_MS } from "../prove.ts";
import { runsWithout, waitForRollout } from "../rollout.ts";
import { SpireServerCli } from "../spire_server_cli.ts";
import { type Leaving, type RemovalPlan, stepsOf } from "./plan.ts";

const RETRY_MS = 1_000;

/** What carrying out needs of a run. */
export type Outfit = Pick<PeerRun, "context" | "clusters" | "live">;

/** What came of one cluster's steps. */
export interface Removed {
  /** Why it ended early; `undefined` when every phase was done. */
  readonly failure: SpirefedError | undefined;
  /** Whether anything was tried at all. */
  readonly attempted: boolean;
}

/** Carries out one cluster's plan. Never throws for what a cluster does. */
export async function carryOutRemoval(
  run: Outfit,
  name: string,
  { plan, leaving }: { readonly plan: RemovalPlan; readonly leaving: readonly Leaving[] },
): Promise<Removed> {
  const cluster = clusterIn(run, name);
  const phases: readonly (readonly [readonly RemovalStep[], () => Promise<void>])[] = [
    [plan.references, () => untilUnused(run, cluster, leaving)],
    // The list before the object: who made a list's entry is told by the object beside it.
    [plan.restarts, () => untilRolledOut(run, cluster, { plan, leaving })],
    [plan.relationships, () => untilUnrelated(run, cluster, { plan, leaving })],
    [plan.bundles, () => Promise.resolve()],
  ];
  let attempted = false;
  try {
    for (const [steps, settled] of phases) {
      const failure = await applyPhase(run, steps);
      attempted ||= steps.length > 0 && failure?.attempted !== false;
      if (failure !== undefined) return { failure: failure.error, attempted };
      await settled();
    }
    return { failure: undefined, attempted: true };
  } catch (error) {
    if (!(error instanceof SpirefedError)) throw error;
    return { failure: error, attempted: true };
  }
}

/** Carries out steps, says what fails, and answers the first failure. */
export async function applyPhase(
  run: Outfit,
  steps: readonly RemovalStep[],
): Promise<{ readonly error: SpirefedError; readonly attempted: boolean } | undefined> {
  let first: { readonly error: SpirefedError; readonly attempted: boolean } | undefined;
  await applySteps(steps, handsOf(run), ({ step, failure, attempted }) => {
    if (failure === undefined) return;
    first ??= { error: failure, attempted };
    run.live.say(
      attempted
        ? `error: ${failure.message}`
        : `warning: [${step.cluster}] ${objectOf(step)} was not attempted`,
    );
  });
  return first;
}

/** Entries that objects of the cluster made go when the objects do; others are dissociated. */
async function untilUnused(
  run: Outfit,
  cluster: Cluster,
  leaving: readonly Leaving[],
): Promise<void> {
  const cli = new SpireServerCli(cluster, run.context.signal);
  for (const { trustDomain, held } of leaving) {
    if (held.entries.every(({ podUid }) => podUid === undefined)) continue;
    await untilGone(run, {
      cluster: cluster.name,
      what: `entries to let go of ${trustDomain}`,
      isGone: async () =>
        (await cli.federatedEntries(trustDomain)).every(({ podUid }) => podUid === undefined),
    });
  }
}

async function untilUnrelated(
  run: Outfit,
  cluster: Cluster,
  { plan, leaving }: { readonly plan: RemovalPlan; readonly leaving: readonly Leaving[] },
): Promise<void> {
  const cli = new SpireServerCli(cluster, run.context.signal);
  for (const { trustDomain, held } of leaving) {
    if (!held.relationship && plan.relationships.length === 0) continue;
    await untilGone(run, {
      cluster: cluster.name,
      what: `the relationship with ${trustDomain} to go`,
      isGone: async () => !await cli.hasRelationship(trustDomain),
    });
  }
}

/**
 * Also where this run takes nothing out of the list: an earlier one may have been cut
 * short before the server had restarted, and the old one still polls.
 */
async function untilRolledOut(
  run: Outfit,
  cluster: Cluster,
  { plan, leaving }: { readonly plan: RemovalPlan; readonly leaving: readonly Leaving[] },
): Promise<void> {
  if (stepsOf(plan).length === 0) return;
  const gone = leaving.map(({ trustDomain }) => trustDomain);
  if (plan.restarts.length === 0 && await runsWithout(cluster, gone)) return;
  const { now, sleep, signal } = run.context;
  await waitForRollout(cluster, {
    trustDomains: [],
    gone,
    now,
    sleep,
    waitingFor: (what) => run.live.waitingFor(what),
    signal,
  });
}

/** A server that restarts answers nothing for a while: that is waited out too. */
async function untilGone(
  { context, live }: Outfit,
  { cluster, what, isGone }: {
    readonly cluster: string;
    readonly what: string;
    readonly isGone: () => Promise<boolean>;
  },
): Promise<void> {
  const deadline = context.now().getTime() + RECONCILE_LIMIT_MS;
  let reason = "spire-controller-manager does not act on what was deleted";
  while (true) {
    try {
      if (await isGone()) return live.clear();
    } catch (error) {
      if (!(error instanceof SpirefedError) || context.signal.aborted) throw error;
      if (error.exitCode >= EXIT_CODES.timeout) throw error;
      reason = error.message;
    }
    if (context.now().getTime() >= deadline) {
      throw new SpirefedError("partial", `[${cluster}] waited 60 s in vain for ${what}`, {
        cause: new Error(reason),
        code: "unpeer/not-reconciled",
        remedy:
          `oc --context ${cluster} -n zero-trust-workload-identity-manager logs spire-server-0 -c spire-controller-manager`,
      });
    }
    live.waitingFor(`[${cluster}] ${what}`);
    await context.sleep(RETRY_MS, context.signal);
  }
}
