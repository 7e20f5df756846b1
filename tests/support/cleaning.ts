/**
 * What tests of `cleanup` ask of a cluster.
 *
 * @module
 */
import type { Manifest } from "../../manifests/manifest.ts";
import type { Practice } from "./practice.ts";

/** The objects that are there. */
export function objectsOf({ mount }: Practice, cluster = "east"): readonly Manifest[] {
  return [...mount.cluster(cluster).objects.values()].map(({ manifest }) => manifest);
}

/** Those of some kinds, as `Kind/name`, in order. */
export function namesOf(run: Practice, ...kinds: readonly string[]): readonly string[] {
  return objectsOf(run).filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
}
