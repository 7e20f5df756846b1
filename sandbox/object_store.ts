/**
 * The API server of a practice cluster: carries writes out, dry-runs as if, and remembers
 * what changed.
 *
 * @module
 */
import type { Manifest } from "../manifests/manifest.ts";
import { dependentsOf } from "./dependents.ts";
import { sameJson } from "./field_owners.ts";
import { kindAt, storeKey } from "./kinds.ts";
import type { ClusterState, Instant, Status, StoredObject } from "./model.ts";
import { closedFor, keyOf, type Place } from "./object_reading.ts";
import { notFound } from "./statuses.ts";
import { at } from "./validation.ts";
import { attempted, judge, type Write, type WriteMode } from "./write_attempt.ts";

/** What became of a write. */
export type WriteAnswer =
  | { readonly status: Status }
  | { readonly object: Manifest; readonly created: boolean; readonly changed: boolean };

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
