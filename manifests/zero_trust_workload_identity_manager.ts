/**
 * ZeroTrustWorkloadIdentityManager, the operator's main object: the only place
 * where a cluster's trust domain is written down.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    trustDomain: v.string(),
    clusterName: v.string(),
    /** The ConfigMap that SPIRE publishes its X.509 authorities in. */
    bundleConfigMap: v.exactOptional(v.string(), "spire-bundle"),
  }),
});

/** The singleton is called `cluster`. */
export type ZeroTrustWorkloadIdentityManager = v.InferOutput<typeof schema>;

/** How to find and read it. Cluster scoped. */
export const ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS: Resource<ZeroTrustWorkloadIdentityManager> = {
  apiVersion: "operator.openshift.io/v1alpha1",
  kind: "ZeroTrustWorkloadIdentityManager",
  plural: "zerotrustworkloadidentitymanagers",
  namespaced: false,
  parse: reader(schema),
};
