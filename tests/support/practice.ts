/**
 * Whole command lines over a World in memory: no network, no waiting, real certificates.
 *
 * @module
 */
import type { Cluster } from "../../lib/cluster/cluster.ts";
import type { Context, NewFile } from "../../lib/context.ts";
import { SpirefedError } from "../../lib/errors.ts";
import { isWrite, type RecordedCall } from "../../sandbox/calls.ts";
import { Clockwork } from "../../sandbox/clockwork.ts";
import { type Fault, FaultSchedule } from "../../sandbox/faults.ts";
import { type ClusterPlan, healthyWorld } from "../../sandbox/healthy.ts";
import { WorldCluster } from "../../sandbox/in_memory.ts";
import { inMemoryFetch } from "../../sandbox/in_memory_endpoint.ts";
import { KeyRing } from "../../sandbox/mint.ts";
import type { World } from "../../sandbox/model.ts";
import { Mount } from "../../sandbox/mount.ts";
import { VirtualTime } from "../../sandbox/virtual_time.ts";
import type { EventAnswer, WorldEvent } from "../../sandbox/world.ts";

/** The World's time at the beginning of each practice. */
export const START = new Date("2026-03-02T09:00:00Z");

/** What a patch on a healthy World works with. */
export interface Workshop {
  readonly mount: Mount;
  readonly ring: KeyRing;
  readonly clockwork: Clockwork;
}

/** Makes something ill, or otherwise special. */
export type WorldPatch = (workshop: Workshop) => void | Promise<void>;

/** What a practice is made from. */
export interface PracticeOptions {
  /** @default {["east", "west"]} */
  readonly clusters?: readonly (string | ClusterPlan)[];
  readonly faults?: readonly Fault[];
  readonly patch?: WorldPatch | readonly WorldPatch[];
  /** What a person says to each question, in turn; `undefined` when there is nobody. */
  readonly answers?: readonly (string | undefined)[];
  /** Contexts beside those named like the clusters: `{ "east-again": "east" }`. */
  readonly contexts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Files that `readFile` knows, by path; `-` is stdin. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly terminal?: Partial<Context["terminal"]>;
}

/** A context that keeps what it was told. */
export interface PracticeContext extends Context {
  /** What went to stdout, and to stderr, in order. */
  readonly out: string[];
  readonly err: string[];
  /** The questions that were asked. */
  readonly questions: readonly string[];
  /** Files that were made, by path. */
  readonly made: Map<string, Uint8Array>;
}

/** A World, a context over it, and what there is to ask about afterwards. */
export interface Practice extends Workshop {
  /** As it is now. */
  readonly world: World;
  readonly context: PracticeContext;
  /** Every call to a cluster or an endpoint, in order. */
  readonly calls: RecordedCall[];
  /** Opens a cluster without counting, and without faults. */
  readonly cluster: (name: string) => Cluster;
  /** Lets something happen. */
  readonly dispatch: (event: WorldEvent) => EventAnswer;
  /** Lets time pass, for everybody. */
  readonly tick: (milliseconds: number) => Promise<void>;
  /** How often clusters were written to, dry-runs not counted. */
  readonly writes: (cluster?: string) => number;
  /** How often was fetched from endpoints. */
  readonly fetches: (cluster?: string) => number;
  readonly dryRuns: (cluster?: string) => number;
  /** Aborts the context's signal, as Ctrl-C does. */
  readonly interrupt: () => void;
}

/** Makes a World of healthy clusters, patched, and a context over it. */
export async function practice(options: PracticeOptions = {}): Promise<Practice> {
  const { clusters = ["east", "west"], faults = [], patch = [] } = options;
  const { world: healthy, ring } = await healthyOnce(clusters);
  const mount = new Mount(healthy);
  const clockwork = new Clockwork(mount, ring);
  const workshop = { mount, ring, clockwork };
  for (const each of typeof patch === "function" ? [patch] : patch) await each(workshop);
  const calls: RecordedCall[] = [];
  const stop = new AbortController();
  const schedule = new FaultSchedule(faults);
  const time = new VirtualTime(clockwork);
  const count = (test: (call: RecordedCall) => boolean) => (cluster?: string): number =>
    calls.filter((call) => test(call) && (cluster ?? call.cluster) === call.cluster).length;
  return {
    ...workshop,
    get world() {
      return mount.world;
    },
    context: contextOver({ ...workshop, options, calls, schedule, time, signal: stop.signal }),
    calls,
    cluster: (name) => new WorldCluster({ name, cluster: clusterOf(name, options), mount }),
    dispatch: (event) => mount.dispatch(event),
    tick: (milliseconds) => clockwork.advance(milliseconds),
    writes: count(isWrite),
    fetches: count(({ verb }) => verb === "fetch"),
    dryRuns: count(({ dryRun }) => dryRun),
    interrupt: () => stop.abort(new SpirefedError("interrupted", "Stopped by SIGINT")),
  };
}

