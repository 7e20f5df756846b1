/**
 * One GET over a connection that is already authenticated.
 *
 * @module
 */
import http from "node:http";
import type { Duplex } from "node:stream";
import { joined } from "../bytes.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { EndpointUrl } from "./address.ts";
import { codeOf } from "./connection.ts";
import { type EndpointLimits, size } from "./limits.ts";

/** An answer with a body that arrived whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** How much of the body has arrived, for messages. */
export interface Progress {
  received: number;
  expected: number | undefined;
}

/** What one GET needs. */
export interface GetOptions {
  readonly url: EndpointUrl;
  readonly limits: EndpointLimits;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Asks for the endpoint's path and reads what comes, within the limits. Nothing
 * identifies this program to the server: no cookie, no credential.
 *
 * @throws {SpirefedError} `preflight`: `endpoint/too-large`, `endpoint/encoding`,
 * `endpoint/truncated`, `endpoint/http`. The signal's reason, when it is aborted.
 */
export async function getOver(socket: Duplex, options: GetOptions): Promise<HttpAnswer> {
  const { signal } = options;
  const abort = () => socket.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    const response = await ask(socket, options);
    const body = await readBody(response, options);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}

function ask(socket: Duplex, { url, limits }: GetOptions): Promise<http.IncomingMessage> {
  const agent = new http.Agent({ keepAlive: false });
  agent.createConnection = () => socket;
  return new Promise((resolve, reject) => {
    const request = http.request({
      agent,
      host: url.host,
      method: "GET",
      path: url.path,
      headers: {
        host: url.authority,
        accept: "application/json",
        "accept-encoding": "identity",
        connection: "close",
      },
      maxHeaderSize: limits.headerBytes,
    });
    request.once("response", resolve);
    // Listening on: a second error, after the answer, must not end the program.
    request.on("error", (error) => reject(explainRequest(error, { url, limits })));
    request.end();
  });
}

async function readBody(
  response: http.IncomingMessage,
  { url, limits, progress }: GetOptions,
): Promise<Uint8Array> {
  const isAnswer = response.statusCode === 200;
  const limit = isAnswer ? limits.bodyBytes : limits.explanationBytes;
  if (isAnswer) judgeFraming(response, { url, limits });
  progress.expected = lengthOf(response);
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response) {
      progress.received += chunk.length;
      if (progress.received > limit) {
        if (isAnswer) throw tooLarge(url, limits);
        break;
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof SpirefedError) throw error;
    if (isAnswer) throw truncated(url, progress, error);
  }
  if (isAnswer && !response.complete) throw truncated(url, progress);
  return joined(chunks);
}

/** Refuses a body that is too large, compressed, or without an end that can be told from a cut. */
function judgeFraming(
  { headers }: http.IncomingMessage,
  { url, limits }: Pick<GetOptions, "url" | "limits">,
): void {
  const length = headers["content-length"];
  if (length !== undefined && !(Number(length) <= limits.bodyBytes)) throw tooLarge(url, limits);
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new SpirefedError(
      "preflight",
      `${url.shown}: the body is encoded as "${printable(encoding, 40)}", which was not asked for`,
      { code: "endpoint/encoding", remedy: "Take out what compresses answers before the endpoint" },
    );
  }
  if (length === undefined && headers["transfer-encoding"] === undefined) {
    throw new SpirefedError("preflight", `${url.shown}: the body does not say where it ends`, {
      code: "endpoint/truncated",
      remedy: "Serve it with Content-Length, or chunked",
    });
  }
}

function lengthOf({ headers }: http.IncomingMessage): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}

function tooLarge(url: EndpointUrl, { bodyBytes }: EndpointLimits): SpirefedError {
  return new SpirefedError(
    "preflight",
    `${url.shown}: the body is over ${size(bodyBytes)}: refused unread`,
    {
      code: "endpoint/too-large",
      remedy: "Check that the URL is that of a SPIFFE bundle endpoint",
    },
  );
}

function truncated(
  url: EndpointUrl,
  { received, expected }: Progress,
  cause?: unknown,
): SpirefedError {
  return new SpirefedError(
    "preflight",
    `${url.shown}: body ended early (got ${received} of ${expected ?? "?"} bytes)`,
    { code: "endpoint/truncated", cause, remedy: "Try again; if it stays, look at the route" },
  );
}

function explainRequest(
  error: Error,
  { url, limits }: Pick<GetOptions, "url" | "limits">,
): SpirefedError {
  const remedy = "Check that the URL is that of a SPIFFE bundle endpoint";
  const code = codeOf(error);
  if (code === "HPE_HEADER_OVERFLOW") {
    const text = `${url.shown}: the headers are over ${size(limits.headerBytes)}`;
    return new SpirefedError("preflight", text, { code: "endpoint/http", remedy });
  }
  if (code?.startsWith("HPE_")) {
    const text = `${url.shown}: the answer is not HTTP`;
    return new SpirefedError("preflight", text, { code: "endpoint/http", cause: error, remedy });
  }
  return new SpirefedError("preflight", `${url.shown}: connection closed without an answer`, {
    code: "net/reset",
    cause: error,
    remedy: "Try again; if it stays, look at the log of what answers there",
  });
}
