/**
 * The suite on several sets of clusters side by side. Much of a test's time is spent waiting for
 * what SPIRE does every ten seconds, and others can work meanwhile.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { SpirefedError } from "../../lib/errors.ts";
import { CACHE, HERE, PLUGIN } from "./paths.ts";
import { must, run, say } from "./process.ts";

/** A set of clusters that takes one test file after the other. */
export interface Lane {
  /** The run's name, see `RUN_NAME`. */
  readonly name: string;
  readonly clusters: number;
}

/** The lanes of the suite: `SPIREFED_E2E_LANES`, or three. */
export function lanes(): readonly Lane[] {
  return lanesIn(Deno.env.get("SPIREFED_E2E_LANES") ?? "one:3,two:2,three:2");
}

/** Whose turn it is to use these lanes. */
export function lanesTurn(): string {
  return ["suite", ...lanes().map(({ name }) => name)].join("-");
}

/**
 * Reads names with their numbers of clusters, `one:3,two:2`.
 *
 * @throws {SpirefedError} `usage`, naming the part that is none.
 */
export function lanesIn(text: string): readonly Lane[] {
  return text.split(",").map((lane) => {
    const [, name, clusters] = /^([a-z]+):([1-9])$/.exec(lane) ?? [];
    if (name !== undefined) return { name, clusters: Number(clusters) };
    throw new SpirefedError("usage", `SPIREFED_E2E_LANES: "${lane}" is no lane`, {
      remedy: "a name and a number of clusters, as in one:3,two:2",
    });
  });
}

/** Files that need more than two clusters, with how many. */
const WIDE: Readonly<Record<string, number>> = { "mesh_test.ts": 3 };

/** Files that take long, about the longest first: begun late, they would be waited for. */
const LONG: readonly string[] = [
  "test_mtls_test.ts",
  "killed_halfway_test.ts",
  "round_trip_test.ts",
  "test_mtls_workloads_test.ts",
  "status_test.ts",
  "contract_test.ts",
  "peer_test.ts",
  "fault_test.ts",
  "unpeer_test.ts",
  "spire_lifecycle_test.ts",
];

/** What became of a file. */
interface Result {
  readonly file: string;
  readonly lane: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** The order in which files are taken: those that few lanes can run, then the long ones. */
export function inOrder(files: readonly string[]): readonly string[] {
  const rank = (file: string): number => {
    const at = LONG.indexOf(basename(file));
    return basename(file) in WIDE ? -1 : at < 0 ? LONG.length : at;
  };
  return files.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Takes the first file of the queue that the lane has clusters enough for. */
export function takeFor(lane: Lane, queue: string[]): string | undefined {
  const at = queue.findIndex((file) => (WIDE[basename(file)] ?? 0) <= lane.clusters);
  return at < 0 ? undefined : queue.splice(at, 1)[0];
}

/** All test files of the suite. */
export async function allFiles(): Promise<readonly string[]> {
  const found = [];
  for (const folder of [HERE, OUTSIDE]) {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith("_test.ts")) found.push(join(folder, name));
    }
  }
  return found;
}

/** Tests of the harness itself, which stay outside of its networks. */
const OUTSIDE = join(HERE, "outside");

/** Brings all lanes up, runs the files on them, and answers the suite's exit code. */
export async function runOnLanes(
  files: readonly string[],
  options: readonly string[],
): Promise<number> {
  const began = Date.now();
  await must([Deno.execPath(), "check", "--quiet", ...files]);
  const queue = [...inOrder(files)];
  const results: Result[] = [];
  const ended = await Promise.allSettled(
    lanes().map(async (lane) => {
      let file = takeFor(lane, queue);
      if (file !== undefined) await bringLaneUp(lane);
      for (; file !== undefined; file = takeFor(lane, queue)) {
        results.push(await runFile(file, lane, options));
      }
    }),
  );
  summarise(results, Date.now() - began);
  for (const file of queue) say(`  NOT RUN  no lane has clusters enough for ${basename(file)}`);
  for (const lane of ended) if (lane.status === "rejected") throw lane.reason;
  return results.length === files.length && results.every(({ passed }) => passed) ? 0 : 1;
}

/** Takes all lanes down, one after the other, whatever is up of them. */
export async function takeLanesDown(): Promise<void> {
  const failures: unknown[] = [];
  // What stays of one lane is no reason to leave the next one up.
  for (const lane of lanes()) await harness(lane, "down").catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function bringLaneUp(lane: Lane): Promise<void> {
  const began = Date.now();
  await harness(lane, "up");
  say(`${lane.name}: ${lane.clusters} clusters are up after ${secondsSince(began)} s`);
}

/** The harness on one lane; what it says is shown if it fails. */
async function harness(lane: Lane, word: "up" | "down"): Promise<void> {
  const main = join(HERE, "main.ts");
  const command = [Deno.execPath(), "run", "--no-prompt", "--allow-all", main, word] as const;
  const { code, stdout, stderr } = await run(command, { env: environment(lane) });
  if (code === 0) return;
  throw new SpirefedError("unhealthy", `The clusters of lane ${lane.name} did not go ${word}`, {
    cause: new Error(`${stdout}${stderr}`.trim()),
  });
}

async function runFile(file: string, lane: Lane, options: readonly string[]): Promise<Result> {
  const began = Date.now();
  const enter = dirname(file) === OUTSIDE ? [] : [join(CACHE, `run-${lane.name}`, "enter")];
  // The types of all files were checked at once, in a tenth of the time.
  const test = [...enter, Deno.execPath(), "test", "--no-check", "--no-prompt", "--allow-all"];
  const words = options.map((option) => ownReport(option, file));
  const program = Deno.env.get("SPIREFED_E2E_PROGRAM") ?? basename(PLUGIN);
  // In the order in which it was said, and in one piece: two files speak at once.
  const { code, stdout } = await run(
    ["sh", "-c", 'exec "$@" 2>&1', "sh", ...test, ...words, file],
    {
      env: { SPIREFED_E2E_PROGRAM: program, ...environment(lane) },
    },
  );
  say(`\n${lane.name}: ${basename(file)}\n${stdout.trim()}`);
  return { file, lane: lane.name, passed: code === 0, seconds: secondsSince(began) };
}

/** A report belongs to one file: `--junit-path=end-to-end.xml` becomes `…/end-to-end-peer.xml`. */
export function ownReport(option: string, file: string): string {
  const path = /^--junit-path=(.*)\.xml$/.exec(option)?.[1];
  return path === undefined
    ? option
    : `--junit-path=${path}-${basename(file, "_test.ts").replaceAll("_", "-")}.xml`;
}

function environment({ name, clusters }: Lane): Record<string, string> {
  return { SPIREFED_E2E_RUN: name, SPIREFED_E2E_CLUSTERS: String(clusters) };
}

function summarise(results: readonly Result[], milliseconds: number): void {
  say(`\nThe suite on ${lanes().length} lanes:`);
  for (const { file, lane, passed, seconds } of results) {
    const outcome = passed ? "ok    " : "FAILED";
    say(`  ${outcome}  ${String(seconds).padStart(4)} s  ${lane}  ${basename(file)}`);
  }
  say(`in ${Math.round(milliseconds / 1000)} s, the lanes' way up included`);
}

function secondsSince(began: number): number {
  return Math.round((Date.now() - began) / 1000);
}
