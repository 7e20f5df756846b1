/**
 * ClusterFederatedTrustDomain, the object that tells one cluster to trust another
 * trust domain.
 *
 * Reading is lenient: an object of another manager's may say anything, and one that
 * says nonsense must not hide the others. The strict judge is
 * `lintClusterFederatedTrustDomain()`.
 *
 * @module
 */
import * as v from "valibot";
import type { SpiffeId, TrustDomain } from "../lib/spiffe/model.ts";
import type { ObjectMeta, Resource } from "./manifest.ts";
import { objectNameFor } from "./object_name.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    trustDomain: v.string(),
    bundleEndpointURL: v.string(),
    bundleEndpointProfile: v.object({
      type: v.string(),
      endpointSPIFFEID: v.exactOptional(v.string()),
    }),
    trustDomainBundle: v.exactOptional(v.string()),
    className: v.exactOptional(v.string()),
  }),
});

/** Tells one cluster to trust the workloads of another trust domain; its strings are as they were found. */
export type ClusterFederatedTrustDomain = v.InferOutput<typeof schema>;

/** How to find and read them. Cluster scoped. */
export const CLUSTER_FEDERATED_TRUST_DOMAINS: Resource<ClusterFederatedTrustDomain> = {
  apiVersion: "spire.spiffe.io/v1alpha1",
  kind: "ClusterFederatedTrustDomain",
  plural: "clusterfederatedtrustdomains",
  namespaced: false,
  parse: reader(schema),
};

/**
 * The class that the operator's spire-controller-manager minds: a constant in the
 * operator. Objects of another class, or of none, are ignored without a word.
 */
export const CONTROLLER_CLASS = "zero-trust-workload-identity-manager-spire";

/** What a ClusterFederatedTrustDomain made by this program says. */
export interface FederatedTrustDomainSpec {
  readonly trustDomain: TrustDomain;
  readonly bundleEndpointURL: string;
  readonly bundleEndpointProfile:
    | { readonly type: "https_web" }
    | { readonly type: "https_spiffe"; readonly endpointSPIFFEID: SpiffeId };
  /** A SPIFFE bundle as JSON text, canonically printed. */
  readonly trustDomainBundle?: string | undefined;
  readonly className: string;
}

/**
 * Builds one, named after the trust domain it trusts unless `metadata` names it.
 *
 * With `https_spiffe`, give `trustDomainBundle` on first use: the endpoint is
 * authenticated by the very bundle it serves. Give it too whenever URL or profile
 * change: spire-controller-manager then writes the text over what is stored.
 *
 * @example
 * ```ts
 * import { clusterFederatedTrustDomain, CONTROLLER_CLASS } from "./cluster_federated_trust_domain.ts";
 * import { parseTrustDomain } from "../lib/spiffe/trust_domain.ts";
 * import assert from "node:assert/strict";
 *
 * const object = clusterFederatedTrustDomain({
 *   trustDomain: parseTrustDomain("apps.west.example"),
 *   bundleEndpointURL: "https://federation.apps.west.example",
 *   bundleEndpointProfile: { type: "https_web" },
 *   className: CONTROLLER_CLASS,
 * });
 * assert.equal(object.metadata.name, "apps.west.example");
 * ```
 */
export function clusterFederatedTrustDomain(
  spec: FederatedTrustDomainSpec,
  metadata: Partial<ObjectMeta> = {},
): ClusterFederatedTrustDomain {
  const { apiVersion, kind } = CLUSTER_FEDERATED_TRUST_DOMAINS;
  return v.parse(schema, {
    apiVersion,
    kind,
    metadata: withoutAbsent({ name: objectNameFor(spec.trustDomain), ...metadata }),
    spec: withoutAbsent(spec),
  });
}

function withoutAbsent(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
