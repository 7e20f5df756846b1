/**
 * `peer`, up to the point where nothing has been written and everything is known:
 * look at all clusters, authenticate all endpoints, plan, ask the servers to try it.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import type { Hands } from "../../plan/apply.ts";
import { rehearse } from "../../plan/apply.ts";
import { accessesFor, missingPermissions } from "../../plan/permissions.ts";
import type { SpireServerStep, Step } from "../../plan/plan.ts";
import { judgeClock } from "../clock.ts";
import { collectStored, collectVouched } from "../collect.ts";
import { type Edge, edgesOf, requireDistinct } from "../edge.ts";
import { inspect } from "../inspect.ts";
import { type PeerFacts, type PeerPlan, planPeering } from "./plan.ts";
import { clusterIn, type PeerRun, timed } from "./request.ts";
import type { Side } from "../side.ts";
import { allSideBySide, throwTogether } from "../side_by_side.ts";
import { SpireServerCli } from "../spire_server_cli.ts";
import { planStaticPeers } from "../static_peers.ts";

/** What is known before anything is written. */
export interface Prepared {
  readonly edges: readonly Edge[];
  readonly facts: PeerFacts;
  readonly plan: PeerPlan;
  /** Carried out last, since each restarts a server. */
  readonly staticSteps: readonly SpireServerStep[];
}

/** Looks at every cluster; all that fail are reported at once. */
export async function inspectAll(run: PeerRun): Promise<readonly Side[]> {
  const { request, context } = run;
  return await timed(run, "inspect", async () => {
    const sides = await allSideBySide(request.names, async (name) => {
      const cluster = clusterIn(run, name);
      return await inspect(cluster, {
        now: context.now,
        signal: context.signal,
        wholeBundle: request.source === "api",
      });
    });
    sayWarnings(run, sides);
    requireDistinct(sides);
    return sides;
  });
}

function sayWarnings(run: PeerRun, sides: readonly Side[]): void {
  const failures: SpirefedError[] = [];
  for (const side of sides) {
    try {
      const warning = judgeClock(clusterIn(run, side.cluster));
      if (warning !== undefined) run.live.say(`warning: ${warning}`);
    } catch (error) {
      if (!(error instanceof SpirefedError)) throw error;
      failures.push(error);
    }
    for (const { name, problem } of side.unreadable) {
      run.live.say(
        `warning: [${side.cluster}] ClusterFederatedTrustDomain/${name} cannot be read: ${problem}`,
      );
    }
  }
  throwTogether(failures);
}

/** Which directions are wanted between the clusters that were looked at. */
export function wantedEdges(run: PeerRun): readonly Edge[] {
  return run.request.edges ?? edgesOf(run.request.names, run.request.topology);
}

/** Fetches, authenticates and plans. Writes nothing. */
export async function prepare(
  run: PeerRun,
  sides: readonly Side[],
  edges: readonly Edge[],
): Promise<Prepared> {
  const { request, context } = run;
  const clusterOf = (name: string): Cluster => clusterIn(run, name);
  const peers = new Set(edges.map(({ peer }) => peer));
  const [vouched, held] = await timed(run, "fetch", async () => {
    const vouched = await collectVouched(
      sides.filter(({ cluster }) => peers.has(cluster)),
      clusterOf,
      {
        source: request.source,
        connectTo: request.connectTo,
        fetchBundle: context.fetchBundle,
        now: context.now,
        signal: context.signal,
      },
    );
    const { now, sleep, signal } = context;
    const waitingFor = (what: string): void => run.live.waitingFor(what);
    const waiting = { now, sleep, signal, waitingFor };
    return [vouched, await collectStored(sides, edges, { clusterOf, vouched, ...waiting })];
  });
  const bySide = new Map(sides.map((side) => [side.cluster, side]));
  const facts: PeerFacts = { sides: bySide, vouched, ...held, now: context.now() };
  const plan = planPeering(edges, facts, request);
  const staticSteps = request.static ? planStaticPeers(bySide, edges) : [];
  return { edges, facts, plan, staticSteps };
}

/** What carries steps out on this run's clusters. */
export function handsOf(run: Pick<PeerRun, "context" | "clusters">): Hands {
  const { signal } = run.context;
  const serverOf = (name: string): SpireServerCli =>
    new SpireServerCli(clusterIn(run, name), signal);
  return {
    clusterOf: (name) => clusterIn(run, name),
    setBundle: ({ cluster, trustDomain, bundle }) =>
      serverOf(cluster).setBundle(trustDomain, bundle),
    deleteBundle: ({ cluster, trustDomain }) => serverOf(cluster).deleteBundle(trustDomain),
    signal,
  };
}

/**
 * Asks every server whether the plan would work: permissions by name first, then a dry
 * run of each changed object and of one new one of each kind.
 *
 * @throws {SpirefedError} `preflight`, with what every cluster said.
 */
export async function preflight(run: PeerRun, steps: readonly Step[]): Promise<void> {
  await timed(run, "preflight", async () => {
    const byCluster = Map.groupBy(steps, ({ cluster }) => cluster);
    await allSideBySide([...byCluster], async ([name, own]) => {
      throwTogether(await missingPermissions(clusterIn(run, name), accessesFor(own)));
      for (const step of sampleOf(own)) await rehearse(step, handsOf(run));
    });
  });
}

/** New objects differ in nothing that a server would judge: one stands for all. */
function sampleOf(steps: readonly Step[]): readonly Step[] {
  const created = steps.find(({ action }) => action === "create");
  const changed = steps.filter(({ action }) => action !== "create");
  return created === undefined ? changed : [created, ...changed];
}
