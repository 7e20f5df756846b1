/**
 * The allow-list: which objects of a cluster are looked at, and which of their members are
 * kept. What is not named here is dropped where it arrives, so it can reach no output and
 * no archive. Secrets are not in the list.
 *
 * @module
 */
import { OPERATOR_NAMESPACE, type Resource } from "../../../manifests/manifest.ts";
import type { RawObject } from "../../../manifests/raw_object.ts";
import type { Observation } from "./facts.ts";
import { at, observe } from "./observation.ts";

/** One kind of object that is looked at. */
export interface Observed {
  /** What the facts call it. */
  readonly key: string;
  readonly resource: Resource<Observation>;
  readonly namespace?: string | undefined;
  /** One object by name; absent, all of them. */
  readonly name?: string | undefined;
  /** Only for finding causes: a report on trust does without. */
  readonly deep: boolean;
}

const STATUS = ["status.conditions"];
const WORKLOAD = [
  "spec.replicas",
  "status.replicas",
  "status.readyReplicas",
  "status.availableReplicas",
  "status.updatedReplicas",
  "status.observedGeneration",
  "status.currentRevision",
  "status.updateRevision",
  "status.desiredNumberScheduled",
  "status.numberReady",
  "status.conditions",
];
const CONTAINER = ["name", "ready", "restartCount", "state", "lastState"];
/** Of a pod: what is running, and why not. */
export const POD_FIELDS: readonly string[] = [
  "spec.nodeName",
  "spec.serviceAccountName",
  "spec.volumes.name",
  "spec.volumes.csi.driver",
  "status.phase",
  "status.reason",
  "status.message",
  "status.startTime",
  "status.conditions",
  ...["containerStatuses", "initContainerStatuses"].flatMap((list) =>
    CONTAINER.map((member) => `status.${list}.${member}`)
  ),
];

const OPERATOR = "operator.openshift.io/v1alpha1";
const OLM = "operators.coreos.com/v1alpha1";
const SPIRE = "spire.spiffe.io/v1alpha1";

/** All of them. */
export const OBSERVED: readonly Observed[] = [
  one("kubeSystem", "v1", "Namespace", { name: "kube-system" }),
  one("manager", OPERATOR, "ZeroTrustWorkloadIdentityManager", {
    name: "cluster",
    keep: [
      "spec.trustDomain",
      "spec.clusterName",
      "spec.bundleConfigMap",
      "status.conditions",
      "status.operands",
    ],
  }),
  one("server", OPERATOR, "SpireServer", {
    name: "cluster",
    keep: [
      "spec.federation.bundleEndpoint.profile",
      "spec.federation.bundleEndpoint.refreshHint",
      "spec.federation.federatesWith.trustDomain",
      "spec.federation.federatesWith.bundleEndpointUrl",
      "spec.federation.federatesWith.bundleEndpointProfile",
      "spec.federation.federatesWith.endpointSpiffeId",
      "spec.federation.managedRoute",
      "spec.caValidity",
      "spec.persistence.size",
      "spec.persistence.accessMode",
      "spec.persistence.storageClass",
      ...STATUS,
    ],
  }),
  one("agent", OPERATOR, "SpireAgent", {
    name: "cluster",
    keep: [
      "spec.socketPath",
      "spec.nodeAttestor.k8sPSATEnabled",
      "spec.workloadAttestors.k8sEnabled",
      "spec.workloadAttestors.workloadAttestorsVerification.type",
      ...STATUS,
    ],
  }),
  one("csi", OPERATOR, "SpiffeCSIDriver", {
    name: "cluster",
    keep: ["spec.agentSocketPath", "spec.pluginName", ...STATUS],
  }),
  one("oidc", OPERATOR, "SpireOIDCDiscoveryProvider", {
    name: "cluster",
    keep: ["spec.jwtIssuer", "spec.managedRoute", "spec.csiDriverName", ...STATUS],
  }),
  all("statefulSets", "apps/v1", "StatefulSet", WORKLOAD),
  all("daemonSets", "apps/v1", "DaemonSet", WORKLOAD),
  all("deployments", "apps/v1", "Deployment", WORKLOAD),
  all("routes", "route.openshift.io/v1", "Route", [
    "spec.host",
    "spec.to.name",
    "spec.tls.termination",
    "status.ingress",
  ]),
  one("spiffeIds", SPIRE, "ClusterSPIFFEID", {
    plural: "clusterspiffeids",
    keep: [
      "spec.className",
      "spec.federatesWith",
      "spec.fallback",
      "spec.hint",
      "spec.spiffeIDTemplate",
      "spec.namespaceSelector",
      "spec.podSelector",
      "status.stats",
    ],
  }),
  one("ingress", "config.openshift.io/v1", "Ingress", {
    name: "cluster",
    plural: "ingresses",
    keep: ["spec.domain", "spec.appsDomain"],
  }),
  config("serverConfig", "spire-server", { deep: false }),
  config("controllerConfig", "spire-controller-manager", { deep: false }),
  all("pods", "v1", "Pod", POD_FIELDS),
  all("claims", "v1", "PersistentVolumeClaim", [
    "spec.storageClassName",
    "spec.accessModes",
    "status.phase",
  ], { deep: true }),
  all("events", "v1", "Event", [
    "type",
    "reason",
    "message",
    "involvedObject.kind",
    "involvedObject.name",
    "lastTimestamp",
    "count",
  ], { deep: true }),
  all("subscriptions", OLM, "Subscription", [
    "spec.name",
    "spec.channel",
    "spec.source",
    "spec.sourceNamespace",
    "spec.installPlanApproval",
    "status.state",
    "status.installedCSV",
    "status.currentCSV",
    "status.installPlanRef.name",
    "status.conditions",
  ], { deep: true }),
  all("operatorGroups", "operators.coreos.com/v1", "OperatorGroup", [
    "spec.targetNamespaces",
    "status.namespaces",
    "status.conditions",
  ], { deep: true }),
  all("csvs", OLM, "ClusterServiceVersion", [
    "spec.version",
    "status.phase",
    "status.reason",
    "status.message",
  ], { deep: true }),
  all("installPlans", OLM, "InstallPlan", [
    "spec.approval",
    "spec.approved",
    "spec.clusterServiceVersionNames",
    "status.phase",
    "status.conditions",
    "status.bundleLookups.conditions",
  ], { deep: true }),
  all("catalogs", OLM, "CatalogSource", ["status.connectionState.lastObservedState"], {
    deep: true,
    namespace: "openshift-marketplace",
  }),
  one("storageClasses", "storage.k8s.io/v1", "StorageClass", {
    plural: "storageclasses",
    deep: true,
    keep: ["provisioner", "volumeBindingMode"],
  }),
  one("csiDriver", "storage.k8s.io/v1", "CSIDriver", { name: "csi.spiffe.io", deep: true }),
  one("proxy", "config.openshift.io/v1", "Proxy", {
    name: "cluster",
    plural: "proxies",
    deep: true,
    keep: ["spec.httpsProxy", "spec.noProxy", "status.httpsProxy", "status.noProxy"],
  }),
  one("clusterVersion", "config.openshift.io/v1", "ClusterVersion", {
    name: "version",
    deep: true,
    keep: ["status.desired.version"],
  }),
  all("networkPolicies", "networking.k8s.io/v1", "NetworkPolicy", [
    "spec.policyTypes",
    "spec.egress",
  ], { deep: true, plural: "networkpolicies" }),
  all("egressFirewalls", "k8s.ovn.org/v1", "EgressFirewall", ["spec.egress"], { deep: true }),
];

