/**
 * `unpeer`, up to the point where nothing has been written and everything is known.
 *
 * @module
 */
import { SpirefedError } from "../../errors.ts";
import { isDeepStrictEqual } from "node:util";
import type { UnpeerImpact } from "../../output/change_result.ts";
import { rehearse } from "../../plan/apply.ts";
import { accessesFor, missingPermissions } from "../../plan/permissions.ts";
import type { Ask, RemovalStep } from "../../plan/plan.ts";
import { handsOf } from "../peer/prepare.ts";
import { clusterIn, timed } from "../peer/request.ts";
import { allSideBySide, throwTogether } from "../side_by_side.ts";
import { asksAbout, impactOf, isUsed, readInhabitants } from "./impact.ts";
import { type Holder, lookAt, lookInside, type Patience } from "./look.ts";
import { type Leaving, planRemoval, type RemovalPlan, stepsOf } from "./plan.ts";
import type { Departure, UnpeerRun } from "./request.ts";

/** What will be done in one cluster, and to whom. */
export interface HolderPlan {
  readonly holder: Holder;
  readonly leaving: readonly Leaving[];
  readonly plan: RemovalPlan;
  readonly impacts: readonly UnpeerImpact[];
  /** What must be agreed to because of those who are concerned. */
  readonly asks: readonly Ask[];
}

/** Asks each server what it holds, and plans. Writes nothing. */
export async function prepareUnpeer(
  run: UnpeerRun,
  holders: readonly Holder[],
  departures: readonly Departure[],
): Promise<readonly HolderPlan[]> {
  return await timed(run, "plan", () =>
    allSideBySide(holders, async (holder) => {
      const { leaving, plan } = await planOf(run, holder, departures);
      const cluster = clusterIn(run, holder.cluster);
      const inhabitants = isUsed(plan, leaving) ? await readInhabitants(cluster) : undefined;
      const impacts = leaving.map((one) => impactOf(holder, { leaving: one, plan, inhabitants }));
      return { holder, leaving, plan, impacts, asks: impacts.flatMap(asksAbout) };
    }));
}

/** How this run waits for servers that restart. */
export function patienceOf({ context: { now, sleep, signal }, live }: UnpeerRun): Patience {
  return { now, sleep, signal, waitingFor: (what) => live.waitingFor(what) };
}

async function planOf(
  run: UnpeerRun,
  holder: Holder,
  departures: readonly Departure[],
): Promise<{ readonly leaving: readonly Leaving[]; readonly plan: RemovalPlan }> {
  const cluster = clusterIn(run, holder.cluster);
  const leaving: Leaving[] = [];
  for (const departure of departures.filter((one) => one.holder === holder.cluster)) {
    const { peer, trustDomain } = departure;
    const held = await lookInside(cluster, trustDomain, patienceOf(run));
    leaving.push({ peer, trustDomain, held });
  }
  return { leaving, plan: planRemoval(holder, leaving) };
}

/**
 * Asks every server whether the plan would work: permissions by name first, then a dry
 * run of each step that a server can try.
 *
 * @throws {SpirefedError} `preflight`, with what every cluster said.
 */
export async function rehearseAll(run: UnpeerRun, steps: readonly RemovalStep[]): Promise<void> {
  await timed(run, "preflight", async () => {
    const byCluster = Map.groupBy(steps, ({ cluster }) => cluster);
    await allSideBySide([...byCluster], async ([name, own]) => {
      throwTogether(await missingPermissions(clusterIn(run, name), accessesFor(own)));
      for (const step of own) await rehearse(step, handsOf(run));
    });
  });
}

/**
 * Is the world still the one that was planned for? People take their time to answer.
 *
 * @throws {SpirefedError} `refused`, when the steps would be others by now.
 */
export async function requireSame(
  run: UnpeerRun,
  { plans, departures }: {
    readonly plans: readonly HolderPlan[];
    readonly departures: readonly Departure[];
  },
): Promise<void> {
  await allSideBySide(plans, async ({ holder, plan }) => {
    const again = await lookAt(clusterIn(run, holder.cluster));
    const { plan: now } = await planOf(run, again, departures);
    if (isDeepStrictEqual(stepsOf(now).map(markOf), stepsOf(plan).map(markOf))) return;
    throw new SpirefedError(
      "refused",
      `[${holder.cluster}] its federation was changed by somebody meanwhile: the plan is stale, nothing was written`,
      {
        code: "plan/stale",
        remedy: "run the command again: it plans from what is there now",
      },
    );
  });
}

/** What makes a step this step; asks and reasons follow from it. */
function markOf(step: RemovalStep): unknown {
  switch (step.action) {
    case "delete":
      return [step.resource.kind, step.name, step.uid];
    case "edit":
      return [step.resource.kind, step.name, step.uid, step.trustDomains];
    case "unlist":
      return step.trustDomains;
    case "forget":
      return step.trustDomain;
  }
}
