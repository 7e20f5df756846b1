/**
 * The probe as it runs in a pod, run here: the bundled program, by Node.js, with its
 * orders in a file and its identity from a Workload API on a socket.
 *
 * @module
 */
import type { Orders, ProbeRecord } from "../lib/mtls/records.ts";
import { bundleProbe } from "../tools/probe.ts";
import { type TestAnswer, workloadApi } from "./testing_workload_api.ts";

/** A probe that runs until it is disposed of. */
export interface RunningProbe extends AsyncDisposable {
  readonly records: readonly ProbeRecord[];
  /** The first record that passes, now or later. */
  readonly until: <T extends ProbeRecord>(test: (record: ProbeRecord) => record is T) => Promise<T>;
  /** All that it says until it ends by itself. */
  readonly ended: Promise<readonly ProbeRecord[]>;
}

/** Whether there is a Node.js to run it with; tests that need one say so when they pass it over. */
export async function nodeVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return undefined;
  }
}

/** A folder with the program in it, until it is disposed of. */
export interface Bench extends AsyncDisposable {
  readonly folder: string;
}

let bundled: Promise<string> | undefined;

/** Sets one up. */
export async function bench(): Promise<Bench> {
  const folder = await Deno.makeTempDir({ prefix: "probe-" });
  await Deno.writeTextFile(`${folder}/probe.mjs`, await (bundled ??= bundleProbe()));
  return {
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Starts a probe. */
export async function startProbe(
  { folder }: Bench,
  orders: Orders,
  answer: TestAnswer,
): Promise<RunningProbe> {
  const api = await workloadApi(folder, answer);
  const file = `${folder}/${crypto.randomUUID()}.json`;
  await Deno.writeTextFile(file, JSON.stringify(orders));
  const child = new Deno.Command("node", {
    args: [`${folder}/probe.mjs`, file, api.address],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const records: ProbeRecord[] = [];
  const listeners = new Set<() => void>();
  const tell = (): void => [...listeners].forEach((listener) => listener());
  let over = false;
  const ended = readLines(child.stdout, (line) => {
    records.push(JSON.parse(line));
    tell();
  }).then(() => {
    over = true;
    tell();
    return records;
  });
  return {
    records,
    ended,
    until: (test) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = records.find(test);
          if (found === undefined && !over) return;
          listeners.delete(look);
          if (found !== undefined) return resolve(found);
          reject(new Error(`the probe ended: ${JSON.stringify(records)}`));
        };
        listeners.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      if (!over) child.kill("SIGTERM");
      await ended;
      await child.status;
      await api[Symbol.asyncDispose]();
    },
  };
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  }
}
