/**
 * What of the wanted objects is not there yet, or is there otherwise. Pure.
 *
 * @module
 */
import { type Difference, differences } from "../../manifests/as_found.ts";
import { type Manifest, nameOf } from "../../manifests/manifest.ts";
import { isRecord } from "../../manifests/raw_object.ts";
import { printable } from "../output/printable.ts";

/** One object to write. */
export interface Change {
  readonly action: "create" | "update";
  readonly manifest: Manifest;
  readonly why: string;
  /** The spec that the change was made for, of an object that is there. */
  readonly seen?: unknown;
}

/** A field that is otherwise, and that the operator lets nobody change. */
export interface Conflict {
  /** `SpireServer/cluster`. */
  readonly object: string;
  readonly difference: Difference;
}

/** Fields that stay for ever once they are set, by kind. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  ZeroTrustWorkloadIdentityManager: [
    "spec.trustDomain",
    "spec.clusterName",
    "spec.bundleConfigMap",
  ],
  SpireServer: [
    "spec.persistence.size",
    "spec.persistence.accessMode",
    "spec.persistence.storageClass",
    "spec.federation.bundleEndpoint.profile",
  ],
};

/** The write that makes `held` say all that `wanted` says; none when it does. */
export function changeFor(held: Manifest | undefined, wanted: Manifest): Change | undefined {
  if (held === undefined) {
    return { action: "create", manifest: wanted, why: "is not there yet" };
  }
  const found = specDifferences(held, wanted);
  if (found.length === 0) return undefined;
  return {
    action: "update",
    manifest: merged(held, wanted),
    why: found.map(spell).join("; "),
    seen: held["spec"],
  };
}

/** Differences that no edit can remove. */
export function conflictsOf(held: Manifest | undefined, wanted: Manifest): readonly Conflict[] {
  if (held === undefined) return [];
  const fixed = IMMUTABLE[wanted.kind] ?? [];
  return specDifferences(held, wanted)
    .filter(({ path, held }) => fixed.includes(path) && held !== undefined)
    .map((difference) => ({ object: nameOf(wanted), difference }));
}

/** `spec.persistence.size is 1Gi, wanted is 5Gi`. */
export function spell({ path, held, wanted }: Difference): string {
  const shown = (value: unknown): string => printable(plain(value), 120);
  return held === undefined
    ? `${path} is to be ${shown(wanted)}`
    : `${path} is ${shown(held)}, wanted is ${shown(wanted)}`;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Labels are ours to set only on what is ours. */
function specDifferences(held: Manifest, wanted: Manifest): readonly Difference[] {
  return differences(held["spec"], wanted["spec"], "spec");
}

/**
 * The object to apply. On one that this program made it is whole, since an apply takes
 * away what it no longer says; of any other only what is to change is said.
 */
function merged(held: Manifest, wanted: Manifest): Manifest {
  const { name, namespace, labels } = wanted.metadata;
  const ours = held.metadata.labels?.["app.kubernetes.io/managed-by"] === "oc-spirefed";
  const spec = ours
    ? overlay(held["spec"], wanted["spec"])
    : only(wanted["spec"], specDifferences(held, wanted), "spec");
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    // The version that was looked at: whoever was quicker is not overwritten.
    resourceVersion: held.metadata.resourceVersion,
    ...(ours && labels !== undefined ? { labels } : {}),
  };
  return { apiVersion: wanted.apiVersion, kind: wanted.kind, metadata, spec };
}

function overlay(held: unknown, wanted: unknown): unknown {
  if (!isRecord(held) || !isRecord(wanted)) return wanted ?? held;
  const names = new Set([...Object.keys(held), ...Object.keys(wanted)]);
  return Object.fromEntries([...names].map((name) => [name, overlay(held[name], wanted[name])]));
}

function only(wanted: unknown, found: readonly Difference[], path: string): unknown {
  if (!isRecord(wanted)) return wanted;
  const touched = Object.entries(wanted).filter(([name]) =>
    found.some((one) => one.path === `${path}.${name}` || one.path.startsWith(`${path}.${name}.`))
  );
  return Object.fromEntries(
    touched.map(([name, value]) => [name, only(value, found, `${path}.${name}`)]),
  );
}
