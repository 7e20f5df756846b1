/**
 * One cluster, as the rest of the program sees it: the port. What is not here,
 * no command can do to a cluster.
 *
 * Reading what is absent answers `undefined`. Everything else that goes wrong is
 * a `SpirefedError` of kind `preflight` whose message starts with the context in
 * brackets and whose `code` tells the case: `http/<status>` for what the server
 * answered, `net/*` for what the network did. Callers that have already written
 * decide for themselves what such a failure means then.
 *
 * @module
 */
import type { Manifest, Resource } from "../../manifests/manifest.ts";

/** One cluster and the few verbs this program may use on it. */
export interface Cluster {
  /** The kubeconfig context as the user named it; every message about this cluster begins with it. */
  readonly name: string;
  /** Where its API server is, and how far the connection to it can be trusted. */
  readonly server: ServerFacts;

  /** One object, or `undefined` when there is none (404 of the object, not of its kind). */
  get<T>(resource: Resource<T>, name: string, at?: InNamespace): Promise<T | undefined>;

  /** All objects of a kind, read page by page. */
  list<T>(resource: Resource<T>, options?: ListOptions): Promise<Listing<T>>;

  /**
   * Changes as they happen, beginning with what exists: a list, then a watch,
   * and a new list whenever the server has forgotten where the watch stood (410).
   * A cut connection is taken up again. Ends only with the signal or a failure.
   */
  watch<T>(resource: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;

  /** Creates an object; `http/409` when it is already there. */
  create(manifest: Manifest, options?: WriteOptions): Promise<Written>;

  /** Server-side apply as field manager `oc-spirefed`, strict; conflicts are `http/409`. */
  apply(manifest: Manifest, options?: ApplyOptions): Promise<Written>;

  /** A merge patch or a JSON patch; put `metadata.resourceVersion` into it to lock. */
  patch(target: ObjectKey, patch: Patch, options?: WriteOptions): Promise<Written>;

  /** Deletes the object that was seen, and only that. `false` when it was already gone. */
  delete(target: ObjectKey, options: DeleteOptions): Promise<boolean>;

  /** A container's log. */
  logs(container: ContainerKey, options?: LogOptions): Promise<string>;

  /** Runs a command in a container. A non-zero exit is an answer, not a failure. */
  exec(
    container: ContainerKey,
    command: readonly string[],
    options?: ExecOptions,
  ): Promise<ExecResult>;

  /** Asks the API server whether a verb is allowed (SelfSubjectAccessReview). */
  can(access: Access): Promise<AccessAnswer>;
}

/** What is known of an API server from the kubeconfig and from its answers. */
export interface ServerFacts {
  /** The URL in the kubeconfig. */
  readonly url: string;
  /** True for `insecure-skip-tls-verify` and `http://`: no bundle may be read or written here. */
  readonly insecure: boolean;
  /** The `Date` of its latest answer beside the local time of arrival; `undefined` before the first. */
  readonly clock: () => { readonly server: Date; readonly local: Date } | undefined;
  /** Hex SHA-256 of what authenticates the server; stands in where its identity cannot be read. */
  readonly fingerprint: string;
}

/** Where a namespaced object lives. */
export interface InNamespace {
  readonly namespace: string;
}

/** Names one object. */
export interface ObjectKey {
  readonly resource: Resource<unknown>;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Which objects to list. */
export interface ListOptions {
  readonly namespace?: string | undefined;
  /** As `kubectl -l`. */
  readonly labelSelector?: string | undefined;
}

/** What a list found. One foreign object that cannot be read does not spoil the rest. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** Objects of this kind that did not parse, by name, with the reason. */
  readonly unreadable: readonly { readonly name: string; readonly problem: string }[];
}

/** What to watch and for how long. */
export interface WatchOptions extends ListOptions {
  /** Only the object of this name. */
  readonly name?: string | undefined;
  readonly signal: AbortSignal;
}

/** One change; `object` is the state after it, or the last one before a deletion. */
export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

/** How to write. */
export interface WriteOptions {
  /** The server answers as if, and stores nothing (`dryRun=All`). */
  readonly dryRun?: boolean | undefined;
}

/** How to apply. */
export interface ApplyOptions extends WriteOptions {
  /** Take fields over from other managers (`--force-conflicts`). */
  readonly force?: boolean | undefined;
}

/** What the server made of a write. */
export interface Written {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Whether anything changed; known from the resourceVersion before and after, where both are. */
  readonly created: boolean;
  /** `Warning` headers, unescaped text from the server. */
  readonly warnings: readonly string[];
}

/** A change of part of an object. */
export type Patch =
  | { readonly type: "merge"; readonly body: Readonly<Record<string, unknown>> }
  | { readonly type: "json"; readonly body: readonly Readonly<Record<string, unknown>>[] };

/** What must still be true for a deletion to happen. */
export interface DeleteOptions extends WriteOptions {
  readonly uid: string;
  readonly resourceVersion?: string | undefined;
  /** @default {"Background"} */
  readonly propagation?: "Background" | "Foreground" | "Orphan" | undefined;
}

/** Names one container. */
export interface ContainerKey {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Which part of a log. */
export interface LogOptions {
  readonly sinceTime?: Date | undefined;
  readonly tailLines?: number | undefined;
  /** Each line begins with its time (RFC 3339, nanoseconds) and a space. */
  readonly timestamps?: boolean | undefined;
  readonly previous?: boolean | undefined;
}

/** How to run a command in a container. */
export interface ExecOptions {
  readonly stdin?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a command in a container answered. */
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One permission to ask about. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  /** Lower-case plural, e.g. `pods`. */
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Whether it is allowed, and what the server said of it. */
export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason?: string | undefined;
}
