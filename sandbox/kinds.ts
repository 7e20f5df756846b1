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
  /** Members that are known of a member of `spec`. */
  readonly nestedFields?: Readonly<Record<string, readonly string[]>>;
}

const ZTWIM = { group: "operator.openshift.io", version: "v1alpha1", namespaced: false } as const;
const OLM = { group: "operators.coreos.com", version: "v1alpha1", namespaced: true } as const;
const CONFIG = { group: "config.openshift.io", version: "v1", namespaced: false } as const;
const STORAGE = { group: "storage.k8s.io", version: "v1", namespaced: false } as const;
const APPS = { group: "apps", version: "v1", namespaced: true } as const;
const SPIRE = { group: "spire.spiffe.io", version: "v1alpha1", namespaced: false } as const;

/** What every operand's `spec` has. */
const COMMON_FIELDS = ["labels", "resources", "affinity", "tolerations", "nodeSelector"];

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
    group: "",
    version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    shortNames: ["sa"],
    namespaced: true,
  },
  {
    group: "",
    version: "v1",
    kind: "Event",
    plural: "events",
    shortNames: ["ev"],
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
  { ...APPS, kind: "Deployment", plural: "deployments", shortNames: ["deploy"] },
  { ...APPS, kind: "DaemonSet", plural: "daemonsets", shortNames: ["ds"] },
  {
    group: "",
    version: "v1",
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    shortNames: ["pvc"],
    namespaced: true,
  },
  { group: "", version: "v1", kind: "Event", plural: "events", namespaced: true },
  {
    group: "networking.k8s.io",
    version: "v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    shortNames: ["netpol"],
    namespaced: true,
  },
  {
    group: "k8s.ovn.org",
    version: "v1",
    kind: "EgressFirewall",
    plural: "egressfirewalls",
    namespaced: true,
  },
  { ...STORAGE, kind: "StorageClass", plural: "storageclasses", shortNames: ["sc"] },
  { ...STORAGE, kind: "CSIDriver", plural: "csidrivers" },
  {
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    shortNames: ["crd"],
    namespaced: false,
  },
  { ...CONFIG, kind: "Ingress", plural: "ingresses" },
  { ...CONFIG, kind: "ClusterVersion", plural: "clusterversions" },
  { ...CONFIG, kind: "Proxy", plural: "proxies" },
  {
    group: "operators.coreos.com",
    version: "v1",
    kind: "OperatorGroup",
    plural: "operatorgroups",
    shortNames: ["og"],
    namespaced: true,
  },
  { ...OLM, kind: "Subscription", plural: "subscriptions", shortNames: ["sub"] },
  { ...OLM, kind: "InstallPlan", plural: "installplans", shortNames: ["ip"] },
  {
    ...OLM,
    kind: "ClusterServiceVersion",
    plural: "clusterserviceversions",
    shortNames: ["csv"],
  },
  { ...OLM, kind: "CatalogSource", plural: "catalogsources", shortNames: ["catsrc"] },
  {
    group: "packages.operators.coreos.com",
    version: "v1",
    kind: "PackageManifest",
    plural: "packagemanifests",
    namespaced: true,
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
      ...COMMON_FIELDS,
    ],
    nestedFields: {
      persistence: ["size", "accessMode", "storageClass"],
      caSubject: ["country", "organization", "commonName"],
      federation: ["bundleEndpoint", "federatesWith", "managedRoute"],
    },
  },
  {
    ...ZTWIM,
    kind: "SpireAgent",
    plural: "spireagents",
    specFields: [
      "socketPath",
      "logLevel",
      "logFormat",
      "nodeAttestor",
      "workloadAttestors",
      ...COMMON_FIELDS,
    ],
  },
  {
    ...ZTWIM,
    kind: "SpiffeCSIDriver",
    plural: "spiffecsidrivers",
    specFields: ["agentSocketPath", "pluginName", ...COMMON_FIELDS],
  },
  {
    ...ZTWIM,
    kind: "SpireOIDCDiscoveryProvider",
    plural: "spireoidcdiscoveryproviders",
    specFields: [
      "logLevel",
      "logFormat",
      "csiDriverName",
      "jwtIssuer",
      "replicaCount",
      "managedRoute",
      "externalSecretRef",
      ...COMMON_FIELDS,
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
  {
    ...SPIRE,
    kind: "ClusterStaticEntry",
    plural: "clusterstaticentries",
    specFields: [
      "spiffeID",
      "parentID",
      "selectors",
      "federatesWith",
      "x509SVIDTTL",
      "jwtSVIDTTL",
      "dnsNames",
      "hint",
      "admin",
      "downstream",
      "storeSVID",
      "className",
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
