/**
 * A way through a proxy: CONNECT over http and https, or SOCKS5.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import tls from "node:tls";

/** What went wrong on the way to or at the proxy; never holds its password. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";

  constructor(message: string, readonly status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Where to get to, and how long to try. */
export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a TCP connection to the target through a proxy.
 *
 * @throws {ProxyError} if the proxy cannot be reached or does not let through.
 */
export async function openTunnel(proxy: URL, target: TunnelTarget): Promise<net.Socket> {
  const socket = await reach(proxy, target.signal);
  const abort = (): void => void socket.destroy();
  target.signal.addEventListener("abort", abort, { once: true });
  try {
    await (proxy.protocol.startsWith("socks") ? greetSocks : greetHttp)(socket, proxy, target);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    target.signal.removeEventListener("abort", abort);
  }
}

const DEFAULT_PORTS = new Map([["http:", 80], ["https:", 443], ["socks5:", 1080]]);

function reach(proxy: URL, signal: AbortSignal): Promise<net.Socket> {
  const host = proxy.hostname.replace(/^\[|\]$/g, "");
  const port = Number(proxy.port) || (DEFAULT_PORTS.get(proxy.protocol) ?? 1080);
  const isTls = proxy.protocol === "https:";
  return new Promise((resolve, reject) => {
    const socket = isTls
      ? tls.connect({
        host,
        port,
        servername: net.isIP(host) === 0 ? host : "",
        ca: tls.getCACertificates("system"),
        rejectUnauthorized: true, // said explicitly: the environment can switch the default off
        ALPNProtocols: ["http/1.1"],
      })
      : net.connect({ host, port });
    const fail = (cause?: unknown): void => {
      socket.destroy();
      reject(new ProxyError(`cannot reach proxy ${proxy.host}`, undefined, cause));
    };
    socket.once(isTls ? "secureConnect" : "connect", () => {
      signal.removeEventListener("abort", fail);
      socket.off("error", fail);
      // Whoever uses the socket next listens too; without this, a late error would end the process.
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("error", fail);
    signal.addEventListener("abort", fail, { once: true });
    if (signal.aborted) fail();
  });
}

async function greetHttp(socket: net.Socket, proxy: URL, target: TunnelTarget): Promise<void> {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  const authority = `${host}:${target.port}`;
  const secret = proxy.username === ""
    ? ""
    : `Proxy-Authorization: Basic ${
      Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`)
        .toString("base64")
    }\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${secret}\r\n`);
  const head = await read(socket, (bytes) => {
    const end = bytes.indexOf("\r\n\r\n");
    return end < 0 ? undefined : end + 4;
  });
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.toString("latin1"))?.[1] ?? Number.NaN);
  if (status === 200) return;
  throw Number.isNaN(status)
    ? new ProxyError(`proxy ${proxy.host} does not speak HTTP`)
    : new ProxyError(`proxy ${proxy.host} answered ${status}`, status);
}

/** RFC 1928, with the name resolved by the proxy; RFC 1929 for a password. */
async function greetSocks(socket: net.Socket, proxy: URL, target: TunnelTarget): Promise<void> {
  const refuse = (why: string): never => {
    throw new ProxyError(`proxy ${proxy.host} ${why}`);
  };
  const hasUser = proxy.username !== "";
  socket.write(Uint8Array.from(hasUser ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await read(socket, () => 2);
  if (version !== 5) refuse("does not speak SOCKS5");
  if (method === 2 && hasUser) {
    const user = Buffer.from(decodeURIComponent(proxy.username));
    const password = Buffer.from(decodeURIComponent(proxy.password));
    socket.write(Uint8Array.from([1, user.length, ...user, password.length, ...password]));
    const [, refused] = await read(socket, () => 2);
    if (refused !== 0) refuse("refused the user and password");
  } else if (method !== 0) refuse("wants another way to authenticate");
  const host = Buffer.from(target.host);
  const port = [target.port >> 8, target.port & 255];
  socket.write(Uint8Array.from([5, 1, 0, 3, host.length, ...host, ...port]));
  const answer = await read(socket, socksAnswerLength);
  if (answer[1] !== 0) refuse(`could not connect to the API server (SOCKS5 reply ${answer[1]})`);
}

function socksAnswerLength(bytes: Buffer): number | undefined {
  const [, , , kind, first] = bytes;
  if (kind === undefined || first === undefined) return undefined;
  return kind === 1 ? 10 : kind === 4 ? 22 : 7 + first;
}

const ANSWER_LIMIT = 16 * 1024;

/** Reads exactly as many bytes as the answer has; what comes after stays in the socket. */
function read(
  socket: net.Socket,
  lengthOf: (bytes: Buffer) => number | undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const end = (error: ProxyError | undefined, length = 0): void => {
      socket.pause();
      socket.off("data", take).off("close", closed);
      if (error) return reject(error);
      if (bytes.length > length) socket.unshift(bytes.subarray(length));
      resolve(bytes.subarray(0, length));
    };
    const closed = (): void => end(new ProxyError("the proxy closed the connection"));
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const length = lengthOf(bytes);
      if (length !== undefined && bytes.length >= length) end(undefined, length);
      else if (bytes.length > ANSWER_LIMIT) end(new ProxyError("the proxy's answer is too long"));
    };
    socket.on("data", take).once("close", closed);
    socket.resume();
  });
}
