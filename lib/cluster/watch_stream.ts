/**
 * One watch request: JSON objects, one a line, for as long as it lasts.
 *
 * @module
 */
import type { Resource } from "../../manifests/manifest.ts";
import { objectOf } from "./answers.ts";
import type { ApiClient } from "./api_client.ts";
import type { WatchEvent } from "./cluster.ts";
import { chunks } from "./connection.ts";
import { deadline } from "./deadline.ts";
import { networkFailure, TooLargeError } from "./network_failure.ts";
import { resourcePath } from "./resource_paths.ts";
import { type Operation, readStatus } from "./status_failure.ts";

/** What a line of a watch says, unread; `REFUSED` when there was no watch at all. */
export type StreamEvent =
  | { readonly type: WatchEvent<unknown>["type"] | "BOOKMARK"; readonly object: unknown }
  | { readonly type: "ERROR"; readonly status: number }
  | { readonly type: "REFUSED"; readonly status: number };

/** What to watch, from where. */
export interface StreamOptions {
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

/** The server ends a watch itself after this time, so that none is forgotten. */
const SERVER_SECONDS = 300;
const LINE_LIMIT = 8 * 1024 * 1024;
/** Bookmarks come about once a minute; a connection silent for longer is dead. */
const IDLE_MS = 90_000;

/** Ends when the connection does, for whatever reason but the signal's. */
export async function* watchStream(
  client: ApiClient,
  resource: Resource<unknown>,
  { namespace, signal, ...query }: StreamOptions,
): AsyncGenerator<StreamEvent> {
  const { requestTimeoutMs } = client.parts.access;
  const idleMs = requestTimeoutMs > 0 ? Math.min(IDLE_MS, requestTimeoutMs * 3) : IDLE_MS;
  using idle = deadline(idleMs, signal);
  const operation: Operation = {
    verb: "watch",
    permission: "watch",
    object: resource.kind,
    place: resource,
    namespace,
  };
  try {
    const response = await client.open({
      operation,
      method: "GET",
      path: resourcePath(resource, { namespace }),
      query: {
        ...query,
        resourceVersion: query.resourceVersion || undefined,
        watch: "1",
        allowWatchBookmarks: "true",
        timeoutSeconds: String(SERVER_SECONDS),
      },
      idempotent: true,
      limit: LINE_LIMIT,
    }, idle.signal);
    const status = response.statusCode ?? 0;
    if (status !== 200) {
      response.destroy();
      yield { type: status === 410 ? "ERROR" : "REFUSED", status };
      return;
    }
    for await (const line of lines(chunks(response, idle.signal), idle.extend)) yield event(line);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TooLargeError) {
      throw client.failure({ operation, idempotent: true }, error);
    }
    // A line that is no JSON was cut; the next list tells what it would have told.
    if (networkFailure(error) === undefined && !(error instanceof SyntaxError)) throw error;
  }
}

async function* lines(
  pieces: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    heard();
    rest += decoder.decode(piece, { stream: true });
    const complete = rest.split("\n");
    rest = complete.pop() ?? "";
    if (rest.length > LINE_LIMIT) throw new TooLargeError(LINE_LIMIT);
    yield* complete.filter((line) => line.trim() !== "");
  }
}

function event(line: string): StreamEvent {
  const { type, object } = objectOf(JSON.parse(line));
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK":
      return { type, object };
    default:
      return { type: "ERROR", status: readStatus(object)?.code ?? 0 };
  }
}
