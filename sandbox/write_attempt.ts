/**
 * What a write would make of an object: owners of fields, conflicts, preconditions,
 * validation. Nothing is changed here.
 *
 * @module
 */
import type { Manifest } from "../manifests/manifest.ts";
import {
  conflictsOf,
  jsonPatch,
  leavesOf,
  mergeLeaves,
  mergePatch,
  sameJson,
} from "./field_owners.ts";
import type { Kind } from "./kinds.ts";
import type { Status, StoredObject } from "./model.ts";
import type { Place } from "./object_reading.ts";
import {
  alreadyExists,
  anotherUid,
  conflicted,
  invalid,
  modified,
  notFound,
  refused,
  undeclared,
  unknownTo,
} from "./statuses.ts";
import { unknownFields, violationsOf } from "./validation.ts";

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

type Attempt =
  | { readonly status: Status }
  | { readonly next: Manifest; readonly owners: ReadonlyMap<string, ReadonlySet<string>> }
  | { readonly next: undefined };

/** What the object would be, and who would own its fields; or why not. */
export function attempted(write: Write, old: StoredObject | undefined): Attempt {
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

/** What validation has against an object. */
export function judge(
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
