/**
 * `test-mtls`: a real call across with SVIDs, and the calls that must fail.
 *
 * look → plan → show → make → call → judge → take away.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { ClusterAccess, Context } from "../context.ts";
import { type FailureKind, SpirefedError } from "../errors.ts";
import { inspect } from "../federation/inspect.ts";
import { allSideBySide, sideBySide } from "../federation/side_by_side.ts";
import type { Side } from "../federation/side.ts";
import { SpireServerCli } from "../federation/spire_server_cli.ts";
import type { SpiffeId } from "../spiffe/model.ts";
import { trustDomainOf } from "../spiffe/mod.ts";
import { LiveLine } from "../output/live_line.ts";
import type { MtlsReportResult } from "../output/result.ts";
import { renderMtlsPlan } from "../output/text/mtls_report.ts";
import type { TrialFacts } from "./facts.ts";
import { type ExistingRequest, lookAtExisting } from "./existing.ts";
import { requirePermissions } from "./permissions.ts";
import { planTrial } from "./probe_plan.ts";
import { probeProgram } from "./probe_program.ts";
import { canBeMade, runTrial } from "./probe_run.ts";
import { reportOf } from "./report.ts";
import type { Trial, TrialSide } from "./trial.ts";
import { subjectOf } from "./trial.ts";
import { judgeTrial } from "./verdict.ts";

/** Four pods each: more at a time would be a load of their own. */
const TRIALS_AT_ONCE = 6;

/** What is asked for. */
export interface MtlsRequest {
  /** The server's cluster first; of more than two, every pair. */
  readonly names: readonly string[];
  readonly both: boolean;
  readonly image: string;
  readonly repeat: number;
  readonly keep: boolean;
  readonly dryRun: boolean;
  /** Servers that run already, in place of ones that are made. */
  readonly existing: ExistingRequest | undefined;
  readonly access: ClusterAccess;
}

/** What it answers. */
export interface MtlsAnswer {
  readonly result: MtlsReportResult;
  readonly failure: FailureKind | undefined;
}

/**
 * Tests every direction that is asked for.
 *
 * @throws {SpirefedError} `preflight` or `refused` while nothing has been written.
 */
export async function testMtls(request: MtlsRequest, context: Context): Promise<MtlsAnswer> {
  const live = new LiveLine(context);
  try {
    const started = context.now().getTime();
    const clusters = await open(request, context);
    const sides = await lookAtAll(clusters, context);
    const trials = await withExisting(trialsOf(request, sides), { request, clusters, context });
    await requirePermissions(trials, clusters);
    const lines = plannedLines(trials);
    if (lines.length > 0) live.say(renderMtlsPlan(lines, context.terminal.columns).trimEnd());
    const looked = context.now().getTime();
    if (request.dryRun) return dryRun(trials, clusters);
    const facts = await runAll(trials, { request, context, clusters, live });
    const timings = { look: looked - started, test: context.now().getTime() - looked };
    const findings = facts.flatMap((each) => judgeTrial(each));
    const result = reportOf(facts, findings, timings);
    const isGood = result.directions.every(({ passed, breaches }) =>
      passed && breaches.length === 0
    );
    return { result, failure: isGood ? undefined : "unhealthy" };
  } finally {
    live.clear();
  }
}

type Clusters = ReadonlyMap<string, Cluster>;

async function open({ names, access }: MtlsRequest, context: Context): Promise<Clusters> {
  return new Map(
    await allSideBySide(
      names,
      async (name) => [name, await context.openCluster(name, access)] as const,
    ),
  );
}

async function lookAtAll(clusters: Clusters, context: Context): Promise<readonly Side[]> {
  const sides = await allSideBySide(
    [...clusters.values()],
    (cluster) => inspect(cluster, { now: context.now, signal: context.signal }),
  );
  for (const side of sides) {
    const twin = sides.find((other) =>
      other !== side &&
      (other.identity === side.identity || other.trustDomain === side.trustDomain)
    );
    if (twin === undefined) continue;
    throw new SpirefedError(
      "usage",
      `${side.cluster} and ${twin.cluster} are one cluster, or of one trust domain`,
      { remedy: "name clusters of different trust domains" },
    );
  }
  return await Promise.all(sides.map((side) => side));
}

/** Every pair once, the earlier one as server; with `both`, and the other way round. */
function trialsOf(
  { names, both, image, repeat }: MtlsRequest,
  sides: readonly Side[],
): readonly Trial[] {
  const run = crypto.randomUUID().slice(0, 8);
  const pairs = names.flatMap((server, at) =>
    names.slice(at + 1).map((caller) => [server, caller])
  );
  const directions = pairs.flatMap(([a = "", b = ""]) => both ? [[a, b], [b, a]] : [[a, b]]);
  const find = (name: string): Side => {
    const side = sides.find(({ cluster }) => cluster === name);
    if (side === undefined) throw new Error(`no facts of ${name}`);
    return side;
  };
  return directions.map(([server = "", caller = ""], number): Trial => ({
    run,
    number: number + 1,
    server: sideOf(find(server)),
    caller: sideOf(find(caller)),
    image,
    repeat,
  }));
}

