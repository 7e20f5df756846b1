/**
 * `peer`, from the first write to the last proof.
 *
 * @module
 */
import { EXIT_CODES, type SpirefedError } from "../../errors.ts";
import type { PeerEdge } from "../../output/change_result.ts";
import { applySteps, type StepResult } from "../../plan/apply.ts";
import { objectOf, type SpireServerStep, type Step } from "../../plan/plan.ts";
import { authenticateEndpoint } from "../authenticate_endpoint.ts";
import { rereadRoots } from "../collect.ts";
import type { Edge } from "../edge.ts";
import { handsOf, type Prepared } from "./prepare.ts";
import { clusterIn, type PeerRun, timed } from "./request.ts";
import { type Proof, proveEdge, rerun } from "../prove.ts";
import { waitForRollout } from "../rollout.ts";
import type { Vouched } from "../side.ts";
import { allSideBySide, sideBySide } from "../side_by_side.ts";
import { SPIRE_SERVER } from "../spire_server_cli.ts";

/** A proof mostly waits for others, so many go at once. */
const PROOFS_AT_ONCE = 24;

/** What came of the steps, by holder and peer. */
export type Landed = ReadonlyMap<string, readonly StepResult[]>;

/** Carries out steps, cluster by cluster side by side, and says what landed. */
export async function applyAll(run: PeerRun, steps: readonly Step[]): Promise<Landed> {
  return await timed(run, "apply", async () => {
    const results: StepResult[] = [];
    const byCluster = [...Map.groupBy(steps, ({ cluster }) => cluster).values()];
    const landed = (result: StepResult): void => {
      results.push(result);
      if (result.failure !== undefined) sayFailure(run, result);
    };
    await allSideBySide(byCluster, (own) => applySteps(own, handsOf(run), landed));
    return Map.groupBy(
      results,
      ({ step }) => keyOf({ holder: step.cluster, peer: step.peer ?? "" }),
    );
  });
}

/** Ctrl-C and `--timeout` are told once, in the end. */
function isStop(failure: SpirefedError | undefined): boolean {
  return (failure?.exitCode ?? 0) >= EXIT_CODES.timeout;
}

function sayFailure(run: PeerRun, { step, failure, attempted }: StepResult): void {
  if (isStop(failure)) return;
  run.live.say(
    attempted
      ? `error: ${failure?.message ?? ""}`
      : `warning: [${step.cluster}] ${objectOf(step)} was not attempted`,
  );
}

/** A name for an edge that no context's name can counterfeit. */
export function keyOf({ holder, peer }: Edge): string {
  return JSON.stringify([holder, peer]);
}

/** The latest line of each log that will have to prove something, before anything is written. */
export async function markLogs(
  run: PeerRun,
  { facts }: Prepared,
): Promise<ReadonlyMap<string, Date>> {
  const blind = [...facts.sides.values()].filter(({ allowed }) => !allowed.exec && allowed.logs);
  const marks = await sideBySide(blind, async ({ cluster }): Promise<readonly [string, Date]> => {
    const line = await clusterIn(run, cluster).logs(SPIRE_SERVER, {
      tailLines: 1,
      timestamps: true,
    });
    const at = new Date(line.slice(0, Math.max(0, line.indexOf(" "))));
    return [cluster, Number.isNaN(at.getTime()) ? run.context.now() : at];
  });
  return new Map(marks.flatMap((mark) => mark.ok ? [mark.value] : []));
}

/** Proves every direction, or says what stands of it. */
export async function proveAll(
  run: PeerRun,
  prepared: Prepared,
  { landed, marks }: { readonly landed: Landed; readonly marks: ReadonlyMap<string, Date> },
): Promise<readonly PeerEdge[]> {
  return await timed(run, "prove", async () => {
    const refetched = new Map<string, Promise<Vouched>>();
    let left = prepared.edges.length;
    const since = run.context.now();
    const outcomes = await sideBySide(prepared.edges, async (edge) => {
      const results = landed.get(keyOf(edge)) ?? [];
      const waiting = (reason = ""): void =>
        run.live.waitingFor(
          `proof of ${left} of ${prepared.edges.length} directions${
            reason && `, ${edge.holder} → ${edge.peer}: ${reason}`
          }`,
        );
      waiting();
      const proof = notWritten(edge, results) ?? await prove(run, edge, {
        prepared,
        mark: marks.get(edge.holder),
        written: results.length > 0,
        refetched,
        since,
        waiting,
      });
      left -= 1;
      return { from: edge.holder, to: edge.peer, ...proof };
    }, PROOFS_AT_ONCE);
    run.live.clear();
    return outcomes.map((outcome, at) =>
      outcome.ok ? outcome.value : afterFailure(prepared.edges[at], outcome.error)
    );
  });
}

