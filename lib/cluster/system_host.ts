/**
 * The machine itself, as {@linkcode ClusterHost} has it.
 *
 * @module
 */
import { joined, readUpTo } from "../bytes.ts";
import { SpirefedError } from "../errors.ts";
import type { CertificateHolder, ClusterHost, PluginCall, PluginOutput } from "./host.ts";

/** What the edge of the program gives: the rest is read from the process. */
export type HostParts = Pick<ClusterHost, "env" | "now" | "sleep" | "consent" | "opened">;

const FILE_LIMIT = 16 * 1024 * 1024;
const PLUGIN_OUTPUT_LIMIT = 1024 * 1024;

/** Builds the host of the running process. Reads nothing yet. */
export function systemHost(parts: HostParts): ClusterHost {
  return {
    ...parts,
    home: parts.env("HOME") || parts.env("USERPROFILE") || undefined,
    cwd: () => Deno.cwd(),
    readFile,
    realPath: (path) => Deno.realPath(path).catch(() => path),
    runPlugin,
    complaintAboutCertificate,
    stdinIsTerminal: () => Deno.stdin.isTerminal(),
    random: Math.random,
  };
}

async function readFile(path: string): Promise<Uint8Array | undefined> {
  try {
    // A device or a pipe has no size to ask for.
    const { readable } = await Deno.open(path);
    const tooMuch = () => new SpirefedError("usage", `${path} is over 16 MiB`);
    return await readUpTo(readable, FILE_LIMIT, tooMuch);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

/** `Deno.Command` adds to the real environment even where the program may not read it all. */
async function runPlugin(
  { command, args, env, interactive, signal }: PluginCall,
): Promise<PluginOutput> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, {
      args: [...args],
      env: { ...env },
      stdin: interactive ? "inherit" : "null",
      stdout: "piped",
      stderr: "inherit",
      signal,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { outcome: "missing" };
    throw error;
  }
  const stdout = await readAll(child.stdout, () => child.kill("SIGKILL"));
  const { code } = await child.status;
  signal.throwIfAborted();
  return { outcome: "exited", code, stdout };
}

async function complaintAboutCertificate(
  { hostname, port, ca }: CertificateHolder,
): Promise<string | undefined> {
  const connecting = Deno.connectTls({
    hostname,
    port,
    ...(ca === undefined ? {} : { caCerts: [ca] }),
  });
  // A server that has just shown a certificate does so again at once, or is not worth waiting for.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(() => resolve(), 5000));
  try {
    const handshake = connecting.then(async (connection) => {
      try {
        await connection.handshake();
      } finally {
        connection.close();
      }
    });
    handshake.catch(() => {});
    await Promise.race([handshake, late]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  kill: () => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > PLUGIN_OUTPUT_LIMIT) {
      kill();
      break;
    }
    chunks.push(chunk);
  }
  return joined(chunks);
}
