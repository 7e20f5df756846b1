/**
 * ClusterServiceVersion, one version of an operator in one namespace.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.exactOptional(v.object({ version: v.exactOptional(v.string(), "") }), { version: "" }),
  status: v.exactOptional(
    v.object({
      /** `Succeeded` when the operator runs; `Failed` may heal by itself. */
      phase: v.exactOptional(v.string(), ""),
      reason: v.exactOptional(v.string(), ""),
      message: v.exactOptional(v.string(), ""),
    }),
    { phase: "", reason: "", message: "" },
  ),
});

/** A version of an operator. */
export type ClusterServiceVersion = v.InferOutput<typeof schema>;

/** How to find and read them. */
export const CLUSTER_SERVICE_VERSIONS: Resource<ClusterServiceVersion> = {
  apiVersion: "operators.coreos.com/v1alpha1",
  kind: "ClusterServiceVersion",
  plural: "clusterserviceversions",
  namespaced: true,
  parse: reader(schema),
};

/** The label on copies of one that is installed in another namespace. */
export const COPIED_FROM = "olm.copiedFrom";
