/**
 * `peer`: mutual trust between clusters, from the first look to the last proof.
 *
 * inspect → enable missing endpoints → fetch and authenticate → plan → show → ask →
 * apply → prove. Nothing is written before every cluster has answered, every bundle is
 * known to be its owner's, and every server has tried its part of the plan.
 *
 * @module
 */
import type { FailureKind } from "../../errors.ts";
import { SpirefedError } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { LiveLine } from "../../output/live_line.ts";
import type { ManifestsResult } from "../../output/result.ts";
import type { PeerEdge, PeerResult } from "../../output/change_result.ts";
import { renderPlan } from "../../output/text/peer.ts";
import { applySteps } from "../../plan/apply.ts";
import { consent } from "../../plan/consent.ts";
import type { Step } from "../../plan/plan.ts";
import { plannedChange } from "../../plan/planned_change.ts";
import { bootstrapNote } from "../bootstrap_note.ts";
import { wantedObject } from "../declared.ts";
import type { Edge } from "../edge.ts";
import { requireFresh } from "../freshness.ts";
import { applyAll, applyStatic, markLogs, proveAll } from "./carry_out.ts";
import { handsOf, inspectAll, preflight, prepare, type Prepared, wantedEdges } from "./prepare.ts";
import { clusterIn, type PeerRequest, type PeerRun, timed } from "./request.ts";
import { waitForRollout } from "../rollout.ts";
import type { Side } from "../side.ts";
import { allSideBySide, sideBySide, throwTogether } from "../side_by_side.ts";
import { planEndpoints } from "../static_peers.ts";

/** What `peer` answers, and the failure that its answer stands for. */
export interface PeerAnswer {
  readonly result: PeerResult | ManifestsResult;
  readonly failure: FailureKind | undefined;
}

/**
 * Makes clusters trust each other.
 *
 * @throws {SpirefedError} while nothing has been written; afterwards what stands is
 * answered, edge by edge.
 */
export async function peer(request: PeerRequest, context: Context): Promise<PeerAnswer> {
  const run = await open(request, context);
  try {
    const sides = await inspectAll(run);
    const edges = wantedEdges(run);
    const enabled = await enableEndpoints(run, sides, edges);
    if (enabled.answer !== undefined) return enabled.answer;
    return await federate(run, enabled.sides, { edges, changed: enabled.changed });
  } finally {
    run.live.clear();
  }
}

async function open(request: PeerRequest, context: Context): Promise<PeerRun> {
  const live = new LiveLine(context);
  const opened = await allSideBySide(request.names, async (name) => {
    const cluster = await context.openCluster(name, request.access);
    return [name, cluster] as const;
  });
  return { request, context, live, clusters: new Map(opened), timings: new Map() };
}

/** After the first endpoint was enabled, whatever refuses has no longer written nothing. */
async function federate(
  run: PeerRun,
  sides: readonly Side[],
  { edges, changed }: { readonly edges: readonly Edge[]; readonly changed: boolean },
): Promise<PeerAnswer> {
  try {
    const prepared = await prepare(run, sides, edges);
    return await showAndDo(run, prepared);
  } catch (error) {
    if (!changed || !(error instanceof SpirefedError) || error.exitCode >= 124) throw error;
    throw new SpirefedError("partial", error.message, {
      cause: new Error("endpoints were enabled, no trust was made"),
      code: error.code,
      remedy: error.remedy,
      all: error.all,
    });
  }
}

async function showAndDo(run: PeerRun, prepared: Prepared): Promise<PeerAnswer> {
  const { request, context } = run;
  const steps: readonly Step[] = [...prepared.plan.steps, ...prepared.staticSteps];
  await preflight(run, steps);
  for (const { cluster, message } of prepared.plan.notes) {
    run.live.say(`warning: [${cluster}] ${message}`);
  }
  const planned = resultOf(run, prepared, plannedEdges(prepared, steps));
  if (request.dryRun && !request.manifestsOnly) return { result: planned, failure: undefined };
  run.live.say(renderPlan(planned, context.terminal.columns).trimEnd());
  await consent(steps, { yes: request.yes, ask: context.ask, stderr: context.stderr });
  if (request.manifestsOnly) {
    sayBootstrapLimits(run, prepared);
    return { result: manifestsOf(prepared), failure: undefined };
  }
  if (steps.length > 0) await requireStill(run, prepared, steps);
  const marks = await markLogs(run, prepared);
  const landed = await applyAll(run, prepared.plan.steps);
  const proven = await proveAll(run, prepared, { landed, marks });
  const edgesNow = await withStatic(run, prepared, proven);
  return settle(run, prepared, edgesNow);
}