interface Options {
  readonly name?: string;
  readonly plural?: string;
  readonly keep?: readonly string[];
  readonly deep?: boolean;
  readonly namespace?: string;
  readonly project?: (object: RawObject) => RawObject;
}

/** Cluster scoped. */
function one(key: string, apiVersion: string, kind: string, options: Options = {}): Observed {
  const { name, plural = `${kind.toLowerCase()}s`, deep = false } = options;
  const resource = resourceOf({ apiVersion, kind, plural, namespaced: false }, options);
  return { key, resource, name, deep };
}

/** In a namespace, the operator's unless told otherwise. */
function all(
  key: string,
  apiVersion: string,
  kind: string,
  keep: readonly string[],
  options: Options = {},
): Observed {
  const { name, namespace = OPERATOR_NAMESPACE, deep = false } = options;
  const plural = options.plural ?? `${kind.toLowerCase()}s`;
  const resource = resourceOf({ apiVersion, kind, plural, namespaced: true }, { ...options, keep });
  return { key, resource, namespace, name, deep };
}

function config(key: string, name: string, { deep }: { readonly deep: boolean }): Observed {
  const project = key === "serverConfig" ? serverConfiguration : controllerConfiguration;
  return all(key, "v1", "ConfigMap", [], { name, deep, project });
}

/** Of server.conf, which holds the datastore's password: only what concerns federation. */
function serverConfiguration(object: RawObject): RawObject {
  try {
    const conf: unknown = JSON.parse(String(at(object, "data", "server.conf") ?? ""));
    return {
      trustDomain: at(conf, "server", "trust_domain"),
      federation: at(conf, "server", "federation"),
      readable: true,
    };
  } catch {
    return { readable: false };
  }
}

/** Of the controller's configuration: its class and what it leaves out. */
function controllerConfiguration(object: RawObject): RawObject {
  const text = String(at(object, "data", "controller-manager-config.yaml") ?? "");
  const lines = text.split("\n").filter((line) =>
    /^(className|watchClassless|gcInterval|ignoreNamespaces|clusterName):|^\s*- /.test(line)
  );
  return { yaml: lines.join("\n") };
}

function resourceOf(
  place: Omit<Resource<Observation>, "parse">,
  { keep = [], project }: Options,
): Resource<Observation> {
  return { ...place, parse: (object) => observe(object, { keep, project }) };
}
