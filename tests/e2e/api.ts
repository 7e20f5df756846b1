/**
 * A client of an API server, just large enough for a harness that must not lean on
 * the program it tests.
 *
 * @module
 */
import { SpirefedError } from "../../lib/errors.ts";
import type { Access } from "./pki.ts";

/** Any object, as JSON. */
// deno-lint-ignore no-explicit-any -- the harness reads foreign objects of every shape
export type Json = any;

/** An object to write. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [member: string]: unknown;
  };
  readonly [member: string]: unknown;
}

/** Names an object without saying what is in it. */
export type ObjectName = Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">;

const IRREGULAR_PLURALS: Readonly<Record<string, string>> = {
  Ingress: "ingresses",
  StorageClass: "storageclasses",
};

/** The path of an object at the API server. */
export function pathOf({ apiVersion, kind, metadata }: ObjectName): string {
  return `${collectionOf(apiVersion, kind, metadata.namespace)}/${metadata.name}`;
}

/** The path of all objects of a kind. */
export function collectionOf(apiVersion: string, kind: string, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = IRREGULAR_PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${namespace}/${plural}`;
}

/** One API server, as one user sees it. */
export class ApiServer {
  readonly #url: string;
  readonly #client: Deno.HttpClient;

  constructor({ site, identity, authority }: Access) {
    this.#url = `https://${site.address}:6443`;
    this.#client = Deno.createHttpClient({
      caCerts: [authority],
      cert: identity.certificate,
      key: identity.key,
    });
  }

  /** Frees its connections. */
  close(): void {
    this.#client.close();
  }

  /** The object, or `undefined` when there is none. */
  async get(name: ObjectName): Promise<Json | undefined> {
    const response = await this.request("GET", pathOf(name));
    if (response.status !== 404) return await accepted(response);
    await response.body?.cancel();
    return undefined;
  }

  /** All objects of a kind. */
  async list(apiVersion: string, kind: string, namespace?: string): Promise<Json[]> {
    const response = await this.request("GET", collectionOf(apiVersion, kind, namespace));
    return (await accepted(response)).items;
  }

  /** Server-side apply, strict, taking over whatever another manager holds. */
  async apply(object: KubernetesObject, manager = "spirefed-e2e", part = ""): Promise<Json> {
    const query = `?fieldManager=${manager}&fieldValidation=Strict&force=true`;
    return await accepted(
      await this.request("PATCH", pathOf(object) + part + query, {
        type: "application/apply-patch+yaml",
        body: object,
      }),
    );
  }

  /** Creates an object unless there is one of its name. */
  async createOnce(object: KubernetesObject, manager: string): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const response = await this.request(
      "POST",
      `${collectionOf(apiVersion, kind, metadata.namespace)}?fieldManager=${manager}`,
      {
        type: "application/json",
        body: object,
      },
    );
    if (response.status === 409) await response.body?.cancel();
    else await accepted(response);
  }

  /** A merge patch. */
  async merge(name: ObjectName, body: unknown, part = ""): Promise<Json> {
    const type = "application/merge-patch+json";
    return await accepted(await this.request("PATCH", pathOf(name) + part, { type, body }));
  }

  /** Deletes an object; none is as good. */
  async delete(name: ObjectName): Promise<void> {
    const response = await this.request("DELETE", pathOf(name));
    if (response.status === 404) await response.body?.cancel();
    else await accepted(response);
  }

  /** A part each time that something of a kind changes, at first one for what there is. */
  async watch(
    apiVersion: string,
    kind: string,
    namespace?: string,
  ): Promise<ReadableStream<Uint8Array>> {
    const path = `${collectionOf(apiVersion, kind, namespace)}?watch=1`;
    const response = await fetch(this.#url + path, { client: this.#client });
    if (response.ok && response.body !== null) return response.body;
    return await accepted(response);
  }

  /** Any request; answers whatever comes back. */
  async request(
    method: string,
    path: string,
    { type, body }: { readonly type?: string; readonly body?: unknown } = {},
  ): Promise<Response> {
    return await fetch(this.#url + path, {
      method,
      client: this.#client,
      headers: type === undefined ? {} : { "content-type": type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
  }
}

async function accepted(response: Response): Promise<Json> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new SpirefedError("unhealthy", `HTTP ${response.status}: ${messageIn(text)}`);
}

/** Most refusals are a Status; while a server starts some are plain text. */
function messageIn(text: string): string {
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text;
  }
}
