/**
 * `cleanup`, up to the point where nothing has been written and everything is known.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { SpirefedError } from "../../errors.ts";
import { rehearse } from "../../plan/apply.ts";
import { accessesFor, EXEC_ACCESS, missingPermissions, on } from "../../plan/permissions.ts";
import type { Ask, RemovalStep } from "../../plan/plan.ts";
import { type FederationPlan, planFederation } from "./federation.ts";
import { objectionsTo } from "./guard.ts";
import { type Grounds, lookAround } from "./look.ts";
import { type Phase, planCleanup } from "./plan.ts";
import type { CleanupRun } from "./request.ts";
import { handsOf } from "../peer/prepare.ts";
import { clusterIn, timed } from "../peer/request.ts";
import { allSideBySide, throwTogether } from "../side_by_side.ts";
import type { Patience } from "../unpeer/look.ts";
import { stepsOf } from "../unpeer/plan.ts";

/** What will be done in one cluster. */
export interface ClusterPlan {
  readonly cluster: string;
  readonly grounds: Grounds;
  readonly phases: readonly Phase[];
  readonly federation: FederationPlan;
  readonly asks: readonly Ask[];
}

/** Looks at every cluster and plans; all that speaks against it is reported at once. */
export async function planAll(run: CleanupRun): Promise<readonly ClusterPlan[]> {
  return await timed(run, "plan", () =>
    allSideBySide(run.request.names, async (name) => {
      const cluster = clusterIn(run, name);
      const grounds = await lookAround(cluster);
      throwTogether(objectionsTo(grounds, run.request));
      const phases = planCleanup(grounds, run.request);
      const federation = run.request.parts.includes("federation")
        ? await planFederation(cluster, grounds, patienceOf(run))
        : NO_FEDERATION;
      return { cluster: name, grounds, phases, federation, asks: federation.asks };
    }));
}

const NO_FEDERATION: FederationPlan = {
  leaving: [],
  plan: { references: [], restarts: [], relationships: [], bundles: [] },
  asks: [],
};

function patienceOf({ context: { now, sleep, signal }, live }: CleanupRun): Patience {
  return { now, sleep, signal, waitingFor: (what) => live.waitingFor(what) };
}

/** All steps of a cluster, in the order in which they are carried out. */
export function allSteps({ phases, federation }: ClusterPlan): readonly RemovalStep[] {
  const of = (isFirst: boolean): readonly RemovalStep[] =>
    phases.filter(({ part }) => (part === "workloads") === isFirst).flatMap(({ steps }) => steps);
  return [...of(true), ...stepsOf(federation.plan), ...of(false)];
}

/** Permissions by name, then a dry run of every step that a server can try. */
export async function rehearseCleanup(
  run: CleanupRun,
  plans: readonly ClusterPlan[],
): Promise<void> {
  await timed(run, "preflight", async () => {
    await allSideBySide(plans, async (plan) => {
      const steps = allSteps(plan);
      const isStored = plan.federation.leaving.length > 0;
      const needed = [
        ...accessesFor(steps),
        // Who may not see that something is gone would wait for it in vain.
        ...plan.phases.flatMap(({ followers }) => followers).map(({ resource, namespace }) =>
          on(resource, "get", namespace)
        ),
        ...isStored ? [EXEC_ACCESS] : [],
      ];
      throwTogether(await missingPermissions(clusterIn(run, plan.cluster), needed));
      for (const step of steps) await rehearse(step, handsOf(run));
    });
  });
}

/**
 * Is the world still the one that was planned for?
 *
 * @throws {SpirefedError} `refused`, when the steps would be others by now.
 */
export async function requireSamePlans(
  run: CleanupRun,
  plans: readonly ClusterPlan[],
): Promise<void> {
  const marks = (all: readonly ClusterPlan[]): unknown =>
    all.map((plan) => allSteps(plan).map(markOf));
  if (isDeepStrictEqual(marks(await planAll(run)), marks(plans))) return;
  throw new SpirefedError(
    "refused",
    "something was made or taken away by somebody meanwhile: the plan is stale, nothing was written",
    { code: "plan/stale", remedy: "run the command again: it plans from what is there now" },
  );
}

function markOf(step: RemovalStep): unknown {
  switch (step.action) {
    case "delete":
    case "edit":
      return [step.cluster, step.resource.kind, step.name, step.uid];
    case "unlist":
      return [step.cluster, step.trustDomains];
    case "forget":
      return [step.cluster, step.trustDomain];
  }
}
