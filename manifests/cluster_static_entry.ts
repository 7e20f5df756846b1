/**
 * ClusterStaticEntry, a registration entry as an object: only whose bundles its
 * workload receives is ours to read and to change.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    spiffeID: v.exactOptional(v.string(), ""),
    federatesWith: v.exactOptional(v.array(v.string())),
    className: v.exactOptional(v.string()),
  }),
});

/** A registration entry that is written out. */
export type ClusterStaticEntry = v.InferOutput<typeof schema>;

/** How to find and read them. Cluster scoped. */
export const CLUSTER_STATIC_ENTRIES: Resource<ClusterStaticEntry> = {
  apiVersion: "spire.spiffe.io/v1alpha1",
  kind: "ClusterStaticEntry",
  plural: "clusterstaticentries",
  namespaced: false,
  parse: reader(schema),
};
