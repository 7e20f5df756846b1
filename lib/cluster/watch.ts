/**
 * Changes as they happen: a list, then a watch from where the list stood, and a new
 * list whenever the watch cannot be taken up again.
 *
 * @module
 */
import type { Resource } from "../../manifests/manifest.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { objectOf } from "./answers.ts";
import type { ApiClient } from "./api_client.ts";
import type { WatchEvent, WatchOptions } from "./cluster.ts";
import { listRaw, type RawList, withKind } from "./list.ts";
import { watchStream } from "./watch_stream.ts";

/** How long to wait before a list after a watch that led nowhere; also the pace of polling. */
const PAUSE_MS = 2000;

/** Answers to a watch that say it will never work here, while a list may. */
const NO_WATCH = new Set([403, 404, 405, 501]);

/** Failures of a list, once one has succeeded, that are no news about the cluster. */
const PASSING = /^(net\/(refused|reset|timeout|dns)|http\/(429|5\d\d))$/;

/** See {@linkcode Cluster.watch}. */
export async function* watchAll<T>(
  client: ApiClient,
  resource: Resource<T>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  const known = new Known<T>(client, resource);
  const { access, host } = client.parts;
  const signal = AbortSignal.any([access.signal, options.signal]);
  let canWatch = true;
  let isFirst = true;
  try {
    while (!signal.aborted) {
      const list = await listAgain(client, resource, { options, signal, isFirst });
      if (list !== undefined) {
        isFirst = false;
        yield* known.replace(list.items);
        const end = canWatch ? yield* watchFrom(client, known, { list, options, signal }) : "cut";
        if (end === "impossible") canWatch = false;
        if (end === "gone") continue;
      }
      await host.sleep(PAUSE_MS, signal);
    }
  } catch (error) {
    if (!options.signal.aborted || access.signal.aborted) throw error;
  }
  access.signal.throwIfAborted();
}

interface Watching {
  readonly list: RawList;
  readonly options: WatchOptions;
  readonly signal: AbortSignal;
}

async function listAgain(
  client: ApiClient,
  resource: Resource<unknown>,
  { options, signal, isFirst }: {
    readonly options: WatchOptions;
    readonly signal: AbortSignal;
    readonly isFirst: boolean;
  },
): Promise<RawList | undefined> {
  try {
    return await listRaw(client, resource, {
      namespace: options.namespace,
      labelSelector: options.labelSelector,
      fieldSelector: fieldSelector(options),
      signal,
    });
  } catch (error) {
    const isPassing = error instanceof SpirefedError && PASSING.test(error.code ?? "");
    if (isFirst || !isPassing) throw error;
    client.tell(`${error.message}; trying again`);
    return undefined;
  }
}

/**
 * Watches until it cannot go on: `gone` when a new list helps at once, `cut` when
 * one helps after a pause, `impossible` when there is no watching here.
 */
async function* watchFrom<T>(
  client: ApiClient,
  known: Known<T>,
  { list, options, signal }: Watching,
): AsyncGenerator<WatchEvent<T>, "gone" | "cut" | "impossible"> {
  let { resourceVersion } = list;
  for (;;) {
    const stream = watchStream(client, known.resource, {
      namespace: options.namespace,
      labelSelector: options.labelSelector,
      fieldSelector: fieldSelector(options),
      resourceVersion,
      signal,
    });
    let heard = 0;
    for await (const event of stream) {
      if (event.type === "REFUSED") return NO_WATCH.has(event.status) ? "impossible" : "cut";
      if (event.type === "ERROR") return event.status === 410 && heard > 0 ? "gone" : "cut";
      heard++;
      const version = objectOf(objectOf(event.object)["metadata"])["resourceVersion"];
      if (typeof version === "string" && version !== "") resourceVersion = version;
      if (event.type !== "BOOKMARK") yield* known.change(event.type, event.object);
    }
    // A watch that brought something is taken up where it stood; one that did not may never.
    if (heard === 0) return "cut";
  }
}

/** What was told so far, so that a new list can be told as changes. */
class Known<T> {
  readonly resource: Resource<T>;
  readonly #client: ApiClient;
  #objects = new Map<string, Sighting<T>>();

  constructor(client: ApiClient, resource: Resource<T>) {
    this.#client = client;
    this.resource = resource;
  }

  *replace(items: readonly unknown[]): Generator<WatchEvent<T>> {
    const gone = new Map(this.#objects);
    for (const item of items) {
      const seen = this.#read(item);
      if (seen === undefined) continue;
      const before = gone.get(seen.key);
      // Another uid under the same name is another object: the one waited for is gone.
      if (before !== undefined && before.uid === seen.uid) gone.delete(seen.key);
    }
    for (const { key, object } of gone.values()) {
      this.#objects.delete(key);
      yield { type: "DELETED", object };
    }
    for (const item of items) yield* this.change("MODIFIED", item);
  }

  *change(type: WatchEvent<T>["type"], item: unknown): Generator<WatchEvent<T>> {
    const seen = this.#read(item);
    if (seen === undefined) return;
    const before = this.#objects.get(seen.key);
    if (type === "DELETED") {
      this.#objects.delete(seen.key);
      yield { type, object: seen.object };
      return;
    }
    if (before?.uid === seen.uid && before.version === seen.version) return;
    this.#objects.set(seen.key, seen);
    yield { type: before === undefined ? "ADDED" : "MODIFIED", object: seen.object };
  }

  #read(item: unknown): Sighting<T> | undefined {
    const { name, namespace, uid, resourceVersion } = objectOf(objectOf(item)["metadata"]);
    try {
      return {
        key: JSON.stringify([namespace, name]),
        uid: String(uid ?? ""),
        version: String(resourceVersion ?? ""),
        object: this.resource.parse(withKind(item, this.resource)),
      };
    } catch {
      this.#client.tell(`${this.resource.kind}/${printable(String(name), 253)} cannot be read`);
      return undefined;
    }
  }
}

interface Sighting<T> {
  readonly key: string;
  readonly uid: string;
  readonly version: string;
  readonly object: T;
}

function fieldSelector({ name }: WatchOptions): string | undefined {
  return name === undefined ? undefined : `metadata.name=${name}`;
}
