/**
 * The edge: the only file that knows it is a process. It builds the real
 * {@linkcode Context}, calls {@linkcode main} and exits.
 *
 * What is imported here statically is on the path of `--help`: no package and no
 * `node:` module.
 *
 * @module
 */
import { main } from "./commands/main.ts";
import type { ClusterHost } from "./lib/cluster/host.ts";
import type { Context, NewFile, Terminal } from "./lib/context.ts";
import { EXIT_CODES, SpirefedError } from "./lib/errors.ts";
import { programName } from "./lib/output/program_name.ts";
import { type Permissions, processPermissions } from "./lib/permissions.ts";

/** The most that is read of a file or of stdin. */
const FILE_LIMIT = 16 * 1024 * 1024;
/** The longest answer to a question. */
const ANSWER_LIMIT = 4096;

if (import.meta.main) {
  const trap = "NODE_TLS_REJECT_UNAUTHORIZED";
  if (Deno.env.get(trap) !== undefined) {
    write(Deno.stderr, `error: ${trap} is set: it can switch off every check of a certificate\n`);
    write(Deno.stderr, `  next: unset ${trap}\n`);
    Deno.exit(EXIT_CODES.usage);
  }
  const stop = new AbortController();
  stopOn("SIGINT", "interrupted", stop);
  if (Deno.build.os !== "windows") stopOn("SIGTERM", "terminated", stop);
  const code = await main(Deno.args, realContext(stop.signal));
  // The first answer from outside that is waited for lets the runtime keep the compiled
  // program for the next start. A timer would do as well, and cost as much as all of --help.
  await Deno.stat(".").catch(() => {});
  Deno.exit(code);
}

/** The first signal stops the work in order, the second one leaves at once. */
function stopOn(
  name: "SIGINT" | "SIGTERM",
  kind: "interrupted" | "terminated",
  stop: AbortController,
): void {
  Deno.addSignalListener(name, () => {
    if (stop.signal.aborted) Deno.exit(EXIT_CODES[kind]);
    stop.abort(new SpirefedError(kind, `Stopped by ${name}`));
  });
}

function realContext(signal: AbortSignal): Context {
  const env = (name: string): string | undefined => Deno.env.get(name);
  const now = (): Date => new Date();
  const ask = (question: string): Promise<string | undefined> => askAtTerminal(question, signal);
  const permissions = processPermissions();
  let host: Promise<ClusterHost> | undefined;
  const onlyHost = (): Promise<ClusterHost> => host ??= buildHost({ env, now, ask }, permissions);
  return {
    stdout: (text) => write(Deno.stdout, text),
    stderr: (text) => write(Deno.stderr, text),
    terminal: terminal(env),
    program: programName({
      called: env("SPIREFED_CALLED") ?? (Deno.build.standalone ? Deno.execPath() : Deno.mainModule),
      lastCommand: env("SPIREFED_STARTER") ?? env("_"),
    }),
    begin: (needs) => permissions.begin(needs),
    openCluster: async (name, access) => {
      const { openCluster } = await import("./lib/cluster/open_cluster.ts");
      return await openCluster(name, access, await onlyHost());
    },
    kubeContexts: async (access) => {
      const { kubeContexts } = await import("./lib/cluster/find_context.ts");
      return await kubeContexts(access, await onlyHost());
    },
    fetchBundle: async (request) => {
      const { fetchBundle } = await import("./lib/endpoint/fetch_bundle.ts");
      return await fetchBundle(request);
    },
    ask,
    readFile,
    createFile,
    env,
    now,
    sleep,
    repeat: (milliseconds, work) => {
      const timer = setInterval(work, milliseconds);
      return () => clearInterval(timer);
    },
    signal,
  };
}

async function buildHost(
  { env, now, ask }: Pick<Context, "env" | "now" | "ask">,
  permissions: Permissions,
): Promise<ClusterHost> {
  const { systemHost } = await import("./lib/cluster/system_host.ts");
  const consent = async (question: string): Promise<boolean | undefined> => {
    const answer = await ask(`${question} [y/N] `);
    return answer === undefined ? undefined : /^y(es)?$/i.test(answer);
  };
  return systemHost({
    env,
    now,
    sleep,
    consent,
    opened: (context) => permissions.opened(context),
  });
}

function terminal(env: Context["env"]): Terminal {
  const plain = env("TERM") === "dumb" || Boolean(env("CI"));
  const isTerminal = Deno.stdout.isTerminal();
  return {
    color: isTerminal && !plain && !Deno.noColor,
    live: Deno.stderr.isTerminal() && !plain,
    columns: isTerminal ? Deno.consoleSize().columns || 80 : 80,
  };
}

/** A reader that has seen enough (`| head`) is no reason to stop working. */
function write(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe || stream === Deno.stderr) return;
    throw new SpirefedError("preflight", "The answer cannot be written to standard output", {
      code: "output/unwritable",
      cause: error,
      remedy: "make room where it goes, and run it again",
    });
  }
}

/** Deno's own prompt() and confirm() write on stdout, which is for results. */
async function askAtTerminal(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return undefined;
  signal.throwIfAborted();
  write(Deno.stderr, question);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([readLine(), stopped]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** One line; `undefined` at the end of input (Ctrl-D) and for a line that is too long. */
async function readLine(): Promise<string | undefined> {
  const buffer = new Uint8Array(ANSWER_LIMIT);
  let length = 0;
  while (length < buffer.length) {
    const read = await Deno.stdin.read(buffer.subarray(length));
    if (read === null || read === 0) return undefined;
    length += read;
    if (buffer[length - 1] === 0x0a) {
      return new TextDecoder().decode(buffer.subarray(0, length)).trim();
    }
  }
  return undefined;
}

/** A new file, and only a new one: whoever left a link there beforehand is not followed. */
async function createFile(path: string): Promise<NewFile> {
  const unwritable = (cause: unknown): never => {
    throw new SpirefedError("preflight", `${path} cannot be written`, {
      code: "file/unwritable",
      cause,
      remedy: "make room there, or give another --out",
    });
  };
  try {
    const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
    return {
      write: (bytes) => writeWhole(file, bytes).catch(unwritable),
      keep: async () => {
        await file.syncData().catch(unwritable);
        file.close();
      },
      discard: async () => {
        file.close();
        await Deno.remove(path).catch(() => {});
      },
    };
  } catch (cause) {
    const exists = cause instanceof Deno.errors.AlreadyExists;
    throw new SpirefedError(
      "preflight",
      exists ? `${path} is there already: it is not written over` : `${path} cannot be made`,
      {
        code: exists ? "file/exists" : "file/unwritable",
        remedy: "give another --out",
        ...(exists ? {} : { cause }),
      },
    );
  }
}

/** A disk that is nearly full takes a part and says so by a number only. */
async function writeWhole(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

async function readFile(path: string): Promise<Uint8Array> {
  const shown = path === "-" ? "Standard input" : path;
  const { readUpTo } = await import("./lib/bytes.ts");
  try {
    const stream = path === "-" ? Deno.stdin.readable : (await Deno.open(path)).readable;
    return await readUpTo(
      stream,
      FILE_LIMIT,
      () => new SpirefedError("usage", `${shown} is over 16 MiB`),
    );
  } catch (error) {
    if (error instanceof SpirefedError) throw error;
    throw new SpirefedError("usage", `${shown} cannot be read`, { cause: error });
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const onAbort = (): void => reject(signal.reason);
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", onAbort);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  });
}
