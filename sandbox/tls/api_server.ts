/**
 * The API server of one practice cluster, over TLS on loopback.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import type { FaultSchedule } from "../faults.ts";
import type { KeyRing } from "../mint.ts";
import type { Mount } from "../mount.ts";
import { isAllowed } from "../object_reading.ts";
import { toPem } from "../spiffe_bundle.ts";
import { refused } from "../statuses.ts";
import { discover } from "./discovery.ts";
import { acceptExec } from "./exec_socket.ts";
import {
  answerFor,
  type ApiAnswer,
  type ApiRequest,
  statusAnswer,
  targetOf,
  verbOf,
} from "./requests.ts";
import { listening, type Running } from "./router.ts";
import { readReview } from "./protobuf.ts";
import { streamChanges } from "./watch_stream.ts";

/** What an API server is made of. */
export interface ApiServerParts {
  readonly mount: Mount;
  readonly ring: KeyRing;
  readonly cluster: string;
  /** Whoever has it is the user. */
  readonly token: string;
  readonly port: number;
  readonly faults: FaultSchedule;
}

/** A running API server, and the certificate that vouches for it. */
export interface RunningApi extends Running {
  readonly authority: Uint8Array;
}

/** Bodies over this are refused, as etcd would. */
const BODY_LIMIT = 3 * 1024 * 1024;

/** Starts one. */
export async function startApiServer(parts: ApiServerParts): Promise<RunningApi> {
  const { ring, cluster, mount, port } = parts;
  const { authority, leaf } = await ring.webServer(`api.${cluster}.example`, mount.now);
  const server = https.createServer(
    { cert: toPem([leaf]), key: await ring.privateKey(leaf) },
    (request, response) =>
      void handle(parts, request, response).catch((error: Error) => {
        if (response.headersSent) return void request.socket.destroy();
        const status = refused(500, "InternalError", `Internal error occurred: ${error.message}`);
        sendAnswer(mount, cluster, statusAnswer(status), response);
      }),
  );
  acceptExec(server, parts);
  return { ...await listening(server, port), authority };
}

/** Whether a request carries the token. */
export function isAuthenticated({ headers }: IncomingMessage, token: string): boolean {
  return headers.authorization === `Bearer ${token}`;
}

async function handle(
  parts: ApiServerParts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { mount, cluster } = parts;
  const request = await readRequest(message);
  const send = (answer: ApiAnswer): void => sendAnswer(mount, cluster, answer, response);
  if (/^\/(healthz|readyz|livez)/.test(request.path)) return send({ status: 200, body: "ok" });
  if (!isAuthenticated(message, parts.token)) {
    return send(statusAnswer(refused(401, "Unauthorized", "Unauthorized")));
  }
  const found = discover(request.path);
  if (found !== undefined) return send({ status: 200, body: found });
  if (request.path === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") {
    return send(review(parts, request));
  }
  const target = targetOf(request.path);
  if (target === undefined) return send({ status: 404, body: "404 page not found\n" });
  const verb = verbOf(request, target);
  const fault = parts.faults.next(cluster, verb, request.query.has("dryRun"));
  if (fault !== undefined && "delayMs" in fault) await wait(fault.delayMs);
  if (fault !== undefined && "reset" in fault) return void message.socket.destroy();
  if (fault !== undefined && "status" in fault) {
    const { status, reason = "", message = "", retryAfter } = fault;
    return send({ ...statusAnswer(refused(status, reason, message)), retryAfter });
  }
  if (verb === "watch") return await streamChanges(parts, request, target, response);
  const answer = answerFor(mount, cluster, request, target);
  if (fault !== undefined && "lostReply" in fault) return void message.socket.destroy();
  send(answer);
}

function review({ mount, cluster }: ApiServerParts, request: ApiRequest): ApiAnswer {
  const isProtobuf = request.contentType.includes("protobuf");
  const asked = isProtobuf
    ? readReview(request.bytes)
    : JSON.parse(request.body).spec?.resourceAttributes ?? {};
  const { verb = "", resource = "", subresource } = asked;
  const name = subresource ? `${resource}/${subresource}` : resource;
  const allowed = isAllowed(mount.cluster(cluster), verb, name);
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    metadata: {},
    spec: { resourceAttributes: asked },
    status: { allowed },
  };
  return { status: 201, body };
}

async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of message) {
    pieces.push(piece);
    size += piece.length;
    if (size > BODY_LIMIT) throw new Error("the body is too large");
  }
  const bytes = new Uint8Array(Buffer.concat(pieces));
  const { pathname, searchParams } = new URL(message.url ?? "/", "https://practice.invalid");
  return {
    method: message.method ?? "GET",
    path: pathname.replace(/(?<=.)\/$/, ""),
    query: searchParams,
    contentType: message.headers["content-type"] ?? "",
    userAgent: message.headers["user-agent"] ?? "",
    body: new TextDecoder().decode(bytes),
    bytes,
  };
}

function sendAnswer(
  mount: Mount,
  cluster: string,
  { status, body, retryAfter }: ApiAnswer,
  response: ServerResponse,
): void {
  const isText = typeof body === "string";
  response.writeHead(status, {
    "content-type": isText ? "text/plain" : "application/json",
    ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
    // Certificates are judged by the real clock, so it is the one that is told.
    date: new Date(Date.now() + mount.cluster(cluster).dateSkewMs).toUTCString(),
  });
  response.end(isText ? body : JSON.stringify(body));
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
