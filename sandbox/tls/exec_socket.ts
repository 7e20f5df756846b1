/**
 * Commands in pods over WebSocket, `v5.channel.k8s.io` and `v4.channel.k8s.io`: one
 * byte names the channel of each message.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type https from "node:https";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import { isAllowed } from "../object_reading.ts";
import { forbidden, notFound, refused } from "../statuses.ts";
import type { Status } from "../model.ts";
import { type ApiServerParts, isAuthenticated } from "./api_server.ts";
import { statusAnswer, targetOf } from "./requests.ts";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const CLOSE = 255;

/** How long a client may take to say that its stdin is at an end. */
const STDIN_MS = 10_000;

/** Makes a server take exec connections. */
export function acceptExec(server: https.Server, parts: ApiServerParts): void {
  const channel = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) =>
      ["v5.channel.k8s.io", "v4.channel.k8s.io"].find((known) => offered.has(known)) ?? false,
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refusalOf(request, parts);
    if (refusal !== undefined) return refuse(socket, refusal);
    const fault = parts.faults.next(parts.cluster, "exec");
    if (fault !== undefined && "reset" in fault) return void socket.destroy();
    if (fault !== undefined && "status" in fault) {
      const { status, reason = "", message = "", retryAfter } = fault;
      return refuse(socket, refused(status, reason, message), retryAfter);
    }
    channel.handleUpgrade(request, socket, head, (open) => {
      const lost = fault !== undefined && "lostReply" in fault;
      void run(open, request, parts, lost).catch(() => open.terminate());
    });
  });
}

/** What stands against it before anything is switched over. */
function refusalOf(
  request: IncomingMessage,
  { mount, cluster, token }: ApiServerParts,
): Status | undefined {
  if (!isAuthenticated(request, token)) return refused(401, "Unauthorized", "Unauthorized");
  const target = targetOf(new URL(request.url ?? "/", "https://practice.invalid").pathname);
  if (target?.subresource !== "exec") {
    return refused(404, "NotFound", "the server could not find the requested resource");
  }
  if (!isAllowed(mount.cluster(cluster), "create", "pods/exec")) {
    return forbidden("create", "pods/exec", "");
  }
  return target.name === "spire-server-0" ? undefined : notFound(target.kind, target.name ?? "");
}

function refuse(socket: Duplex, status: Status, retryAfter?: string): void {
  const body = JSON.stringify(statusAnswer(status).body);
  socket.end(
    `HTTP/1.1 ${status.code} ${status.reason}\r\ncontent-type: application/json\r\n` +
      (retryAfter === undefined ? "" : `retry-after: ${retryAfter}\r\n`) +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

async function run(
  socket: WebSocket,
  request: IncomingMessage,
  { mount, cluster }: ApiServerParts,
  loseReply: boolean,
): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "https://practice.invalid");
  const target = targetOf(pathname);
  const stdin = query.get("stdin") === "true" ? await readStdin(socket) : "";
  const answer = mount.dispatch({
    type: "exec",
    cluster,
    container: {
      namespace: target?.namespace ?? "",
      pod: target?.name ?? "",
      container: query.get("container") ?? "spire-server",
    },
    command: query.getAll("command"),
    stdin,
  });
  if (loseReply) return socket.terminate();
  const send = (channel: number, text: string): void => {
    if (text !== "") socket.send(Buffer.concat([Uint8Array.of(channel), Buffer.from(text)]));
  };
  if (answer !== undefined && "result" in answer) {
    const { stdout, stderr, code } = answer.result;
    send(STDOUT, stdout);
    send(STDERR, stderr);
    send(ERROR, JSON.stringify(exitStatus(code)));
  } else if (answer !== undefined && "status" in answer) {
    send(ERROR, JSON.stringify(statusAnswer(answer.status).body));
  }
  socket.close(1000);
}

function exitStatus(code: number): unknown {
  const base = { kind: "Status", apiVersion: "v1", metadata: {} };
  if (code === 0) return { ...base, status: "Success" };
  const causes = [{ reason: "ExitCode", message: String(code) }];
  const message = `command terminated with non-zero exit code: exit status ${code}`;
  return { ...base, status: "Failure", reason: "NonZeroExitCode", message, details: { causes } };
}

/** Reads until channel 255 closes stdin; a client of the older protocol closes it by silence. */
function readStdin(socket: WebSocket): Promise<string> {
  const pieces: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(finish, STDIN_MS);
    function finish(): void {
      clearTimeout(timer);
      socket.off("message", take);
      resolve(Buffer.concat(pieces).toString());
    }
    function take(data: Uint8Array): void {
      if (data[0] === STDIN) pieces.push(data.subarray(1));
      else if (data[0] === CLOSE && data[1] === STDIN) finish();
    }
    socket.on("message", take);
    socket.once("close", () => {
      clearTimeout(timer);
      reject(new Error("closed while reading stdin"));
    });
  });
}