/** All that a run said, on stderr and then on stdout. */
export function told({ context }: Practice): string {
  return context.err.join("") + context.out.join("");
}

const minted = new Map<string, Promise<{ readonly world: World; readonly ring: KeyRing }>>();

/** Keys take long to make and a World never changes: the same clusters are made once. */
async function healthyOnce(
  clusters: readonly (string | ClusterPlan)[],
): Promise<{ readonly world: World; readonly ring: KeyRing }> {
  const key = JSON.stringify(clusters);
  const ring = new KeyRing();
  const making = minted.get(key) ??
    healthyWorld(clusters, { now: START.getTime(), ring }).then((world) => ({ world, ring }));
  minted.set(key, making);
  return await making;
}

interface Parts extends Workshop {
  readonly options: PracticeOptions;
  readonly calls: RecordedCall[];
  readonly schedule: FaultSchedule;
  readonly time: VirtualTime;
  readonly signal: AbortSignal;
}

function contextOver(
  { mount, options, calls, schedule: faults, time, signal }: Parts,
): PracticeContext {
  const [out, err, questions] = [[] as string[], [] as string[], [] as string[]];
  const answers = [...options.answers ?? []];
  const made = new Map<string, Uint8Array>();
  const delay = (milliseconds: number): Promise<void> =>
    milliseconds > 0 ? time.sleep(milliseconds, signal) : Promise.resolve();
  return {
    out,
    err,
    questions,
    made,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    terminal: { color: false, live: false, columns: 80, ...options.terminal },
    program: "oc spirefed",
    openCluster: (name, access) => {
      const cluster = clusterOf(name, options);
      if (!mount.world.clusters.has(cluster)) return Promise.reject(noContext(name));
      const open = access.signal;
      return Promise.resolve(
        new WorldCluster({ name, cluster, mount, signal: open, faults, calls, sleep: delay }),
      );
    },
    kubeContexts: () => {
      const names = [...mount.world.clusters.keys(), ...Object.keys(options.contexts ?? {})];
      return Promise.resolve({ names, current: names[0] });
    },
    fetchBundle: inMemoryFetch({ mount, faults, calls, sleep: delay }),
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(answers.shift());
    },
    readFile: async (path) => made.get(path) ?? await readFile(path, options),
    createFile: (path) => createFile(path, made, options),
    env: (name) => options.env?.[name],
    now: () => new Date(mount.now),
    sleep: (milliseconds, until) => time.sleep(milliseconds, until),
    signal,
  };
}

function clusterOf(context: string, { contexts = {} }: PracticeOptions): string {
  return contexts[context] ?? context;
}

function noContext(name: string): SpirefedError {
  return new SpirefedError("usage", `No context "${name}"`, { code: "context/missing" });
}

function createFile(
  path: string,
  made: Map<string, Uint8Array>,
  { files = {} }: PracticeOptions,
): Promise<NewFile> {
  if (made.has(path) || path in files) {
    return Promise.reject(
      new SpirefedError("preflight", `${path} is there already`, { code: "file/exists" }),
    );
  }
  made.set(path, new Uint8Array());
  return Promise.resolve({
    write: (bytes) => Promise.resolve(void made.set(path, bytes)),
    keep: () => Promise.resolve(),
    discard: () => Promise.resolve(void made.delete(path)),
  });
}

function readFile(path: string, { files = {} }: PracticeOptions): Promise<Uint8Array> {
  const content = files[path];
  if (content === undefined) {
    return Promise.reject(
      new SpirefedError("usage", `Cannot read ${path}`, { code: "file/missing" }),
    );
  }
  return Promise.resolve(typeof content === "string" ? new TextEncoder().encode(content) : content);
}