async function prove(
  run: PeerRun,
  edge: Edge,
  { prepared, mark, written, refetched, since, waiting }: {
    readonly prepared: Prepared;
    readonly mark: Date | undefined;
    readonly written: boolean;
    readonly refetched: Map<string, Promise<Vouched>>;
    readonly since: Date;
    readonly waiting: (reason: string) => void;
  },
): Promise<Proof> {
  const { facts } = prepared;
  const [holder, peer] = [facts.sides.get(edge.holder), facts.sides.get(edge.peer)];
  const vouched = facts.vouched.get(edge.peer);
  if (holder === undefined || peer === undefined || vouched === undefined) {
    throw new Error(`no facts of ${keyOf(edge)}`);
  }
  run.context.signal.throwIfAborted();
  return await proveEdge(edge, {
    cluster: clusterIn(run, edge.holder),
    holder,
    peer,
    vouched,
    written,
    since,
    waiting,
    logMark: mark,
    refetch: () => {
      const again = refetched.get(edge.peer) ?? fetchAgain(run, prepared, edge.peer);
      refetched.set(edge.peer, again);
      return again;
    },
    now: run.context.now,
    sleep: run.context.sleep,
    signal: run.context.signal,
  });
}

async function fetchAgain(run: PeerRun, { facts }: Prepared, name: string): Promise<Vouched> {
  const side = facts.sides.get(name);
  if (side?.endpoint === undefined) throw new Error(`${name} has no endpoint`);
  const { context, request } = run;
  return await authenticateEndpoint({
    cluster: name,
    trustDomain: side.trustDomain,
    endpoint: side.endpoint,
    readRoots: async (again) =>
      (await rereadRoots(side, clusterIn(run, name), { ...context, doubted: again })).bundle,
    voucher: `${name}'s API`,
  }, { ...context, connectTo: request.connectTo });
}

/** A step that failed, or never ran, leaves nothing to prove. */
function notWritten(edge: Edge, results: readonly StepResult[]): Proof | undefined {
  const bad = results.find(({ failure }) => failure !== undefined);
  if (bad === undefined) return undefined;
  const created = bad.step.action === "create";
  if (bad.attempted && isStop(bad.failure)) {
    return {
      state: "failed",
      proof: null,
      reason: `${bad.failure?.message ?? ""} while it was written: it may stand, or not`,
      next: rerun(edge),
    };
  }
  return {
    state: !bad.attempted ? "not attempted" : created ? "missing" : "failed",
    proof: null,
    reason: bad.failure?.message ?? null,
    next: bad.failure?.remedy ?? rerun(edge),
  };
}

function afterFailure(edge: Edge | undefined, error: SpirefedError): PeerEdge {
  const { holder, peer } = edge ?? { holder: "", peer: "" };
  const stopped = error.exitCode >= EXIT_CODES.timeout;
  return {
    from: holder,
    to: peer,
    state: "applied",
    proof: null,
    reason: stopped ? `${error.message} before it was proven` : error.message,
    next: error.remedy ?? rerun({ holder, peer }),
  };
}

/** Writes the static lists, waits for each restart, and answers which clusters came through. */
export async function applyStatic(
  run: PeerRun,
  steps: readonly SpireServerStep[],
): Promise<ReadonlyMap<string, SpirefedError>> {
  const landed = await applyAll(run, steps);
  const failures = new Map<string, SpirefedError>();
  for (const { step, failure } of [...landed.values()].flat()) {
    if (failure !== undefined) failures.set(step.cluster, failure);
  }
  const written = steps.filter(({ cluster }) => !failures.has(cluster));
  await timed(run, "restart", async () => {
    const waits = await sideBySide(
      written,
      ({ cluster, federatesWith }) =>
        waitForRollout(clusterIn(run, cluster), {
          trustDomains: (federatesWith ?? []).map(({ trustDomain }) => trustDomain),
          now: run.context.now,
          sleep: run.context.sleep,
          waitingFor: (what) => run.live.waitingFor(what),
          signal: run.context.signal,
        }),
    );
    run.live.clear();
    for (const [at, wait] of waits.entries()) {
      const cluster = written[at]?.cluster;
      if (!wait.ok && cluster !== undefined) failures.set(cluster, wait.error);
    }
  });
  return failures;
}
