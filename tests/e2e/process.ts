/**
 * Running programs: to their end, or in the background with a log.
 *
 * @module
 */
import { SpirefedError } from "../../lib/errors.ts";

/** What a program that ended left behind. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

/** Runs a program to its end, whatever its exit code. */
export async function run(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env, stdin }: RunOptions = {},
): Promise<Finished> {
  if (closing) throw interrupted();
  const child = new Deno.Command(program, {
    args,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...env } }),
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  running.add(child);
  const output = child.output();
  if (stdin !== undefined) await feed(child.stdin, stdin);
  const { code, stdout, stderr } = await output.finally(() => running.delete(child));
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** A program that does not want its input is free to leave. */
async function feed(stream: WritableStream<Uint8Array>, bytes: string | Uint8Array): Promise<void> {
  const writer = stream.getWriter();
  try {
    await writer.write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    await writer.close();
  } catch {
    await writer.abort().catch(() => {});
  }
}

/** Runs a program that has to succeed, and answers its stdout. */
export async function must(
  command: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, options);
  if (code === 0) return stdout;
  throw new SpirefedError("unhealthy", `${command.join(" ").slice(0, 300)}: exit code ${code}`, {
    cause: new Error((stderr || stdout).trim().slice(-2000)),
  });
}

/** A program in the background; the start time keeps a recycled process id from being taken for it. */
export interface Daemon {
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot. */
  readonly started: string;
}

let closing = false;
const running = new Set<Deno.ChildProcess>();

/** Ends what this program waits for, and waits until `work` has noticed and given up. */
export async function abandon(work: Promise<unknown>): Promise<void> {
  closing = true;
  for (const child of running) child.kill("SIGKILL");
  await work.catch(() => {});
  closing = false;
}

function interrupted(): SpirefedError {
  return new SpirefedError("interrupted", "Interrupted");
}

/** Runs a program on this program's own terminal, and answers its exit code. */
export async function runInFront(
  [program, ...args]: readonly [string, ...string[]],
): Promise<number> {
  if (closing) throw interrupted();
  const child = new Deno.Command(program, { args }).spawn();
  running.add(child);
  const { code } = await child.status.finally(() => running.delete(child));
  return code;
}

// Whatever else is open here, a lock for instance, must not live as long as the daemon does.
const DETACH = `log=$1; shift
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
setsid "$@" >>"$log" 2>&1 </dev/null &
echo $!`;

/** Starts a program in a session of its own, which outlives this one; its output goes to `log`. */
export async function start(
  command: readonly [string, ...string[]],
  log: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Daemon> {
  const pid = Number(await must(["sh", "-c", DETACH, "sh", log, ...command], { env }));
  return { pid, started: await startTime(pid) ?? "" };
}

/** When a process started, or `undefined` when it is gone. */
export async function startTime(pid: number): Promise<string | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => undefined);
  // The second field is the name in parentheses, which may hold spaces.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || fields[0] === "Z" ? undefined : fields[19];
}

/** Whether it is still the process that was started. */
export async function isAlive({ pid, started }: Daemon): Promise<boolean> {
  return await startTime(pid) === started;
}

/** Ends it, and waits until it is gone. */
export async function stop(daemon: Daemon, signal: Deno.Signal = "SIGKILL"): Promise<void> {
  if (!await isAlive(daemon)) return;
  try {
    Deno.kill(daemon.pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await until(`process ${daemon.pid} to end`, async () => !await isAlive(daemon), 10);
}

/** A wait ends as soon as it can, so a machine that is slow or busy may have more than it needs. */
const PATIENCE = 3;

/** Between two questions, in milliseconds. */
const PAUSE = { least: 150, most: 1000 };

/** How much longer than a question the pause after it is. */
const REST = 4;

/**
 * Asks again until the answer is true, or something else that is not empty: for so many
 * seconds on a machine that has nothing else to do, and three times as long on any other.
 * A question that costs much is asked less often, since other tests are at work meanwhile.
 *
 * @throws {SpirefedError} `unhealthy`, naming what was waited for.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  seconds = 60,
): Promise<T> {
  const deadline = Date.now() + seconds * PATIENCE * 1000;
  let last: unknown;
  for (;;) {
    const asked = Date.now();
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new SpirefedError("unhealthy", `Waited ${seconds * PATIENCE} s for ${what}`, {
        cause: last,
      });
    }
    const pause = Math.min(Math.max(REST * (Date.now() - asked), PAUSE.least), PAUSE.most);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Talk goes to stderr. */
export function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
