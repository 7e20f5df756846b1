/**
 * Commands in containers, over the API server's WebSocket: `v5.channel.k8s.io`,
 * where channel 255 closes stdin, and `v4.channel.k8s.io` before it.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
// @ts-types="@types/ws"
import WebSocket from "ws";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { type ApiClient, redactedBody } from "./api_client.ts";
import type { ContainerKey, ExecOptions, ExecResult } from "./cluster.ts";
import { connectOptions, readBody } from "./connection.ts";
import { deadline } from "./deadline.ts";
import { CutError, TooLargeError } from "./network_failure.ts";
import { podPath } from "./resource_paths.ts";
import { headline, type Operation, readStatus, type StatusBody } from "./status_failure.ts";

const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];
const OUTPUT_LIMIT = 16 * 1024 * 1024;
const REFUSAL_LIMIT = 1024 * 1024;
const STDIN_PIECE = 64 * 1024;

/** What to run where. */
export interface ExecOrder {
  readonly operation: Operation;
  readonly container: ContainerKey;
  readonly command: readonly string[];
  readonly options: ExecOptions;
}

/**
 * Runs a command in a container and waits for its end. Never repeated once
 * it may have begun: only after a 401 that a fresh credential may mend, and a 429 that says
 * when to come again.
 *
 * @throws {SpirefedError} `preflight`, if there is no exit code to tell: `http/*`,
 * `net/*`, or `exec/failed` when the container could not run it.
 */
export async function execInContainer(client: ApiClient, order: ExecOrder): Promise<ExecResult> {
  const { access, credentials } = client.parts;
  const signals = [access.signal, order.options.signal].filter((each) => each !== undefined);
  const parent = AbortSignal.any(signals);
  for (let tries = 1, renewed = false;; tries++) {
    const outcome = await runOnce(client, order, parent).catch((error: unknown) => {
      parent.throwIfAborted();
      throw error instanceof SpirefedError
        ? error
        : client.failure({ operation: order.operation, idempotent: false }, error);
    });
    if ("code" in outcome) return outcome;
    if (outcome.status === 401 && !renewed && credentials.refuse(outcome.credential)) {
      renewed = true;
      continue;
    }
    const { status, retryAfter } = outcome;
    const failed = { tries, idempotent: false, status, retryAfter };
    if (await client.waitToRetry(order.operation, failed, parent)) continue;
    throw client.refusal(order.operation, outcome);
  }
}

interface Refused {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: Uint8Array;
  readonly warnings: readonly string[];
  readonly credential: unknown;
}

async function runOnce(
  client: ApiClient,
  { operation, container, command, options }: ExecOrder,
  parent: AbortSignal,
): Promise<ExecResult | Refused> {
  const { address, headers, credential } = await client.passport();
  const { requestTimeoutMs, verbosity, warn } = client.parts.access;
  using limit = deadline(requestTimeoutMs, parent);
  const url = client.url({
    path: podPath(container, "exec"),
    query: {
      container: container.container,
      stdin: String(options.stdin !== undefined),
      stdout: "true",
      stderr: "true",
    },
  });
  for (const word of command) url.searchParams.append("command", word);
  if (verbosity >= 6) warn(printable(`GET ${url}`));
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, PROTOCOLS, {
    ...await connectOptions(address, limit.signal),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value as string | string[]]),
    ) as Record<string, string>,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: OUTPUT_LIMIT,
  });
  const output = new Output();
  try {
    const answer = await converse(socket, { output, stdin: options.stdin, signal: limit.signal });
    if (!("ended" in answer)) {
      const refusal = await refused(answer, limit.signal);
      return { ...refusal, body: redactedBody(refusal.body, headers), credential };
    }
    return output.result(answer.ended, headline(client.parts.cluster, operation));
  } finally {
    socket.terminate();
  }
}

/** The Status on channel 3 says neither its kind nor its version, unlike one in an HTTP body. */
function readExecStatus(value: unknown): StatusBody | undefined {
  if (typeof value !== "object" || value === null || !("status" in value)) return undefined;
  return readStatus({ ...value, kind: "Status" });
}

interface Ended {
  readonly ended: StatusBody;
}

/** Answers the command's Status, or the HTTP answer of a server that does not switch over. */
function converse(
  socket: WebSocket,
  { output, stdin, signal }: {
    readonly output: Output;
    readonly stdin: Uint8Array | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Ended | IncomingMessage> {
  return new Promise((resolve, reject) => {
    let status: unknown;
    const abort = (): void => {
      reject(signal.reason);
      socket.terminate();
    };
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    // Without this listener a refusal arrives as an event with no Status in it.
    socket.on("unexpected-response", (_request, response) => resolve(response));
    socket.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    socket.on("open", () => sendStdin(socket, stdin));
    socket.on("message", (data) => {
      try {
        status = output.take(data as Uint8Array) ?? status;
      } catch (error) {
        reject(error instanceof TooLargeError ? error : new CutError());
        socket.terminate();
      }
    });
    // A connection that closes before channel 3 spoke is a failure, not an empty success.
    socket.on("close", () => {
      signal.removeEventListener("abort", abort);
      const read = readExecStatus(status);
      if (read === undefined) return reject(signal.aborted ? signal.reason : new CutError());
      resolve({ ended: read });
    });
  });
}

function sendStdin(socket: WebSocket, stdin: Uint8Array | undefined): void {
  if (stdin === undefined) return;
  for (let at = 0; at < stdin.length; at += STDIN_PIECE) {
    const piece = stdin.subarray(at, at + STDIN_PIECE);
    const message = new Uint8Array(piece.length + 1); // channel 0
    message.set(piece, 1);
    socket.send(message);
  }
  if (socket.protocol === PROTOCOLS[0]) socket.send(Uint8Array.of(255, 0));
}

/** Gathers what comes on channels 1 and 2, at most 16 MiB together. */
class Output {
  readonly #stdout: Uint8Array[] = [];
  readonly #stderr: Uint8Array[] = [];
  #size = 0;

  /** Takes a message in; answers what channel 3 said, when this is it. */
  take(data: Uint8Array): unknown {
    const [channel, body] = [data[0], data.subarray(1)];
    this.#size += body.length;
    if (this.#size > OUTPUT_LIMIT) throw new TooLargeError(OUTPUT_LIMIT);
    if (channel === 1) this.#stdout.push(body);
    if (channel === 2) this.#stderr.push(body);
    return channel === 3 ? JSON.parse(new TextDecoder().decode(body)) : undefined;
  }

  result(status: StatusBody, head: string): ExecResult {
    const output = { stdout: text(this.#stdout), stderr: text(this.#stderr) };
    if (status.succeeded) return { code: 0, ...output };
    const exit = status.causes.find(({ reason }) => reason === "ExitCode")?.message ?? "";
    if (/^\d{1,3}$/.test(exit)) return { code: Number(exit), ...output };
    throw new SpirefedError("preflight", `${head}: ${printable(status.message, 500)}`, {
      code: "exec/failed",
    });
  }
}

function text(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode();
}

async function refused(
  response: IncomingMessage,
  signal: AbortSignal,
): Promise<Omit<Refused, "credential">> {
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers["content-type"] ?? "",
    location: response.headers.location,
    retryAfter: response.headers["retry-after"],
    body: await readBody(response, { limit: REFUSAL_LIMIT, signal }),
    warnings: [],
  };
}
