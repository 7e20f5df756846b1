/**
 * The World behind the cluster port, in memory. What it refuses goes through the real
 * adapter's own wording, so that a message here is the message there.
 *
 * @module
 */
import type * as port from "../lib/cluster/cluster.ts";
import { operationOn } from "../lib/cluster/kube_cluster.ts";
import { placeOf, type ResourcePlace } from "../lib/cluster/resource_paths.ts";
import type { Operation, Spoken } from "../lib/cluster/status_failure.ts";
import { SpirefedError } from "../lib/errors.ts";
import { printable } from "../lib/output/printable.ts";
import { FIELD_MANAGER, type Manifest, type Resource } from "../manifests/manifest.ts";
import type { RecordedCall } from "./calls.ts";
import { isServed } from "./definitions.ts";
import { comeFirst, type Fault, FaultSchedule, type FaultVerb } from "./faults.ts";
import { cut, notStarted, refusal, unreadableObject } from "./in_memory_failures.ts";
import { type Kind, kindAt } from "./kinds.ts";
import { CONTAINERS, logText } from "./log_text.ts";
import type { ClusterState, Status } from "./model.ts";
import type { Mount } from "./mount.ts";
import { isAllowed, listObjects, type Place, readObject } from "./object_reading.ts";
import type { Write } from "./write_attempt.ts";
import { forbidden, isStatus, noContainer, notFound, refused } from "./statuses.ts";

/** How a practice cluster is reached. */
export interface WorldAccess {
  /** The context; messages name it. */
  readonly name: string;
  /** The practice cluster behind it. */
  readonly cluster: string;
  readonly mount: Mount;
  /** Ends everything. */
  readonly signal?: AbortSignal | undefined;
  readonly faults?: FaultSchedule | undefined;
  readonly calls?: RecordedCall[] | undefined;
  /** Waits by the World's clock, for delays. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
  /** A controller: may do anything, and owns fields by this name. */
  readonly system?: string | undefined;
}

const PODS: ResourcePlace = { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true };

