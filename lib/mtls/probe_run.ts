/**
 * Carries a trial out: makes its objects, watches its pods, reads what the probes say,
 * and takes everything away again.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { CLUSTER_SPIFFE_IDS } from "../../manifests/cluster_spiffe_id.ts";
import { EVENTS } from "../../manifests/event.ts";
import { nameOf } from "../../manifests/manifest.ts";
import { type Pod, PODS } from "../../manifests/pod.ts";
import { isAdmitted, ROUTES } from "../../manifests/route.ts";
import { clearAway } from "./clear_away.ts";
import type { EntryFacts, PodFacts, RouteFacts, TrialFacts } from "./facts.ts";
import { planTrial, type SidePlan } from "./probe_plan.ts";
import { readTranscript } from "./transcript.ts";
import { callerRolesOf, namespaceOf, type Role, rolesOf, subjectOf, type Trial } from "./trial.ts";

/** The most that a trial may take, whatever happens in it; further calls have time of their own. */
const LIMIT_MS = 120_000;
const LIMIT_OF_CALL_MS = 250;
const LOOK_EVERY_MS = 700;
/** A pod that says nothing for so long has a reason, which its events tell. */
const SILENCE_MS = 25_000;

/** What a trial is carried out with. */
export interface TrialTools {
  readonly clusterOf: (name: string) => Cluster;
  /** The same cluster for cleaning up, when everything else was stopped. */
  readonly openToRemove: (name: string) => Promise<Cluster>;
  readonly program: string;
  readonly keep: boolean;
  readonly say: (line: string) => void;
  readonly waitingFor: (what: string) => void;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Runs one trial.
 *
 * @throws {SpirefedError} the signal's reason, after everything was taken away.
 */
export async function runTrial(trial: Trial, tools: TrialTools): Promise<TrialFacts> {
  tools.signal.throwIfAborted();
  if (!canBeMade(trial)) return nothingSeen(trial);
  const plan = planTrial(trial, tools.program);
  let isWhole = false;
  let stage = "its objects to be made";
  try {
    const failures = (await bothEnded(plan.map((side) => make(side, tools)))).flat();
    tools.signal.throwIfAborted();
    if (failures.length > 0) return { ...nothingSeen(trial), failures };
    const facts = await watch(trial, tools, (now) => stage = now);
    isWhole = true;
    return facts;
  } finally {
    if (!tools.keep) await clearAway(plan, { trial, tools, isWhole, stage });
  }
}

/** Whether there is anything to try; what there is to say of a server without is known already. */
export function canBeMade({ existing }: Trial): boolean {
  return existing === undefined || (existing.ids.length > 0 && existing.way !== undefined);
}

function nothingSeen(trial: Trial): TrialFacts {
  return {
    trial,
    pods: new Map(),
    route: undefined,
    entries: new Map(),
    failures: [],
    clockSkewMs: undefined,
  };
}

/** Nothing may still be on its way when cleaning up begins. */
async function bothEnded<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

/** In their order, since all lie in the first; what fails ends this side. */
async function make(
  { cluster: name, manifests }: SidePlan,
  { clusterOf, signal }: TrialTools,
): Promise<TrialFacts["failures"]> {
  const cluster = clusterOf(name);
  for (const manifest of manifests) {
    signal.throwIfAborted();
    try {
      await cluster.create(manifest);
    } catch (error) {
      if (!(error instanceof SpirefedError) || signal.aborted) throw error;
      const message = error.message.startsWith("[")
        ? error.message
        : `[${name}] ${nameOf(manifest)}: ${error.message}`;
      return [{ message, remedy: error.remedy }];
    }
  }
  return [];
}

/** Looks until every caller is done, or nothing more is to be expected. */
async function watch(
  trial: Trial,
  tools: TrialTools,
  enter: (stage: string) => void,
): Promise<TrialFacts> {
  const started = tools.now().getTime();
  const limit = LIMIT_MS + trial.repeat * LIMIT_OF_CALL_MS;
  const pods = new Map<Role, PodFacts>();
  for (;;) {
    const passed = tools.now().getTime() - started;
    await Promise.all(
      rolesOf(trial).map(async (role) => {
        pods.set(
          role,
          await look(role, { trial, tools, silent: passed > SILENCE_MS }, pods.get(role)),
        );
      }),
    );
    if (isOver(pods, trial) || passed > limit) break;
    const stage = stageOf(pods);
    enter(stage);
    tools.waitingFor(`${subjectOf(trial)}: ${stage}`);
    await tools.sleep(LOOK_EVERY_MS, tools.signal);
  }
  // What the server said last may have come after it was asked.
  if (trial.existing === undefined) {
    const looking = { trial, tools, silent: false };
    pods.set("server", await look("server", looking, pods.get("server")));
  }
  return {
    ...nothingSeen(trial),
    pods,
    route: await readRoute(trial, tools),
    entries: await readEntries(trial, tools),
    clockSkewMs: skewBetween(trial, tools),
  };
}

function isOver(pods: ReadonlyMap<Role, PodFacts>, trial: Trial): boolean {
  const all = [...pods.values()];
  const ended = (pod: PodFacts | undefined): boolean =>
    pod !== undefined && (/^(Succeeded|Failed)$/.test(pod.phase) ||
      pod.records.some(({ event }) => event === "done" || event === "gave-up"));
  if (callerRolesOf(trial).every((role) => ended(pods.get(role)))) return true;
  if (ended(pods.get("server"))) return true;
  return all.some(({ waiting, events, records }) =>
    records.length === 0 &&
    (/^(ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainerError)$/.test(
      waiting?.reason ?? "",
    ) || events.some(({ reason }) => reason === "FailedMount"))
  );
}

function stageOf(pods: ReadonlyMap<Role, PodFacts>): string {
  const has = (event: string): boolean =>
    [...pods.values()].every(({ records }) => records.some((record) => record.event === event));
  if (!has("started")) return "the probes to start";
  if (!has("identity")) return "their SVIDs";
  return pods.has("visitor") ? "the visits" : "the calls, and an SVID to expire";
}

async function look(
  role: Role,
  { trial, tools, silent }: {
    readonly trial: Trial;
    readonly tools: TrialTools;
    readonly silent: boolean;
  },
  before: PodFacts | undefined,
): Promise<PodFacts> {
  const namespace = namespaceOf(trial);
  const name = role === "server" ? trial.server.cluster : trial.caller.cluster;
  const cluster = tools.clusterOf(name);
  try {
    const pod = await cluster.get(PODS, role, { namespace });
    const facts = podFacts(name, pod, before);
    if (/^(Running|Succeeded|Failed)$/.test(facts.phase)) {
      const log = await cluster.logs({ namespace, pod: role, container: "probe" });
      return { ...facts, records: readTranscript(log) };
    }
    return silent ? { ...facts, events: await readEvents(cluster, namespace, role) } : facts;
  } catch (error) {
    // A log that cannot be read for a moment is no reason to stop.
    if (!(error instanceof SpirefedError) || tools.signal.aborted) throw error;
    const message = { reason: "", message: error.message };
    return { ...before ?? podFacts(name, undefined, undefined), waiting: message };
  }
}

function podFacts(cluster: string, pod: Pod | undefined, before: PodFacts | undefined): PodFacts {
  const waiting = pod?.status.containerStatuses[0]?.state.waiting;
  const scheduled = pod?.status.conditions.find(({ type }) => type === "PodScheduled");
  return {
    cluster,
    phase: pod?.status.phase ?? "",
    waiting: waiting === undefined
      ? undefined
      : { reason: waiting.reason, message: waiting.message },
    unscheduled: scheduled?.status === "False" ? scheduled.message : undefined,
    events: before?.events ?? [],
    records: before?.records ?? [],
  };
}

async function readEvents(
  cluster: Cluster,
  namespace: string,
  pod: string,
): Promise<PodFacts["events"]> {
  try {
    const { items } = await cluster.list(EVENTS, { namespace });
    return items
      .filter(({ involvedObject, type }) => involvedObject.name === pod && type === "Warning")
      .map(({ reason, message }) => ({ reason, message }));
  } catch (error) {
    if (error instanceof SpirefedError) return [];
    throw error;
  }
}

async function readRoute(
  trial: Trial,
  { clusterOf, signal }: TrialTools,
): Promise<RouteFacts | undefined> {
  if (trial.existing !== undefined) return undefined;
  try {
    const cluster = clusterOf(trial.server.cluster);
    const route = await cluster.get(ROUTES, "server", { namespace: namespaceOf(trial) });
    if (route === undefined) return undefined;
    const refusal = (route.status?.ingress ?? []).flatMap(({ conditions }) => conditions)
      .find(({ type, status }) => type === "Admitted" && status === "False");
    return {
      admitted: isAdmitted(route),
      reason: refusal && `${refusal.reason ?? ""} ${refusal.message ?? ""}`.trim(),
      host: route.spec.host,
      termination: route.spec.tls?.termination ?? "",
    };
  } catch (error) {
    if (error instanceof SpirefedError && !signal.aborted) return undefined;
    throw error;
  }
}

/** What SPIRE took and refused; a controller tells it in the status of its objects. */
async function readEntries(
  trial: Trial,
  { clusterOf, signal }: TrialTools,
): Promise<ReadonlyMap<string, EntryFacts>> {
  const names = trial.existing === undefined
    ? ["server", "caller", "stranger", "expiring", "unfederated"]
    : ["visitor"];
  const found = await Promise.all(names.map(async (role) => {
    const name = `${namespaceOf(trial)}-${role}`;
    const side = role === "server" ? trial.server : trial.caller;
    try {
      const object = await clusterOf(side.cluster).get(CLUSTER_SPIFFE_IDS, name);
      const stats = object?.status?.stats;
      if (stats === undefined) return [];
      const { entriesToSet, entryFailures: failed } = stats;
      return [[name, { made: entriesToSet - failed, failed }] as const];
    } catch (error) {
      if (error instanceof SpirefedError && !signal.aborted) return [];
      throw error;
    }
  }));
  return new Map(found.flat());
}

function skewBetween({ server, caller }: Trial, { clusterOf }: TrialTools): number | undefined {
  const [a, b] = [server, caller].map(({ cluster }) => clusterOf(cluster).server.clock());
  if (a === undefined || b === undefined) return undefined;
  const ahead = ({ server, local }: NonNullable<typeof a>): number =>
    server.getTime() - local.getTime();
  return Math.abs(ahead(a) - ahead(b));
}
