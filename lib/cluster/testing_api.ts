/**
 * A scripted HTTPS server for the tests of this folder: it knows nothing of
 * Kubernetes and answers what a test tells it to.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
// @ts-types="@types/ws"
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { type TestAuthority, testAuthority } from "./testing_certificates.ts";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  /** Path and query as sent, still encoded. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly servername: string | false | undefined;
  readonly clientName: string | undefined;
}

/** An answer to a request; a function may do with the connection what it likes. */
export type Scripted =
  | {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    readonly body?: unknown;
  }
  | ((response: ServerResponse) => void);

/** What a test makes of the server. */
export interface ApiScript {
  readonly respond?: (request: Arrived, nth: number) => Scripted;
  /** Takes an exec connection over. */
  readonly exec?: (socket: WebSocket, request: IncomingMessage) => void;
  /** Answers an exec connection without switching over; `undefined` lets it through. */
  readonly refuseExec?: (headers: readonly string[]) => {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: unknown;
  } | undefined;
  readonly authority?: TestAuthority;
  readonly names?: readonly string[];
  readonly askForCertificate?: boolean;
}

/** A running server. */
export interface TestApi extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly authority: TestAuthority;
  readonly requests: readonly Arrived[];
}

/** Starts a server on loopback. */
export async function startApi(script: ApiScript): Promise<TestApi> {
  const authority = script.authority ?? await sharedAuthority();
  const { certificate, key } = await authority.server(...script.names ?? ["127.0.0.1"]);
  const requests: Arrived[] = [];
  const server = https.createServer({
    cert: certificate,
    key,
    ...(script.askForCertificate && {
      requestCert: true,
      rejectUnauthorized: false,
      ca: authority.certificate,
    }),
  }, (request, response) => void answer(script, { request, response, requests }));
  const channel = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  server.on("upgrade", (request, socket, head) => {
    const { exec, refuseExec } = script;
    const refusal = refuseExec?.(request.rawHeaders);
    if (exec === undefined || refusal !== undefined) {
      const { status, headers = {}, body = {} } = refusal ?? { status: 404 };
      const text = JSON.stringify(body);
      const lines = Object.entries({
        ...headers,
        "content-type": "application/json",
        "content-length": text.length,
        connection: "close",
      }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${status} No\r\n${lines.join("")}\r\n${text}`);
    } else channel.handleUpgrade(request, socket, head, (open) => exec(open, request));
  });
  const sockets = new Set<{ destroy: () => void }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    authority,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const client of channel.clients) client.terminate();
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let shared: Promise<TestAuthority> | undefined;

/** One authority for all tests of a file: making keys takes longer than most tests. */
export function sharedAuthority(): Promise<TestAuthority> {
  return shared ??= testAuthority();
}

async function answer(
  { respond }: ApiScript,
  { request, response, requests }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly requests: Arrived[];
  },
): Promise<void> {
  let body = "";
  for await (const chunk of request) body += new TextDecoder().decode(chunk as Uint8Array);
  const url = request.url ?? "";
  const socket = request.socket as TLSSocket;
  const arrived: Arrived = {
    method: request.method ?? "",
    url,
    query: new URL(url, "https://any").searchParams,
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    body,
    servername: (socket as { servername?: string | false }).servername,
    clientName: [socket.getPeerCertificate?.()?.subject?.CN].flat()[0],
  };
  requests.push(arrived);
  const scripted = respond?.(arrived, requests.length) ?? { status: 404 };
  if (typeof scripted === "function") return scripted(response);
  response.writeHead(scripted.status ?? 200, {
    "content-type": "application/json",
    ...scripted.headers as Record<string, string | string[]>,
  });
  response.end(
    typeof scripted.body === "string" ? scripted.body : JSON.stringify(scripted.body ?? {}),
  );
}