const REVIEWS: ResourcePlace = {
  apiVersion: "authorization.k8s.io/v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};

/** One cluster of a World, behind the port. */
export class WorldCluster implements port.Cluster {
  readonly name: string;
  readonly server: port.ServerFacts;
  readonly #access: WorldAccess;
  #clock: ReturnType<port.ServerFacts["clock"]>;

  constructor(access: WorldAccess) {
    this.name = access.name;
    this.#access = access;
    const { insecure } = access.mount.cluster(access.cluster);
    this.server = {
      url: `https://api.${access.cluster}.example:6443`,
      insecure,
      clock: () => this.#clock,
      fingerprint: printable(access.cluster).padEnd(64, "0"),
    };
  }

  get<T>(resource: Resource<T>, name: string, at?: port.InNamespace): Promise<T | undefined> {
    const operation = operationOn("get", resource, { name, namespace: at?.namespace });
    return this.#call(operation, { verb: "get" }, (state, kind) => {
      const found = readObject(this.#seen(state), { kind, name, namespace: at?.namespace });
      if (!isStatus(found)) return this.#read(resource, found, operation);
      if (found.code === 404 && isServed(state, kind)) return undefined;
      throw this.#refusal(operation, found);
    });
  }

  list<T>(resource: Resource<T>, options: port.ListOptions = {}): Promise<port.Listing<T>> {
    const operation = operationOn("list", resource, options);
    return this.#call(operation, { verb: "list" }, (state, kind) => {
      const found = listObjects(this.#seen(state), kind, options);
      if (isStatus(found)) throw this.#refusal(operation, found);
      const items: T[] = [];
      const unreadable: { name: string; problem: string }[] = [];
      for (const object of found) {
        try {
          items.push(resource.parse(object));
        } catch (error) {
          unreadable.push({ name: object.metadata.name, problem: (error as Error).message });
        }
      }
      return { items, unreadable };
    });
  }

  async *watch<T>(
    resource: Resource<T>,
    options: port.WatchOptions,
  ): AsyncIterable<port.WatchEvent<T>> {
    const operation = operationOn("watch", resource, options);
    const seen = new Map<string, Manifest>();
    while (!options.signal.aborted) {
      const changed = this.#access.mount.changed(options.signal);
      const found = await this.#call(
        operation,
        { verb: "watch" },
        (state, kind) => listObjects(this.#seen(state), kind, { ...options, verb: "watch" }),
      );
      if (isStatus(found)) throw this.#refusal(operation, found);
      const wanted = found.filter(({ metadata }) =>
        (options.name ?? metadata.name) === metadata.name
      );
      const gone = new Map(seen);
      for (const object of wanted) {
        const { uid = "", resourceVersion } = object.metadata;
        const before = seen.get(uid);
        gone.delete(uid);
        if (before?.metadata.resourceVersion === resourceVersion) continue;
        seen.set(uid, object);
        yield { type: before === undefined ? "ADDED" : "MODIFIED", object: resource.parse(object) };
      }
      for (const [uid, object] of gone) {
        seen.delete(uid);
        yield { type: "DELETED", object: resource.parse(object) };
      }
      await changed;
      this.#access.signal?.throwIfAborted();
    }
  }

  create(manifest: Manifest, { dryRun }: port.WriteOptions = {}): Promise<port.Written> {
    const place = placeOf(manifest);
    const operation = operationOn("create", place, manifest.metadata);
    return this.#write(operation, { dryRun, verb: "create" }, (place) => ({
      verb: "create",
      place,
      body: manifest,
      mode: this.#mode(dryRun),
    }));
  }

  apply(manifest: Manifest, { dryRun, force }: port.ApplyOptions = {}): Promise<port.Written> {
    const place = placeOf(manifest);
    const operation = { ...operationOn("apply", place, manifest.metadata), permission: "patch" };
    return this.#write(operation, { dryRun, verb: "apply", idempotent: true }, (place) => ({
      verb: "apply",
      place,
      body: manifest,
      mode: { ...this.#mode(dryRun), force },
    }));
  }

  patch(
    { resource, name, namespace }: port.ObjectKey,
    patch: port.Patch,
    { dryRun }: port.WriteOptions = {},
  ): Promise<port.Written> {
    const operation = operationOn("patch", resource, { name, namespace });
    return this.#write(operation, { dryRun, verb: "patch" }, (place) => ({
      verb: "patch",
      place: { ...place, name, namespace },
      patch,
      mode: this.#mode(dryRun),
    }));
  }

  async delete(
    { resource, name, namespace }: port.ObjectKey,
    options: port.DeleteOptions,
  ): Promise<boolean> {
    const { uid, resourceVersion, dryRun } = options;
    const operation = operationOn("delete", resource, { name, namespace });
    try {
      await this.#write(operation, { dryRun, verb: "delete" }, (place) => ({
        verb: "delete",
        place: { ...place, name, namespace },
        uid,
        resourceVersion,
        mode: this.#mode(dryRun),
      }));
      return true;
    } catch (error) {
      if (error instanceof SpirefedError && error.code === "http/404") return false;
      throw error;
    }
  }

  logs(
    { namespace, pod, container }: port.ContainerKey,
    options: port.LogOptions = {},
  ): Promise<string> {
    const operation = {
      ...operationOn("logs", { ...PODS, plural: "pods/log" }, { name: pod, namespace }),
      permission: "get",
    };
    return this.#call(operation, { verb: "logs" }, (state) => {
      if (!isAllowed(this.#seen(state), "get", "pods/log")) {
        throw this.#refusal(operation, forbidden("get", "pods/log", ""));
      }
      const kind = this.#kind({ ...PODS }, operation);
      if (isStatus(readObject(this.#seen(state), { kind, name: pod, namespace }))) {
        throw this.#refusal(operation, notFound(kind, pod));
      }
      if (pod === "spire-server-0" && !CONTAINERS.includes(container)) {
        throw this.#refusal(operation, noContainer(container, pod));
      }
      const name = pod === "spire-server-0" ? container : `${pod}/${container}`;
      return logText(state.spire.log, name, options);
    });
  }

  exec(
    container: port.ContainerKey,
    command: readonly string[],
    { stdin, signal }: port.ExecOptions = {},
  ): Promise<port.ExecResult> {
    const { pod: name, namespace } = container;
    const operation = {
      ...operationOn("exec", { ...PODS, plural: "pods/exec" }, { name, namespace }),
      permission: "create",
    };
    signal?.throwIfAborted();
    return this.#call(operation, { verb: "exec", object: command.join(" ") }, () => {
      const answer = this.#access.mount.dispatch({
        type: "exec",
        cluster: this.#access.cluster,
        container,
        command,
        stdin: new TextDecoder().decode(stdin),
      });
      if (answer !== undefined && "result" in answer) return answer.result;
      if (answer === undefined || !("status" in answer)) throw new Error("exec answered nothing");
      const { status } = answer;
      throw status.message.includes("failed to start exec")
        ? notStarted(this.#spoken(), operation, status)
        : this.#refusal(operation, status);
    });
  }

  can({ verb, resource, subresource }: port.Access): Promise<port.AccessAnswer> {
    return this.#call(operationOn("create", REVIEWS, {}), { verb: "can" }, (state) => {
      const name = subresource === undefined ? resource : `${resource}/${subresource}`;
      return { allowed: isAllowed(this.#seen(state), verb, name) };
    });
  }

  #write(
    operation: Operation,
    call: {
      readonly verb: FaultVerb;
      readonly dryRun: boolean | undefined;
      readonly idempotent?: boolean;
    },
    make: (place: Place) => Write,
  ): Promise<port.Written> {
    return this.#call(operation, call, (_, kind) => {
      const [, name = ""] = operation.object.split("/");
      const write = make({ kind, name, namespace: operation.namespace });
      const { cluster, mount, system } = this.#access;
      const answer = mount.dispatch({
        type: "write",
        cluster,
        write,
        system: system !== undefined,
      });
      if (answer === undefined || "result" in answer) throw new Error("a write answered nothing");
      if ("status" in answer) throw this.#refusal(operation, answer.status);
      const { uid = "", resourceVersion = "" } = answer.object.metadata;
      return { uid, resourceVersion, created: answer.created, warnings: [] };
    });
  }

  /** Every call passes here: it is counted, may be struck by a fault, and takes a turn. */
  async #call<T>(
    operation: Operation,
    { verb, dryRun = false, idempotent = true, object = operation.object }: {
      readonly verb: FaultVerb;
      readonly dryRun?: boolean | undefined;
      readonly idempotent?: boolean;
      readonly object?: string;
    },
    work: (state: ClusterState, kind: Kind) => T,
  ): Promise<T> {
    const { cluster, mount, faults, calls, signal, sleep } = this.#access;
    signal?.throwIfAborted();
    calls?.push({ cluster, verb, object, dryRun });
    const fault = faults?.next(cluster, verb, dryRun);
    await comeFirst(fault, sleep);
    signal?.throwIfAborted();
    if (fault !== undefined) this.#strike(operation, fault, idempotent);
    const state = mount.cluster(cluster);
    this.#clock = { server: new Date(mount.now + state.dateSkewMs), local: new Date(mount.now) };
    const answer = work(state, this.#kind(operation.place, operation));
    if (fault !== undefined && "lostReply" in fault) throw this.#cut(operation, idempotent);
    return answer;
  }

  #strike(operation: Operation, fault: Fault, idempotent: boolean): void {
    if ("reset" in fault) throw this.#cut(operation, idempotent);
    if (!("status" in fault)) return;
    const { status, reason = "", message = "" } = fault;
    throw this.#refusal(operation, refused(status, reason, message));
  }

  #cut(operation: Operation, idempotent: boolean): unknown {
    return cut(this.#spoken(), operation, idempotent);
  }

  #refusal(operation: Operation, status: Status): SpirefedError {
    return refusal(this.#spoken(), operation, status);
  }

  #kind({ apiVersion, plural }: ResourcePlace, operation: Operation): Kind {
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    const kind = kindAt(group ?? "", version ?? "", plural.split("/")[0] ?? "");
    if (kind !== undefined) return kind;
    if (plural === REVIEWS.plural) {
      return { ...REVIEWS, group: group ?? "", version: version ?? "" };
    }
    throw this.#refusal(
      operation,
      refused(404, "NotFound", "the server could not find the requested resource"),
    );
  }

  #spoken(): Spoken {
    return { name: this.name, options: `--context ${this.name}`, url: this.server.url };
  }

  #seen(state: ClusterState): ClusterState {
    return this.#access.system === undefined ? state : { ...state, denied: [] };
  }

  #mode(dryRun: boolean | undefined): Write["mode"] {
    return { manager: this.#access.system ?? FIELD_MANAGER, dryRun, strict: true };
  }

  #read<T>(resource: Resource<T>, object: Manifest, operation: Operation): T {
    try {
      return resource.parse(object);
    } catch (error) {
      throw unreadableObject(this.#spoken(), operation, error as Error);
    }
  }
}
