/**
 * Times two command lines against each other, as whole processes.
 *
 * @module
 */

/** A command line, and the environment that it has beside PATH and HOME. */
export interface Subject {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What is timed against what. */
export interface Pair {
  readonly name: string;
  readonly ours: Subject;
  readonly theirs: Subject;
  /** What `theirs` is, for a reader. */
  readonly against: string;
  /** The ratio that is wanted, at most. */
  readonly goal: number;
  readonly rounds: number;
  /** Brings everything back to where it was, before each run; not timed. */
  readonly reset?: (() => Promise<void>) | undefined;
  /** The exit code of ours. @default {0} */
  readonly code?: number;
}

/** Milliseconds, and the largest resident set in MiB. */
export interface Measured {
  readonly pair: Pair;
  readonly ours: number;
  readonly theirs: number;
  /** Median of the ratios of neighbours in time. */
  readonly ratio: number;
  /** Half of the ratios lie between these. */
  readonly middle: readonly [number, number];
  readonly memory: { readonly ours: number | undefined; readonly theirs: number | undefined };
}

/** Runs a pair in turns, the first of each round changing; two rounds warm up. */
export async function measure(pair: Pair): Promise<Measured> {
  const times: { readonly ours: number; readonly theirs: number }[] = [];
  for (let round = -2; round < pair.rounds; round++) {
    const order = round % 2 === 0 ? ["ours", "theirs"] as const : ["theirs", "ours"] as const;
    const spent = { ours: 0, theirs: 0 };
    for (const side of order) {
      await pair.reset?.();
      spent[side] = await time(pair[side], side === "ours" ? pair.code ?? 0 : 0);
    }
    if (round >= 0) times.push(spent);
  }
  const ratios = times.map(({ ours, theirs }) => ours / theirs).sort((a, b) => a - b);
  await pair.reset?.();
  const ours = await memory(pair.ours);
  await pair.reset?.();
  const theirs = await memory(pair.theirs);
  return {
    pair,
    ours: median(times.map((one) => one.ours)),
    theirs: median(times.map((one) => one.theirs)),
    ratio: median(ratios),
    middle: [
      ratios[Math.floor(ratios.length / 4)] ?? NaN,
      ratios.at(-1 - Math.floor(ratios.length / 4)) ?? NaN,
    ],
    memory: { ours, theirs },
  };
}

async function time(subject: Subject, code: number): Promise<number> {
  const before = performance.now();
  const status = await start(subject.argv, subject.env);
  const spent = performance.now() - before;
  if (status.code !== code) {
    throw new Error(`${subject.argv.join(" ")} ended with ${status.code}:\n${status.err}`);
  }
  return spent;
}

async function start(
  [command = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly err: string }> {
  const { code, stderr } = await new Deno.Command(command, {
    args,
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
  }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

/** The peak of the largest process, as GNU time tells it; nothing where there is none. */
async function memory({ argv, env }: Subject): Promise<number | undefined> {
  const tool = "/usr/bin/time";
  if (!await Deno.stat(tool).then(() => true, () => false)) return undefined;
  const { err } = await start([tool, "-f", "peak=%M", ...argv], env);
  const [, peak] = /^peak=(\d+)$/m.exec(err) ?? [];
  return peak === undefined ? undefined : Number(peak) / 1024;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = sorted.length >> 1;
  const upper = sorted[at] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[at - 1] ?? NaN)) / 2;
}