async function requireStill(
  run: PeerRun,
  { facts, edges }: Prepared,
  steps: readonly Step[],
): Promise<void> {
  const holders = new Set(steps.map(({ cluster }) => cluster));
  const peers = new Set(edges.filter(({ holder }) => holders.has(holder)).map(({ peer }) => peer));
  const all = [...facts.sides.values()];
  await timed(run, "recheck", () =>
    requireFresh({
      holders: all.filter(({ cluster }) => holders.has(cluster)),
      peers: all.filter(({ cluster }) => peers.has(cluster)),
    }, {
      clusterOf: (name) => clusterIn(run, name),
      now: run.context.now,
      signal: run.context.signal,
    }));
}

/** Static entries come last: each restarts a server, and each edge is proven anew after it. */
async function withStatic(
  run: PeerRun,
  prepared: Prepared,
  edges: readonly PeerEdge[],
): Promise<readonly PeerEdge[]> {
  if (prepared.staticSteps.length === 0 || run.context.signal.aborted) return edges;
  const failures = await applyStatic(run, prepared.staticSteps);
  const again = await proveAll(run, prepared, { landed: new Map(), marks: new Map() });
  return again.map((edge): PeerEdge => {
    const failure = failures.get(edge.from);
    if (failure === undefined) return edge;
    const next = failure.remedy ?? null;
    return { ...edge, state: "applied", proof: null, reason: failure.message, next };
  });
}

function settle(run: PeerRun, prepared: Prepared, edges: readonly PeerEdge[]): PeerAnswer {
  const { signal } = run.context;
  const result = resultOf(run, prepared, [...edges, ...skippedEdges(run)]);
  if (signal.aborted) {
    const stopped: unknown = signal.reason;
    return { result, failure: stopped instanceof SpirefedError ? stopped.kind : "interrupted" };
  }
  const good = edges.every(({ state }) => state === "trusted");
  return { result, failure: good ? undefined : "partial" };
}

function resultOf(run: PeerRun, prepared: Prepared, edges: readonly PeerEdge[]): PeerResult {
  const { facts, plan, staticSteps } = prepared;
  return {
    kind: "PeerResult",
    clusters: [...facts.sides.values()].map((side) => clusterReport(side, prepared)),
    plan: [...plan.steps, ...staticSteps].map(plannedChange),
    edges,
    timings: Object.fromEntries(run.timings),
  };
}

function clusterReport(side: Side, { facts }: Prepared): PeerResult["clusters"][number] {
  const vouched = facts.vouched.get(side.cluster);
  const authorities = (vouched?.bundle ?? side.roots.bundle).x509Authorities;
  const newest = Math.max(...authorities.map(({ notAfter }) => notAfter.getTime()));
  return {
    name: side.cluster,
    server: side.server,
    trustDomain: side.trustDomain,
    version: side.version ?? null,
    endpoint: side.endpoint?.url ?? null,
    verified: vouched === undefined ? null : vouched.chain.length > 0 ? "endpoint" : "api",
    roots: authorities.length,
    newestExpires: new Date(newest).toISOString(),
    expiresInSeconds: Math.round((newest - facts.now.getTime()) / 1000),
  };
}

function plannedEdges({ edges }: Prepared, steps: readonly Step[]): readonly PeerEdge[] {
  return edges.map(({ holder, peer }) => {
    const planned = steps.some((step) => step.cluster === holder && step.peer === peer);
    return {
      from: holder,
      to: peer,
      state: planned ? "planned" : "declared",
      proof: null,
      reason: planned ? null : "declared already; a dry run proves nothing",
      next: null,
    };
  });
}

