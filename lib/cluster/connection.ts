/**
 * Connections to one API server over node:https: a fresh one per request, since
 * Deno's node:https ignores aborts on a reused socket and may send a request twice
 * (denoland/deno#36786).
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Agent, RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { readUpTo } from "../bytes.ts";
import type { Headers } from "./impersonation.ts";
import { CutError, TooLargeError } from "./network_failure.ts";

/** How to reach and to recognise a server. */
export interface ServerAddress {
  /** Ends in a slash. */
  readonly base: URL;
  readonly proxy: URL | undefined;
  readonly tls: TlsSettings;
}

/** Whom to believe, and who we are. */
export interface TlsSettings {
  /** PEM; these alone vouch. Absent: the trust store of the operating system. */
  readonly ca: string | undefined;
  readonly servername: string | undefined;
  /** Only when the kubeconfig says `insecure-skip-tls-verify`. */
  readonly insecure: boolean;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** One request. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: string | undefined;
  /** Ends the request, also while its answer is being read. */
  readonly signal: AbortSignal;
}

/** What node:https and `ws` need to connect to the server. */
export async function connectOptions(
  { base, proxy, tls: settings }: ServerAddress,
  signal: AbortSignal,
): Promise<RequestOptions> {
  const { default: tls } = await import("node:tls");
  const { checkTlsMaterial } = await import("./tls_material.ts");
  await checkTlsMaterial(settings);
  const tlsOptions = {
    ca: settings.ca ?? systemRoots(tls.getCACertificates("system")),
    // Always said: without it NODE_TLS_REJECT_UNAUTHORIZED=0 would switch checking off.
    rejectUnauthorized: !settings.insecure,
    minVersion: "TLSv1.2" as const,
    ...(settings.servername !== undefined && { servername: settings.servername }),
    ...(settings.certificate !== undefined && { cert: settings.certificate, key: settings.key }),
  };
  if (base.protocol === "http:") {
    const { default: http } = await import("node:http");
    const agent = new http.Agent({ keepAlive: false });
    if (proxy !== undefined) tunnelled(agent as unknown as Agent, { proxy, signal });
    return { agent: agent as unknown as Agent };
  }
  const { default: https } = await import("node:https");
  const agent = new https.Agent({ keepAlive: false, ...tlsOptions });
  if (proxy !== undefined) tunnelled(agent, { proxy, signal, tlsOptions });
  return { agent, ...tlsOptions };
}

/** With an empty list the runtime's own roots would silently stand in. */
function systemRoots(roots: readonly string[]): string[] {
  if (roots.length > 0) return [...roots];
  throw Object.assign(new Error("this machine's trust store holds no certificate"), {
    code: "ERR_TLS_NO_SYSTEM_ROOTS",
  });
}

/** Sends a request; answers when the headers are there. */
export async function send(
  address: ServerAddress,
  { method, url, headers, body, signal }: WireRequest,
): Promise<IncomingMessage> {
  const options = await connectOptions(address, signal);
  const { request } = url.protocol === "http:"
    ? await import("node:http")
    : await import("node:https");
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, {
      ...options,
      method,
      headers: { ...headers, ...(body !== undefined && { "content-length": byteLength(body) }) },
    });
    const abort = (): void => {
      reject(signal.reason);
      outgoing.destroy();
    };
    signal.addEventListener("abort", abort, { once: true });
    outgoing.once("response", (response) => {
      signal.removeEventListener("abort", abort);
      resolve(response);
    });
    outgoing.on("error", (error) => {
      signal.removeEventListener("abort", abort);
      reject(signal.aborted ? signal.reason : error);
    });
    outgoing.end(body);
  });
}

/**
 * The pieces of an answer's body as they come.
 *
 * @throws {CutError} if it ends too early, the signal's reason if that is aborted.
 */
export async function* chunks(
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const abort = (): void => void response.destroy();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
    signal.throwIfAborted();
    if (!response.complete) throw new CutError();
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof CutError ? error : new CutError();
  } finally {
    signal.removeEventListener("abort", abort);
    response.destroy();
  }
}

/**
 * A whole body, at most `limit` bytes of it.
 *
 * @throws {TooLargeError} before more than that was read.
 */
export async function readBody(
  response: IncomingMessage,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  if (Number(response.headers["content-length"] ?? 0) > limit) {
    response.destroy();
    throw new TooLargeError(limit);
  }
  return await readUpTo(chunks(response, signal), limit, () => new TooLargeError(limit));
}

/** Lower-case hex SHA-256 of the certificate the server showed; absent on plain http. */
export function leafFingerprint({ socket }: IncomingMessage): string | undefined {
  const certificate = (socket as Partial<TLSSocket>).getPeerCertificate?.();
  return certificate?.fingerprint256?.replaceAll(":", "").toLowerCase();
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Has an agent reach its servers through a proxy. */
function tunnelled(
  agent: Agent,
  { proxy, signal, tlsOptions }: {
    readonly proxy: URL;
    readonly signal: AbortSignal;
    readonly tlsOptions?: ConnectionOptions;
  },
): void {
  const connect = (
    { host, port }: { readonly host: string; readonly port: number },
    done: (error: Error | null, socket?: Duplex) => void,
  ): void => {
    void (async () => {
      const [{ openTunnel }, { default: tls }, { isIP }] = await Promise.all([
        import("./proxy_tunnel.ts"),
        import("node:tls"),
        import("node:net"),
      ]);
      const socket = await openTunnel(proxy, { host, port: Number(port), signal });
      if (tlsOptions === undefined) return done(null, socket);
      // On a ready-made socket nothing derives the name: SNI and the identity check need both.
      const servername = tlsOptions.servername ?? (isIP(host) === 0 ? host : "");
      const secure = tls.connect({ ...tlsOptions, socket, host, servername });
      secure.once("secureConnect", () => done(null, secure));
      secure.once("error", done);
    })().catch(done);
  };
  agent.createConnection = connect as unknown as typeof agent.createConnection;
}
