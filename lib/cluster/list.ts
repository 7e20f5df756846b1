/**
 * Lists, page by page.
 *
 * @module
 */
import type { Resource } from "../../manifests/manifest.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { objectOf, parseJson } from "./answers.ts";
import type { ApiClient } from "./api_client.ts";
import type { Listing, ListOptions } from "./cluster.ts";
import { resourcePath } from "./resource_paths.ts";
import { headline, type Operation } from "./status_failure.ts";

const PAGE_SIZE = 500;
/** For all pages of a list together. */
const LIST_LIMIT = 64 * 1024 * 1024;

/** Which objects, also by field. */
export interface Selection extends ListOptions {
  readonly fieldSelector?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Objects as the server sent them, and where a watch may begin. */
export interface RawList {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
}

/** All objects of a kind, read; one that cannot be read does not spoil the rest. */
export async function listAll<T>(
  client: ApiClient,
  resource: Resource<T>,
  selection: Selection,
): Promise<Listing<T>> {
  const { items } = await listRaw(client, resource, selection);
  const readable: T[] = [];
  const unreadable: { name: string; problem: string }[] = [];
  for (const item of items) {
    try {
      readable.push(resource.parse(withKind(item, resource)));
    } catch (error) {
      const { name } = objectOf(objectOf(item)["metadata"]);
      const problem = error instanceof Error ? error.message : String(error);
      unreadable.push({ name: printable(String(name), 253), problem: printable(problem, 300) });
    }
  }
  return { items: readable, unreadable };
}

/** Items of a list come without `apiVersion` and `kind`, which stand on the list. */
export function withKind(item: unknown, { apiVersion, kind }: Resource<unknown>): unknown {
  return typeof item === "object" && item !== null ? { apiVersion, kind, ...item } : item;
}

/** All objects of a kind, unread. */
export async function listRaw(
  client: ApiClient,
  resource: Resource<unknown>,
  selection: Selection,
): Promise<RawList> {
  const operation: Operation = {
    verb: "list",
    permission: "list",
    object: resource.kind,
    place: resource,
    namespace: selection.namespace,
  };
  for (let restarts = 0;; restarts++) {
    const list = await readPages(client, { operation, resource, selection, restarts });
    if (list !== undefined) return list;
  }
}

/** `undefined` when the list has changed too much to be read on (410): begin anew. */
async function readPages(
  client: ApiClient,
  { operation, resource, selection, restarts }: {
    readonly operation: Operation;
    readonly resource: Resource<unknown>;
    readonly selection: Selection;
    readonly restarts: number;
  },
): Promise<RawList | undefined> {
  const items: unknown[] = [];
  let left = LIST_LIMIT;
  let next: string | undefined;
  do {
    const answer = await client.call({
      operation,
      method: "GET",
      path: resourcePath(resource, { namespace: selection.namespace }),
      query: {
        labelSelector: selection.labelSelector,
        fieldSelector: selection.fieldSelector,
        // As client-go does: who restarts reads all in one, and so cannot fall behind again.
        limit: restarts > 0 ? undefined : String(PAGE_SIZE),
        continue: next,
      },
      idempotent: true,
      limit: left,
      signal: selection.signal,
    });
    if (answer.status === 410 && next !== undefined && restarts === 0) return undefined;
    if (answer.status >= 300) throw client.refusal(operation, answer);
    left -= answer.body.length;
    const head = headline(client.parts.cluster, operation);
    const page = objectOf(parseJson(answer, { head, url: client.parts.cluster.url }));
    if (!Array.isArray(page["items"])) {
      throw new SpirefedError("preflight", `${head}: the answer is not a list`, {
        code: "server/unreadable",
      });
    }
    items.push(...page["items"]);
    const { continue: more, resourceVersion } = objectOf(page["metadata"]);
    if (typeof more !== "string" || more === "") {
      return { items, resourceVersion: String(resourceVersion ?? "") };
    }
    if (more === next) throw endless(head);
    next = more;
  } while (left > 0);
  throw endless(operation.object);
}

function endless(head: string): SpirefedError {
  return new SpirefedError("preflight", `${head}: the list has no end`, {
    code: "server/too-large",
  });
}
