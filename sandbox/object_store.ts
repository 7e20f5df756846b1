/**
 * The API server of a practice cluster: reads and writes of objects, with owners of
 * fields, preconditions, dry-run, validation, permissions.
 *
 * @module
 */
import type { Manifest } from "../manifests/manifest.ts";
import { dependentsOf } from "./dependents.ts";
import {
  conflictsOf,
  jsonPatch,
  leavesOf,
  mergeLeaves,
  mergePatch,
  sameJson,
} from "./field_owners.ts";
import { isServed } from "./definitions.ts";
import { type Kind, kindAt, resourceName, storeKey } from "./kinds.ts";
import type { ClusterState, Instant, Status, StoredObject } from "./model.ts";
import {
  alreadyExists,
  anotherUid,
  conflicted,
  forbidden,
  invalid,
  modified,
  notFound,
  refused,
  undeclared,
  unknownTo,
} from "./statuses.ts";
import { at, unknownFields, violationsOf } from "./validation.ts";

/** Which object, by kind and name. */
export interface Place {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** How to write. */
export interface WriteMode {
  readonly manager: string;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** Refuse members that the kind does not know. */
  readonly strict?: boolean | undefined;
  /** Only `status` is taken from the body. */
  readonly status?: boolean | undefined;
}

/** A write. */
export type Write =
  | {
    readonly verb: "create";
    readonly place: Place;
    readonly body: Manifest;
    readonly mode: WriteMode;
  }
  | {
    readonly verb: "apply";
    readonly place: Place;
    readonly body: Manifest;
    readonly mode: WriteMode;
  }
  | {
    readonly verb: "replace";
    readonly place: Place;
    readonly body: Manifest;
    readonly mode: WriteMode;
  }
  | {
    readonly verb: "patch";
    readonly place: Place;
    readonly patch: { readonly type: "merge" | "json"; readonly body: unknown };
    readonly mode: WriteMode;
  }
  | {
    readonly verb: "delete";
    readonly place: Place;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
    readonly mode: WriteMode;
  };

/** What became of a write. */
export type WriteAnswer =
  | { readonly status: Status }
  | { readonly object: Manifest; readonly created: boolean; readonly changed: boolean };

/** Whether the user may do it; asked by every verb and by SelfSubjectAccessReview. */
export function isAllowed(
  state: ClusterState,
  verb: string,
  resource: string,
  { onWrite = false } = {},
): boolean {
  // Whoever lacks anything may not do everything.
  if (resource === "*") return state.denied.every(({ onlyOnWrite }) => onlyOnWrite === true);
  return !state.denied.some((denial) =>
    (denial.verb === "*" || denial.verb === verb) && denial.resource === resource &&
    (onWrite || denial.onlyOnWrite !== true)
  );
}

/** One object, or why not. */
export function readObject(state: ClusterState, place: Place): Manifest | Status {
  const { kind, name } = place;
  const closed = closedFor(state, "get", kind);
  if (closed !== undefined) return closed;
  return state.objects.get(keyOf(place))?.manifest ?? notFound(kind, name);
}

/** All objects of a kind, in the order of their names, or why not. */
export function listObjects(
  state: ClusterState,
  kind: Kind,
  { namespace, labelSelector = "", verb = "list" }: {
    readonly namespace?: string | undefined;
    readonly labelSelector?: string | undefined;
    readonly verb?: "list" | "watch";
  },
): readonly Manifest[] | Status {
  const closed = closedFor(state, verb, kind);
  if (closed !== undefined) return closed;
  const prefix = namespace === undefined ? `${kind.plural}/` : `${kind.plural}/${namespace}/`;
  return [...state.objects].filter(([key, { manifest }]) =>
    key.startsWith(prefix) && selects(labelSelector, manifest)
  ).sort(([a], [b]) => a < b ? -1 : 1).map(([, { manifest }]) => manifest);
}

/** Whether a label selector of `name`, `name=value` and `name!=value` terms selects an object. */
export function selects(selector: string, { metadata }: Manifest): boolean {
  return selector.split(",").filter((term) => term.trim() !== "").every((term) => {
    const [, name = "", not = "", value] = /^\s*([^=!\s]+)\s*(?:(!?)==?\s*(\S*))?\s*$/.exec(term) ??
      [];
    const held = metadata.labels?.[name];
    return value === undefined ? held !== undefined : (held === value) !== (not === "!");
  });
}

/** Carries out a write. The answer of a dry-run is as if, and the state stays as it was. */
export function writeObject(
  state: ClusterState,
  now: Instant,
  write: Write,
): readonly [ClusterState, WriteAnswer] {
  const { place, mode } = write;
  const key = keyOf(place);
  const old = state.objects.get(key);
  // Applying and replacing create what is not there yet; the API server asks for that right, too.
  const verb = write.verb === "apply" ? "patch" : write.verb === "replace" ? "update" : write.verb;
  const closed = closedFor(state, verb, place.kind, true) ??
    (old === undefined && write.verb === "apply"
      ? closedFor(state, "create", place.kind, true)
      : undefined);
  if (closed !== undefined) return [state, { status: closed }];
  const homeless = old === undefined ? withoutNamespace(state, place) : undefined;
  if (homeless !== undefined) return [state, { status: homeless }];
  const attempt = attempted(write, old);
  if ("status" in attempt) return [state, attempt];
  if (attempt.next === undefined) return remove(state, now, { key, old, mode });
  const wrong = judge(place.kind, attempt.next, old?.manifest, mode, write);
  if (wrong !== undefined) return [state, { status: wrong }];
  return put(state, now, { key, old, next: attempt.next, owners: attempt.owners, mode });
}

/** Nothing is created in a namespace that is not there. */
function withoutNamespace(
  { objects }: ClusterState,
  { kind, namespace }: Place,
): Status | undefined {
  const namespaces = kindAt("", "v1", "namespaces");
  if (!kind.namespaced || namespace === undefined || namespaces === undefined) return undefined;
  return objects.has(storeKey("namespaces", namespace))
    ? undefined
    : notFound(namespaces, namespace);
}

type Attempt =
  | { readonly status: Status }
  | { readonly next: Manifest; readonly owners: ReadonlyMap<string, ReadonlySet<string>> }
  | { readonly next: undefined };

function attempted(write: Write, old: StoredObject | undefined): Attempt {
  const { place: { kind, name } } = write;
  if (write.verb === "create") {
    return old === undefined
      ? owned(write.body, undefined, write.mode)
      : { status: alreadyExists(kind, name) };
  }
  if (write.verb === "apply") return applied(write.body, old, write);
  if (old === undefined) return { status: notFound(kind, name) };
  if (write.verb === "delete") {
    const { uid, resourceVersion } = old.manifest.metadata;
    const met = (write.uid ?? uid) === uid &&
      (write.resourceVersion ?? resourceVersion) === resourceVersion;
    return met ? { next: undefined } : {
      status: write.uid === undefined || write.uid === uid
        ? modified(kind, name, false)
        : anotherUid(kind, name, { wanted: write.uid, held: uid ?? "" }),
    };
  }
  if (write.verb === "replace") return unlessModified(write.body, old, write);
  try {
    const { type, body } = write.patch;
    const next = type === "merge"
      ? mergePatch(old.manifest, body)
      : jsonPatch(old.manifest, body as readonly Record<string, unknown>[]);
    return unlessModified(next as Manifest, old, write);
  } catch (error) {
    return {
      status: refused(
        422,
        "Invalid",
        `the server rejected our request due to an error in our request: ${
          (error as Error).message
        }`,
      ),
    };
  }
}

function unlessModified(next: Manifest, old: StoredObject, { place, mode }: Write): Attempt {
  const { resourceVersion = old.manifest.metadata.resourceVersion } = next.metadata;
  if (resourceVersion !== old.manifest.metadata.resourceVersion) {
    return { status: modified(place.kind, place.name, false) };
  }
  return owned(next, old, mode);
}

/** Any write but an apply owns what it changed. */
function owned(next: Manifest, old: StoredObject | undefined, { manager }: WriteMode): Attempt {
  const held = old === undefined ? new Map<string, unknown>() : leavesOf(old.manifest);
  const leaves = leavesOf(next);
  const changed = [...leaves].filter(([path, value]) =>
    !held.has(path) || !sameJson(held.get(path), value)
  ).map(([path]) => path);
  const owners = new Map<string, ReadonlySet<string>>();
  for (const [owner, paths] of old?.owners ?? []) {
    const kept = [...paths].filter((path) => leaves.has(path) && !changed.includes(path));
    if (kept.length > 0) owners.set(owner, new Set(kept));
  }
  const own = `${manager}/Update`;
  return { next, owners: owners.set(own, new Set([...owners.get(own) ?? [], ...changed])) };
}

function applied(body: Manifest, old: StoredObject | undefined, { place, mode }: Write): Attempt {
  const own = `${mode.manager}/Apply`;
  const wanted = leavesOf(body);
  if (old === undefined) {
    if (body.metadata.resourceVersion !== undefined || body.metadata.uid !== undefined) {
      return { status: modified(place.kind, place.name, true) };
    }
    return { next: body, owners: new Map([[own, new Set(wanted.keys())]]) };
  }
  const { uid, resourceVersion } = old.manifest.metadata;
  const { metadata } = body;
  if (
    (metadata.uid ?? uid) !== uid ||
    (metadata.resourceVersion ?? resourceVersion) !== resourceVersion
  ) {
    return { status: modified(place.kind, place.name, (metadata.uid ?? uid) !== uid) };
  }
  const conflicts = conflictsOf(old.manifest, wanted, old.owners, own);
  if (conflicts.length > 0 && mode.force !== true) {
    return { status: conflicted(place.kind, conflicts) };
  }
  const owners = new Map(old.owners);
  for (const { manager, path } of conflicts) {
    owners.set(manager, new Set([...owners.get(manager) ?? []].filter((kept) => kept !== path)));
  }
  const others = [...owners].filter(([owner]) => owner !== own);
  const released = [...old.owners.get(own) ?? []].filter((path) =>
    !wanted.has(path) && !others.some(([, paths]) => paths.has(path))
  );
  owners.set(own, new Set(wanted.keys()));
  return { next: mergeLeaves(old.manifest, wanted, released) as Manifest, owners };
}

function judge(
  kind: Kind,
  next: Manifest,
  old: Manifest | undefined,
  mode: WriteMode,
  write: Write,
): Status | undefined {
  const unknown = unknownFields(kind, next);
  if (mode.strict === true && unknown.length > 0) {
    return write.verb === "apply"
      ? undeclared(kind, next.metadata.name, unknown)
      : unknownTo(kind, unknown);
  }
  const violations = mode.status === true ? [] : violationsOf(kind, next, old);
  return violations.length === 0 ? undefined : invalid(kind, next.metadata.name, violations);
}

interface Put {
  readonly key: string;
  readonly old: StoredObject | undefined;
  readonly next: Manifest;
  readonly owners: ReadonlyMap<string, ReadonlySet<string>>;
  readonly mode: WriteMode;
}

function put(
  state: ClusterState,
  now: Instant,
  { key, old, next, owners, mode }: Put,
): readonly [ClusterState, WriteAnswer] {
  const previous = old?.manifest;
  const body = mode.status === true && previous !== undefined
    ? { ...previous, status: next["status"] }
    : previous === undefined || previous["status"] === undefined
    ? next
    : { ...next, status: previous["status"] };
  const version = state.resourceVersion + 1;
  const changed = previous === undefined || !sameJson(bare(body), bare(previous));
  const metadata = {
    ...body.metadata,
    uid: previous?.metadata.uid ?? uidFor(state.name, version),
    creationTimestamp: previous?.metadata.creationTimestamp ?? timestamp(now),
    generation: (previous?.metadata.generation ?? 0) +
      (previous === undefined || !sameJson(body["spec"], previous["spec"]) ? 1 : 0),
    resourceVersion: changed ? String(version) : previous.metadata.resourceVersion,
  };
  const manifest: Manifest = { ...body, metadata };
  const answer = { object: manifest, created: previous === undefined, changed };
  if (mode.dryRun === true) return [state, answer];
  const objects = new Map(state.objects).set(key, { manifest, owners });
  if (!changed) return [{ ...state, objects }, answer];
  const type = previous === undefined ? "ADDED" : "MODIFIED";
  return [changedTo({ ...state, objects, resourceVersion: version }, key, type, manifest), answer];
}

/** What holds a finalizer stays, marked, until whoever set it lets go. */
function remove(
  state: ClusterState,
  now: Instant,
  { key, old, mode }: Pick<Put, "key" | "old" | "mode">,
): readonly [ClusterState, WriteAnswer] {
  const object = old?.manifest as Manifest;
  const finalizers = at(object, "metadata.finalizers");
  if (old !== undefined && Array.isArray(finalizers) && finalizers.length > 0) {
    const metadata = { ...object.metadata, deletionTimestamp: timestamp(now) };
    const { owners } = old;
    return put(state, now, { key, old, next: { ...object, metadata }, owners, mode });
  }
  const answer = { object, created: false, changed: true };
  if (mode.dryRun === true) return [state, answer];
  const places = [...new Set([...dependentsOf(state.objects, key, object), key])];
  return [places.reduce(without, state), answer];
}

function without(state: ClusterState, key: string): ClusterState {
  const object = state.objects.get(key)?.manifest;
  if (object === undefined) return state;
  const objects = new Map(state.objects);
  objects.delete(key);
  const resourceVersion = state.resourceVersion + 1;
  const last = {
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
  };
  return changedTo({ ...state, objects, resourceVersion }, key, "DELETED", last);
}

function changedTo(
  state: ClusterState,
  key: string,
  type: "ADDED" | "MODIFIED" | "DELETED",
  object: Manifest,
): ClusterState {
  const change = { resourceVersion: state.resourceVersion, key, type, object };
  return { ...state, changes: [...state.changes.slice(-999), change] };
}

function closedFor(
  state: ClusterState,
  verb: string,
  kind: Kind,
  onWrite = false,
): Status | undefined {
  if (!isServed(state, kind)) {
    return refused(404, "NotFound", "the server could not find the requested resource");
  }
  return isAllowed(state, verb, kind.plural, { onWrite })
    ? undefined
    : forbidden(verb, resourceName(kind), kind.group);
}

function keyOf({ kind, name, namespace }: Place): string {
  return storeKey(kind.plural, name, kind.namespaced ? namespace : "");
}

/** Without what changes by itself. */
function bare(manifest: Manifest): Manifest {
  const { resourceVersion: _, generation: __, uid: ___, creationTimestamp: ____, ...metadata } =
    manifest.metadata;
  return { ...manifest, metadata };
}

/** RFC 3339 to the second, as an API server prints it. */
export function timestamp(at: Instant): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A UUID that tells objects apart and is the same in every run. */
export function uidFor(cluster: string, version: number): string {
  const digits = [...`${cluster}/${version}`].reduce(
    (hash, char) => (hash * 1_099_511_628_211n ^ BigInt(char.charCodeAt(0))) & ((1n << 122n) - 1n),
    14_695_981_039_346_656_037n,
  ).toString(16).padStart(31, "0").slice(1);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-a${
    digits.slice(15, 18)
  }-${digits.slice(18, 30)}`;
}
