/**
 * Servers on loopback for the tests of this folder, good and bad ones, and a
 * request that reaches them by `--connect-to`.
 *
 * @module
 */
import http from "node:http";
import https from "node:https";
import net from "node:net";
import type { EndpointProfile, EndpointRequest } from "./endpoint.ts";
import { chainPem, type Issued, NOW } from "./testing_certificates.ts";

/** A server that is listening, until it is disposed of. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** How many connections have been accepted. */
  readonly connections: () => number;
}

/** The trust domain, host and endpoint ID that the servers stand for. */
export const TRUST_DOMAIN = "east.example";
export const HOST = "federation.apps.east.example";
export const ENDPOINT_ID = `spiffe://${TRUST_DOMAIN}/spire/server`;

/** An endpoint's answer, when nothing is wrong. */
export const serveBundle: http.RequestListener = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json", date: NOW.toUTCString() });
  response.end('{"keys":[]}');
};

/** A TLS server that shows a certificate. */
export function serveTls(
  shown: Issued | { readonly cert: string; readonly key: string },
  listener: http.RequestListener = serveBundle,
): Promise<TestServer> {
  const identity = "cert" in shown ? shown : { cert: chainPem(shown), key: shown.keyPem };
  return listen(https.createServer({ ...identity, keepAlive: false }, listener));
}

/** A server of plain TCP. */
export function serveTcp(accept: (socket: net.Socket) => void): Promise<TestServer> {
  return listen(net.createServer((socket) => {
    socket.on("error", () => {});
    accept(socket);
  }));
}

/** A port on which nobody listens: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = await serveTcp(() => {});
  await server[Symbol.asyncDispose]();
  return server.port;
}

/** Asks for the endpoint, at a port of this machine. */
export function requestTo(
  port: number,
  profile: EndpointProfile,
  overrides: Partial<EndpointRequest> = {},
): EndpointRequest {
  return {
    url: `https://${HOST}`,
    profile,
    connectTo: [{ host: HOST, port: "443", toHost: "127.0.0.1", toPort: String(port) }],
    now: NOW,
    signal: new AbortController().signal,
    ...overrides,
  };
}

/** https_spiffe with one authority, or several. */
export function underRoots(...roots: readonly Issued[]): EndpointProfile {
  return {
    type: "https_spiffe",
    endpointSPIFFEID: ENDPOINT_ID,
    authorities: roots.map(({ der }) => der),
  };
}

async function listen(server: net.Server): Promise<TestServer> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  server.on("connection", (socket: net.Socket) => {
    connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    connections: () => connections,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