/** Looks at the servers that run already, once each. */
async function withExisting(
  trials: readonly Trial[],
  { request: { existing: request }, clusters, context }: {
    readonly request: MtlsRequest;
    readonly clusters: Clusters;
    readonly context: Context;
  },
): Promise<readonly Trial[]> {
  if (request === undefined) return trials;
  const servers = new Map(trials.map(({ server }) => [server.cluster, server]));
  const looked = new Map(
    await allSideBySide([...servers.values()], async ({ cluster, trustDomain }) => {
      const opened = clusters.get(cluster);
      if (opened === undefined) throw new Error(`${cluster} was not opened`);
      const { signal } = context;
      return [cluster, await lookAtExisting(opened, { request, trustDomain, signal })] as const;
    }),
  );
  return trials.map((trial) => {
    requireOwnId(request.callerId, trial.caller);
    return { ...trial, existing: looked.get(trial.server.cluster) };
  });
}

/** No SPIRE server gives an ID of another trust domain. */
function requireOwnId(id: SpiffeId | undefined, { cluster, trustDomain }: TrialSide): void {
  if (id === undefined || trustDomainOf(id) === trustDomain) return;
  throw new SpirefedError(
    "usage",
    `--caller-id ${id} is not of ${trustDomain}, the trust domain of ${cluster}`,
    { remedy: `--caller-id spiffe://${trustDomain}/…` },
  );
}

function sideOf({ cluster, trustDomain, className, ingressDomain }: Side): TrialSide {
  return {
    cluster,
    trustDomain,
    className,
    ingressDomain: ingressDomain ?? trustDomain,
    storesPeer: undefined,
  };
}

function plannedLines(trials: readonly Trial[]): readonly { subject: string; objects: string }[] {
  return trials.filter(canBeMade).flatMap((trial) =>
    planTrial(trial, "")
      .filter(({ manifests }) => manifests.length > 0)
      .map(({ cluster, manifests }) => ({
        subject: `${subjectOf(trial)}, in ${cluster}`,
        objects: manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(", ") +
          (trial.existing?.callerId === undefined ? "" : `; its ID is ${trial.existing.callerId}`),
      }))
  );
}

/** The servers try what does not lie in a namespace that is not there yet. */
async function dryRun(trials: readonly Trial[], clusters: Clusters): Promise<MtlsAnswer> {
  for (const trial of trials.filter(canBeMade)) {
    for (const { cluster, manifests } of planTrial(trial, "")) {
      for (const manifest of manifests) {
        if (manifest.metadata.namespace !== undefined) continue;
        await clusters.get(cluster)?.create(manifest, { dryRun: true });
      }
    }
  }
  return { result: reportOf([], [], {}), failure: undefined };
}

async function runAll(
  trials: readonly Trial[],
  { request, context, clusters, live }: {
    readonly request: MtlsRequest;
    readonly context: Context;
    readonly clusters: Clusters;
    readonly live: LiveLine;
  },
): Promise<readonly TrialFacts[]> {
  const program = probeProgram();
  const clusterOf = (name: string): Cluster => {
    const cluster = clusters.get(name);
    if (cluster === undefined) throw new Error(`${name} was not opened`);
    return cluster;
  };
  let waitedFor = "the objects to be made";
  const outcomes = await sideBySide(
    trials,
    async (trial) =>
      await runTrial(await withStored(trial, clusterOf, context.signal), {
        clusterOf,
        // Ctrl-C ends the test, not the cleaning up after it.
        openToRemove: (name) =>
          context.openCluster(name, { ...request.access, signal: new AbortController().signal }),
        program,
        keep: request.keep,
        say: (line) => live.say(line),
        waitingFor: (what) => {
          if (!context.signal.aborted) waitedFor = what;
          live.waitingFor(what);
        },
        now: context.now,
        sleep: context.sleep,
        signal: context.signal,
      }),
    TRIALS_AT_ONCE,
  );
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw naming(waitedFor, outcome.error);
    return outcome.value;
  });
}

/** A command that ran out of time says what it waited for. */
function naming(waitedFor: string, error: SpirefedError): SpirefedError {
  if (error.kind !== "timeout") return error;
  const { message, remedy } = error;
  return new SpirefedError("timeout", `${message}: it waited for ${waitedFor}`, { remedy });
}

/** Whether each side stores the other's bundle, where that may be asked. */
async function withStored(
  trial: Trial,
  clusterOf: (name: string) => Cluster,
  signal: AbortSignal,
): Promise<Trial> {
  const ask = async (side: TrialSide, peer: TrialSide): Promise<TrialSide> => {
    try {
      const cli = new SpireServerCli(clusterOf(side.cluster), signal);
      const stored = await cli.storedBundle(peer.trustDomain);
      return { ...side, storesPeer: stored !== undefined };
    } catch (error) {
      if (!(error instanceof SpirefedError) || signal.aborted) throw error;
      return side;
    }
  };
  const { server, caller } = trial;
  const [asServer, asCaller] = await Promise.all([ask(server, caller), ask(caller, server)]);
  return { ...trial, server: asServer, caller: asCaller };
}
