/**
 * The port's adapter for a real API server.
 *
 * @module
 */
import { FIELD_MANAGER, type Manifest, nameOf, type Resource } from "../../manifests/manifest.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { ApiAnswer, ApiClient, Call } from "./api_client.ts";
import type * as port from "./cluster.ts";
import { listAll } from "./list.ts";
import { placeOf, podPath, resourcePath, type ResourcePlace } from "./resource_paths.ts";
import { headline, isMissingKind, type Operation, statusOf } from "./status_failure.ts";
import { objectOf, parseJson, written } from "./answers.ts";
import { watchAll } from "./watch.ts";

const MIB = 1024 * 1024;
const OBJECT_LIMIT = 8 * MIB;
const LOG_LIMIT = 16 * MIB;

const ACCESS_REVIEWS: ResourcePlace = {
  apiVersion: "authorization.k8s.io/v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};

const PODS: ResourcePlace = { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true };

/** One cluster, over its API server. */
export class KubeCluster implements port.Cluster {
  readonly name: string;
  readonly server: port.ServerFacts;
  readonly #client: ApiClient;

  constructor(client: ApiClient, server: port.ServerFacts) {
    this.name = client.parts.cluster.name;
    this.server = server;
    this.#client = client;
  }

  async get<T>(
    resource: Resource<T>,
    name: string,
    at?: port.InNamespace,
  ): Promise<T | undefined> {
    const namespace = at?.namespace;
    const operation = operationOn("get", resource, { name, namespace });
    const answer = await this.#client.call({
      operation,
      method: "GET",
      path: resourcePath(resource, { namespace, name }),
      idempotent: true,
      limit: OBJECT_LIMIT,
    });
    if (answer.status === 404 && !isMissingKind(answer) && statusOf(answer) !== undefined) {
      return undefined;
    }
    const value = parseJson(this.#accept(operation, answer), this.#place(operation));
    try {
      return resource.parse(value);
    } catch (error) {
      const problem = printable(error instanceof Error ? error.message : String(error), 300);
      throw new SpirefedError(
        "preflight",
        `${headline(this, operation)}: it cannot be read: ${problem}`,
        { code: "server/unreadable" },
      );
    }
  }

  list<T>(resource: Resource<T>, options: port.ListOptions = {}): Promise<port.Listing<T>> {
    return listAll(this.#client, resource, options);
  }

  watch<T>(resource: Resource<T>, options: port.WatchOptions): AsyncIterable<port.WatchEvent<T>> {
    return watchAll(this.#client, resource, options);
  }

  create(manifest: Manifest, { dryRun }: port.WriteOptions = {}): Promise<port.Written> {
    const place = placeOf(manifest);
    const { name, namespace } = manifest.metadata;
    return this.#write({
      operation: operationOn("create", place, { name, namespace }),
      method: "POST",
      path: resourcePath(place, { namespace }),
      query: { ...WRITING, dryRun: dryRun ? "All" : undefined },
      body: manifest,
      idempotent: dryRun === true,
      limit: OBJECT_LIMIT,
    });
  }

  apply(manifest: Manifest, { dryRun, force }: port.ApplyOptions = {}): Promise<port.Written> {
    const place = placeOf(manifest);
    const { name, namespace } = manifest.metadata;
    return this.#write({
      operation: { ...operationOn("apply", place, { name, namespace }), permission: "patch" },
      method: "PATCH",
      path: resourcePath(place, { namespace, name }),
      query: { ...WRITING, force: String(force === true), dryRun: dryRun ? "All" : undefined },
      body: manifest,
      contentType: "application/apply-patch+yaml", // JSON is YAML, and cannot be misread
      idempotent: true,
      limit: OBJECT_LIMIT,
    });
  }

  patch(
    { resource, name, namespace }: port.ObjectKey,
    { type, body }: port.Patch,
    { dryRun }: port.WriteOptions = {},
  ): Promise<port.Written> {
    return this.#write({
      operation: operationOn("patch", resource, { name, namespace }),
      method: "PATCH",
      path: resourcePath(resource, { namespace, name }),
      query: { ...WRITING, dryRun: dryRun ? "All" : undefined },
      body,
      contentType: type === "merge"
        ? "application/merge-patch+json"
        : "application/json-patch+json",
      idempotent: dryRun === true,
      limit: OBJECT_LIMIT,
    });
  }

  async delete(
    { resource, name, namespace }: port.ObjectKey,
    { uid, resourceVersion, dryRun, propagation = "Background" }: port.DeleteOptions,
  ): Promise<boolean> {
    const operation = operationOn("delete", resource, { name, namespace });
    const answer = await this.#client.call({
      operation,
      method: "DELETE",
      path: resourcePath(resource, { namespace, name }),
      // The body decides; the query shows in audit logs that nothing was meant to happen.
      query: { dryRun: dryRun ? "All" : undefined },
      body: {
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: propagation,
        preconditions: { uid, ...(resourceVersion !== undefined && { resourceVersion }) },
        ...(dryRun && { dryRun: ["All"] }),
      },
      idempotent: dryRun === true,
      limit: OBJECT_LIMIT,
    });
    if (answer.status === 404 && !isMissingKind(answer) && statusOf(answer)) return false;
    this.#accept(operation, answer);
    return true;
  }

  async logs(
    { namespace, pod, container }: port.ContainerKey,
    { sinceTime, tailLines, timestamps, previous }: port.LogOptions = {},
  ): Promise<string> {
    const operation: Operation = {
      ...operationOn("logs", { ...PODS, plural: "pods/log" }, { name: pod, namespace }),
      permission: "get",
    };
    const answer = await this.#client.call({
      operation,
      method: "GET",
      path: podPath({ namespace, pod }, "log"),
      query: {
        container,
        sinceTime: sinceTime?.toISOString(),
        tailLines: tailLines?.toString(),
        timestamps: timestamps ? "true" : undefined,
        previous: previous ? "true" : undefined,
        limitBytes: String(LOG_LIMIT + 1),
      },
      idempotent: true,
      limit: LOG_LIMIT,
      accept: "text",
    });
    return new TextDecoder().decode(this.#accept(operation, answer).body);
  }

  async exec(
    container: port.ContainerKey,
    command: readonly string[],
    options: port.ExecOptions = {},
  ): Promise<port.ExecResult> {
    const { execInContainer } = await import("./exec.ts");
    const operation: Operation = {
      ...operationOn("exec", { ...PODS, plural: "pods/exec" }, {
        name: container.pod,
        namespace: container.namespace,
      }),
      permission: "create",
    };
    return await execInContainer(this.#client, { operation, container, command, options });
  }

  async can({ verb, group, resource, ...rest }: port.Access): Promise<port.AccessAnswer> {
    const operation = operationOn("create", ACCESS_REVIEWS, {});
    const answer = await this.#client.call({
      operation,
      method: "POST",
      path: resourcePath(ACCESS_REVIEWS),
      body: {
        apiVersion: ACCESS_REVIEWS.apiVersion,
        kind: ACCESS_REVIEWS.kind,
        spec: { resourceAttributes: { verb, group, resource, ...rest } },
      },
      idempotent: true,
      limit: OBJECT_LIMIT,
    });
    const { status } = objectOf(parseJson(this.#accept(operation, answer), this.#place(operation)));
    const { allowed, reason } = objectOf(status);
    return {
      allowed: allowed === true,
      reason: typeof reason === "string" && reason !== "" ? printable(reason, 500) : undefined,
    };
  }

  async #write(call: Call): Promise<port.Written> {
    const answer = await this.#client.call(call);
    return written(this.#accept(call.operation, answer), this.#place(call.operation));
  }

  #accept(operation: Operation, answer: ApiAnswer): ApiAnswer {
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw this.#client.refusal(operation, answer);
  }

  #place(operation: Operation): { readonly head: string; readonly url: string } {
    return { head: headline(this, operation), url: this.server.url };
  }
}

const WRITING = { fieldManager: FIELD_MANAGER, fieldValidation: "Strict" } as const;

/** An operation whose permission has the verb's own name. */
export function operationOn(
  verb: string,
  place: ResourcePlace,
  { name, namespace }: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
  },
): Operation {
  const { kind } = place;
  const object = name === undefined ? kind : nameOf({ kind, metadata: { name } });
  return { verb, permission: verb, object, place, namespace };
}
