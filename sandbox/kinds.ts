/**
 * The kinds that practice clusters serve.
 *
 * @module
 */

/** A kind, as discovery tells it. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** What kubectl lets one type instead. */
  readonly shortNames?: readonly string[];
  /** Members of `spec` that are known; strict writes refuse others. Absent: anything goes. */
  readonly specFields?: readonly string[];
}

const ZTWIM = { group: "operator.openshift.io", version: "v1alpha1", namespaced: false } as const;
const SPIRE = { group: "spire.spiffe.io", version: "v1alpha1", namespaced: false } as const;

/** All of them. */
export const KINDS: readonly Kind[] = [
  {
    group: "",
    version: "v1",
    kind: "Namespace",
    plural: "namespaces",
    shortNames: ["ns"],
    namespaced: false,
  },
  {
    group: "",
    version: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    shortNames: ["cm"],
    namespaced: true,
  },
  { group: "", version: "v1", kind: "Pod", plural: "pods", shortNames: ["po"], namespaced: true },
  {
    group: "",
    version: "v1",
    kind: "Service",
    plural: "services",
    shortNames: ["svc"],
    namespaced: true,
  },
  {
    group: "apps",
    version: "v1",
    kind: "StatefulSet",
    plural: "statefulsets",
    shortNames: ["sts"],
    namespaced: true,
  },
  {
    group: "route.openshift.io",
    version: "v1",
    kind: "Route",
    plural: "routes",
    namespaced: true,
  },
  {
    group: "config.openshift.io",
    version: "v1",
    kind: "Ingress",
    plural: "ingresses",
    namespaced: false,
  },
  {
    ...ZTWIM,
    kind: "ZeroTrustWorkloadIdentityManager",
    plural: "zerotrustworkloadidentitymanagers",
    specFields: ["trustDomain", "clusterName", "bundleConfigMap"],
  },
  {
    ...ZTWIM,
    kind: "SpireServer",
    plural: "spireservers",
    specFields: [
      "logLevel",
      "logFormat",
      "jwtIssuer",
      "caValidity",
      "defaultX509Validity",
      "defaultJWTValidity",
      "caKeyType",
      "jwtKeyType",
      "keyManager",
      "caSubject",
      "persistence",
      "datastore",
      "federation",
      "labels",
      "resources",
      "affinity",
      "tolerations",
      "nodeSelector",
    ],
  },
  {
    ...SPIRE,
    kind: "ClusterFederatedTrustDomain",
    plural: "clusterfederatedtrustdomains",
    specFields: [
      "trustDomain",
      "bundleEndpointURL",
      "bundleEndpointProfile",
      "trustDomainBundle",
      "className",
    ],
  },
  {
    ...SPIRE,
    kind: "ClusterSPIFFEID",
    plural: "clusterspiffeids",
    specFields: [
      "spiffeIDTemplate",
      "ttl",
      "jwtTtl",
      "dnsNameTemplates",
      "workloadSelectorTemplates",
      "federatesWith",
      "namespaceSelector",
      "podSelector",
      "admin",
      "downstream",
      "autoPopulateDNSNames",
      "className",
      "fallback",
      "hint",
    ],
  },
];

/** `v1` or `group/version`. */
export function apiVersionOf({ group, version }: Kind): string {
  return group === "" ? version : `${group}/${version}`;
}

/** `clusterspiffeids.spire.spiffe.io`, as messages name a resource. */
export function resourceName({ group, plural }: Kind): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** Finds a kind by what a manifest says of itself. */
export function kindOf(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): Kind | undefined {
  return KINDS.find((known) => known.kind === kind && apiVersionOf(known) === apiVersion);
}

/** Finds a kind by its place in a URL. */
export function kindAt(group: string, version: string, plural: string): Kind | undefined {
  return KINDS.find((known) =>
    known.group === group && known.version === version && known.plural === plural
  );
}

/** Where an object stands in a cluster's store. */
export function storeKey(plural: string, name: string, namespace = ""): string {
  return `${plural}/${namespace}/${name}`;
}