function skippedEdges({ request }: PeerRun): readonly PeerEdge[] {
  return request.skipped.map((name) => ({
    from: name,
    to: "*",
    state: "skipped",
    proof: null,
    reason: "left out by --skip",
    next: `oc spirefed peer ${[...request.names, name].join(" ")}`,
  }));
}

/** Objects in a repository are applied later, perhaps too late. */
function sayBootstrapLimits(run: PeerRun, { facts }: Prepared): void {
  for (const [cluster, { bundle }] of facts.vouched) {
    const note = bootstrapNote(bundle);
    if (note !== undefined) run.live.say(`note: [${cluster}] ${note}`);
  }
}

/** Every wanted object, whether it is there or not: a repository holds them all. */
function manifestsOf({ edges, facts }: Prepared): ManifestsResult {
  return {
    kind: "Manifests",
    items: edges.map(({ holder: holderName, peer: peerName }) => {
      const [holder, peer] = [facts.sides.get(holderName), facts.sides.get(peerName)];
      const vouched = facts.vouched.get(peerName);
      if (holder === undefined || peer?.endpoint === undefined || vouched === undefined) {
        throw new Error(`no facts of ${holderName} and ${peerName}`);
      }
      const { object } = wantedObject({ holder, peer, endpoint: peer.endpoint, vouched });
      const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata;
      return {
        ...object,
        metadata: { ...metadata, annotations: { "spirefed/cluster": holderName } },
      };
    }),
  };
}

/** Clusters without an endpoint get one first: what they would serve cannot be planned before. */
async function enableEndpoints(
  run: PeerRun,
  sides: readonly Side[],
  edges: readonly Edge[],
): Promise<{ sides: readonly Side[]; changed: boolean; answer?: PeerAnswer }> {
  const involved = new Set(edges.map(({ peer }) => peer));
  const steps = planEndpoints(sides.filter(({ cluster }) => involved.has(cluster)));
  if (steps.length === 0) return { sides, changed: false };
  const { request, context } = run;
  await preflight(run, steps);
  const planned: PeerResult = {
    kind: "PeerResult",
    clusters: [],
    plan: steps.map(plannedChange),
    edges: [],
    timings: Object.fromEntries(run.timings),
  };
  if (request.manifestsOnly) throw noEndpoint(steps.map(({ cluster }) => cluster));
  if (request.dryRun) {
    run.live.say("note: trust is planned once the endpoints are enabled");
    return { sides, changed: false, answer: { result: planned, failure: undefined } };
  }
  run.live.say(renderPlan(planned, context.terminal.columns).trimEnd());
  await consent(steps, { yes: request.yes, ask: context.ask, stderr: context.stderr });
  await timed(run, "endpoints", () => carryOutEndpoints(run, steps));
  return { sides: await inspectAll(run), changed: true };
}

function noEndpoint(names: readonly string[]): SpirefedError {
  return new SpirefedError(
    "preflight",
    `[${names.join("] [")}] no bundle endpoint to print objects for`,
    {
      code: "endpoint/disabled",
      remedy: `oc spirefed peer ${names.join(" ")} OTHER enables it after asking`,
    },
  );
}

async function carryOutEndpoints(
  run: PeerRun,
  steps: ReturnType<typeof planEndpoints>,
): Promise<void> {
  const { context } = run;
  let landed = 0;
  const outcomes = await sideBySide(steps, async (step) => {
    await applySteps([step], handsOf(run), ({ failure }) => {
      if (failure !== undefined) throw failure;
      landed += 1;
    });
    await waitForRollout(clusterIn(run, step.cluster), {
      trustDomains: [],
      now: context.now,
      sleep: context.sleep,
      waitingFor: (what) => run.live.waitingFor(what),
      signal: context.signal,
    });
  });
  run.live.clear();
  const failures = outcomes.flatMap((outcome) => outcome.ok ? [] : [outcome.error]);
  if (landed === 0) throwTogether(failures);
  if (failures.length === 0) return;
  throw new SpirefedError(
    "partial",
    `${failures.length} of ${steps.length} endpoints not enabled`,
    {
      all: failures,
      remedy: "run the same command again: it goes on from what stands",
    },
  );
}
