/**
 * TCP to a pinned address, and TLS over it. Only node:tls: it alone cannot be
 * talked out of checking the handshake's signature by a flag or a variable that
 * this program never sees.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { SpirefedError } from "../errors.ts";
import type { EndpointUrl, PinnedAddress } from "./address.ts";
import { type EndpointLimits, seconds } from "./limits.ts";
import { within } from "./patience.ts";

/** What both kinds of connection need to know. */
export interface ConnectOptions {
  readonly url: EndpointUrl;
  readonly limits: EndpointLimits;
  readonly signal: AbortSignal;
}

/** A TCP connection, and the address at its other end. */
export interface Connected {
  readonly socket: net.Socket;
  /** `address:port`, an IPv6 address in brackets. */
  readonly address: string;
}

/** A refused connection: worth another try, since a restarting server refuses for a moment. */
export class TemporaryFailure extends SpirefedError {}

/**
 * Connects to the first of the addresses that answers.
 *
 * @throws {TemporaryFailure} `preflight` with code `net/refused`.
 * @throws {SpirefedError} `preflight` with another `net/*` code.
 */
export async function connectTcp(
  addresses: readonly PinnedAddress[],
  options: ConnectOptions,
): Promise<Connected> {
  let failure: unknown;
  for (const { address, port } of addresses) {
    try {
      return {
        socket: await connectOne({ address, port }, options),
        address: `${address.includes(":") ? `[${address}]` : address}:${port}`,
      };
    } catch (error) {
      options.signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

async function connectOne(
  { address, port }: PinnedAddress,
  { url, limits, signal }: ConnectOptions,
): Promise<net.Socket> {
  const socket = net.connect({ host: address, port });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  try {
    await within(connected, {
      milliseconds: limits.connectMs,
      signal,
      late: () => unreachable(url, `no connection within ${seconds(limits.connectMs)}`, "timeout"),
      stop: () => socket.destroy(),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof SpirefedError ? error : explainTcp(url, error);
  }
  // A connection that breaks is noticed by whoever reads it; alone it must not end the program.
  socket.on("error", () => {});
  return socket;
}

/**
 * Whom a handshake believes. `rejectUnauthorized` is always written out, since
 * `NODE_TLS_REJECT_UNAUTHORIZED=0` in the environment would decide it otherwise.
 */
export type HandshakeTrust =
  | {
    readonly rejectUnauthorized: true;
    /** PEM; nothing else vouches. */
    readonly ca: readonly string[];
    readonly checkServerIdentity?: (host: string, leaf: tls.PeerCertificate) => Error | undefined;
  }
  | { readonly rejectUnauthorized: false };

/** Speaks TLS over a connection, which is destroyed when that fails. Rejects with what went wrong. */
export async function handshake(
  tcp: net.Socket,
  trust: HandshakeTrust,
  { url, limits, signal }: ConnectOptions,
): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    ...trust,
    // Without a list the system's roots would be read, which needs a permission.
    ca: trust.rejectUnauthorized ? [...trust.ca] : [],
    socket: tcp,
    host: url.host,
    servername: net.isIP(url.host) ? "" : url.host,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
  });
  const secured = new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  await within(secured, {
    milliseconds: limits.handshakeMs,
    signal,
    late: () =>
      unreachable(url, `TLS handshake timed out after ${seconds(limits.handshakeMs)}`, "timeout"),
    stop: () => {
      socket.destroy();
      tcp.destroy();
    },
  });
  socket.on("error", () => {});
  return socket;
}

/** DER of the certificates that the peer sent, leaf first; at most ten are looked at. */
export function chainOf(leaf: tls.PeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let next: PeerCertificateInChain | undefined = leaf;
  while (next?.raw && chain.length < 10) {
    chain.push(new Uint8Array(next.raw));
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

type PeerCertificateInChain = tls.PeerCertificate & {
  readonly issuerCertificate?: PeerCertificateInChain | undefined;
};

function explainTcp(url: EndpointUrl, error: unknown): SpirefedError {
  const code = codeOf(error);
  if (code === "ECONNREFUSED") {
    return new TemporaryFailure("preflight", `${url.shown}: connection refused`, {
      code: "net/refused",
      cause: error,
      remedy: "Check that the route exists and that its router is reached from here",
    });
  }
  if (code === "ECONNRESET") return unreachable(url, "connection reset", "reset", error);
  if (code === "ETIMEDOUT") return unreachable(url, "connection timed out", "timeout", error);
  return unreachable(url, "cannot connect", "unreachable", error);
}

function unreachable(
  url: EndpointUrl,
  what: string,
  code: "timeout" | "reset" | "unreachable",
  cause?: unknown,
): SpirefedError {
  return new SpirefedError("preflight", `${url.shown}: ${what}`, {
    code: `net/${code}`,
    cause,
    remedy: "Check firewalls and routing between here and the endpoint; " +
      "--connect-to can lead through a tunnel",
  });
}

/** The `code` of an error from node, e.g. `ECONNRESET`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
