/**
 * All that is known of one cluster before anything is installed or federated there,
 * collected once and side by side.
 *
 * @module
 */
import type { Cluster, Listing } from "../cluster/cluster.ts";
import type { SpirefedError } from "../errors.ts";
import {
  CATALOG_SOURCES,
  type CatalogSource,
  MARKETPLACE_NAMESPACE,
} from "../../manifests/catalog_source.ts";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  type ClusterFederatedTrustDomain,
} from "../../manifests/cluster_federated_trust_domain.ts";
import {
  CLUSTER_SERVICE_VERSIONS,
  type ClusterServiceVersion,
} from "../../manifests/cluster_service_version.ts";
import {
  CONFIG_MAPS,
  type ConfigMap,
  INGRESS_CONFIGS,
  type IngressConfig,
  type Namespace,
  NAMESPACES,
} from "../../manifests/core.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  type CustomResourceDefinition,
  OWNED_DEFINITIONS,
} from "../../manifests/custom_resource_definition.ts";
import { type Event, EVENTS } from "../../manifests/event.ts";
import { INSTALL_PLANS, type InstallPlan } from "../../manifests/install_plan.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import {
  CLUSTER_VERSIONS,
  type ClusterVersion,
  PROXIES,
  type Proxy,
} from "../../manifests/openshift_config.ts";
import { OPERATOR_GROUPS, type OperatorGroup } from "../../manifests/operator_group.ts";
import { PACKAGE_MANIFESTS, type PackageManifest } from "../../manifests/package_manifest.ts";
import { type Pod, PODS } from "../../manifests/pod.ts";
import { FEDERATION_ROUTE, type Route, ROUTES } from "../../manifests/route.ts";
import {
  CSI_DRIVERS,
  type CsiDriver,
  PERSISTENT_VOLUME_CLAIMS,
  type PersistentVolumeClaim,
  SERVER_CLAIM,
  STORAGE_CLASSES,
  type StorageClass,
} from "../../manifests/storage.ts";
import {
  OPERATOR_PACKAGE,
  type Subscription,
  SUBSCRIPTIONS,
} from "../../manifests/subscription.ts";
import { type Deployment, DEPLOYMENTS } from "../../manifests/workload_controllers.ts";
import { type EndpointFacts, probeEndpoint, type Probing } from "./probe_endpoint.ts";
import { type Permission, readPermissions } from "./permissions.ts";
import { type Reading, reading, valueOf } from "./reading.ts";
import type { InstallSettings } from "./settings.ts";
import { OPERATOR_DEPLOYMENT, STACK } from "./stack.ts";

/** The facts of a cluster that answered. */
export interface ClusterFacts {
  readonly cluster: string;
  readonly server: string;
  /** TLS verification is off for it. */
  readonly insecure: boolean;
  readonly clock: { readonly server: Date; readonly local: Date } | undefined;
  /** The uid of kube-system, or what authenticates the server. */
  readonly identity: string;
  readonly permissions: readonly Permission[];
  readonly version: Reading<ClusterVersion>;
  readonly ingress: Reading<IngressConfig>;
  readonly proxy: Reading<Proxy>;
  readonly catalog: Reading<CatalogSource>;
  readonly offer: Reading<PackageManifest>;
  readonly namespace: Reading<Namespace>;
  readonly subscriptions: Reading<Listing<Subscription>>;
  readonly groups: Reading<Listing<OperatorGroup>>;
  readonly versions: Reading<Listing<ClusterServiceVersion>>;
  readonly plans: Reading<Listing<InstallPlan>>;
  readonly operator: Reading<Deployment>;
  /** By name, for each definition that the operator owns. */
  readonly definitions: ReadonlyMap<string, Reading<CustomResourceDefinition>>;
  readonly classes: Reading<Listing<StorageClass>>;
  readonly drivers: Reading<Listing<CsiDriver>>;
  readonly claim: Reading<PersistentVolumeClaim>;
  readonly pods: Reading<Listing<Pod>>;
  readonly events: Reading<Listing<Event>>;
  /** The five objects of the stack, whole, by kind. */
  readonly stack: ReadonlyMap<string, Reading<Manifest>>;
  readonly controllerConfig: Reading<ConfigMap>;
  readonly route: Reading<Route>;
  readonly declared: Reading<Listing<ClusterFederatedTrustDomain>>;
  readonly endpoint: EndpointFacts;
}

/** A cluster that was looked at: its facts, or why there are none. */
export type Looked =
  & { readonly cluster: string }
  & (
    | { readonly facts: ClusterFacts; readonly failure?: undefined }
    | { readonly facts?: undefined; readonly failure: SpirefedError }
  );

/**
 * Collects the facts.
 *
 * @throws {SpirefedError} when the cluster cannot be reached or takes nobody in.
 */
export async function collectFacts(
  cluster: Cluster,
  settings: InstallSettings,
  probing: Probing,
): Promise<ClusterFacts> {
  const [self, namespace] = await Promise.all([
    reading(cluster.get(NAMESPACES, "kube-system")),
    reading(cluster.get(NAMESPACES, OPERATOR_NAMESPACE)),
  ]);
  // A refusal is an answer. Whoever cannot even say what is allowed is not asked forty other things.
  if (self.state === "unreadable") {
    await cluster.can({ verb: "get", group: "", resource: NAMESPACES.plural });
  }
  const [own, shared] = await Promise.all([
    collectOwn(cluster, namespace.state === "absent"),
    collectShared(cluster, settings),
  ]);
  return {
    cluster: cluster.name,
    server: cluster.server.url,
    insecure: cluster.server.insecure,
    clock: cluster.server.clock(),
    identity: valueOf(self)?.metadata.uid ?? cluster.server.fingerprint,
    namespace,
    ...own,
    ...shared,
    endpoint: await probeEndpoint(cluster, valueOf(own.stack.get("SpireServer") ?? NONE), probing),
  };
}

const NONE: Reading<never> = { state: "absent" };

type Own = Pick<
  ClusterFacts,
  | "subscriptions"
  | "groups"
  | "versions"
  | "plans"
  | "operator"
  | "definitions"
  | "claim"
  | "pods"
  | "events"
  | "stack"
  | "controllerConfig"
  | "route"
  | "declared"
>;

/** What belongs to the operator and its stack. */
async function collectOwn(cluster: Cluster, empty: boolean): Promise<Own> {
  const at = { namespace: OPERATOR_NAMESPACE };
  /** Without the namespace there is nothing in it, and nothing to ask for. */
  const within = <T>(read: () => Promise<T | undefined>): Promise<Reading<T>> =>
    empty ? Promise.resolve(NONE) : reading(read());
  const [subscriptions, groups, versions, plans, operator, claim, pods, events] = await Promise
    .all([
      within(() => cluster.list(SUBSCRIPTIONS, at)),
      within(() => cluster.list(OPERATOR_GROUPS, at)),
      within(() => cluster.list(CLUSTER_SERVICE_VERSIONS, at)),
      within(() => cluster.list(INSTALL_PLANS, at)),
      within(() => cluster.get(DEPLOYMENTS, OPERATOR_DEPLOYMENT, at)),
      within(() => cluster.get(PERSISTENT_VOLUME_CLAIMS, SERVER_CLAIM, at)),
      within(() => cluster.list(PODS, at)),
      within(() => cluster.list(EVENTS, at)),
    ]);
  const [controllerConfig, route, declared, definitions, stack] = await Promise.all([
    within(() => cluster.get(CONFIG_MAPS, "spire-controller-manager", at)),
    within(() => cluster.get(ROUTES, FEDERATION_ROUTE, at)),
    reading(cluster.list(CLUSTER_FEDERATED_TRUST_DOMAINS)),
    mapped(OWNED_DEFINITIONS, (name) => reading(cluster.get(CUSTOM_RESOURCE_DEFINITIONS, name))),
    mapped([...STACK.keys()], (kind) => {
      const resource = STACK.get(kind);
      if (resource === undefined) throw new Error(`no ${kind} in the stack`);
      return reading(cluster.get(resource, "cluster"));
    }),
  ]);
  return {
    subscriptions,
    groups,
    versions,
    plans,
    operator,
    claim,
    pods,
    events,
    controllerConfig,
    route,
    declared,
    definitions,
    stack,
  };
}

type Shared = Pick<
  ClusterFacts,
  "permissions" | "version" | "ingress" | "proxy" | "catalog" | "offer" | "classes" | "drivers"
>;

/** What belongs to OpenShift. */
async function collectShared(cluster: Cluster, settings: InstallSettings): Promise<Shared> {
  const { source = DEFAULT_SOURCE, sourceNamespace = MARKETPLACE_NAMESPACE } = settings;
  const market = { namespace: sourceNamespace };
  const [permissions, version, ingress, proxy, catalog, offer, classes, drivers] = await Promise
    .all([
      readPermissions(cluster),
      reading(cluster.get(CLUSTER_VERSIONS, "version")),
      reading(cluster.get(INGRESS_CONFIGS, "cluster")),
      reading(cluster.get(PROXIES, "cluster")),
      reading(cluster.get(CATALOG_SOURCES, source, market)),
      reading(findOffer(cluster, source, market)),
      reading(cluster.list(STORAGE_CLASSES)),
      reading(cluster.list(CSI_DRIVERS)),
    ]);
  return { permissions, version, ingress, proxy, catalog, offer, classes, drivers };
}

/** Red Hat's catalog, unless another is named. */
export const DEFAULT_SOURCE = "redhat-operators";

/** Several catalogs may sell a package of this name; a name alone finds any of them. */
async function findOffer(
  cluster: Cluster,
  source: string,
  market: { readonly namespace: string },
): Promise<PackageManifest | undefined> {
  const first = await cluster.get(PACKAGE_MANIFESTS, OPERATOR_PACKAGE, market);
  if (first === undefined || first.status.catalogSource === source) return first;
  const { items } = await cluster.list(PACKAGE_MANIFESTS, {
    ...market,
    labelSelector: `catalog=${source}`,
  });
  return items.find(({ status }) => status.packageName === OPERATOR_PACKAGE);
}

async function mapped<K extends string, T>(
  keys: readonly K[],
  read: (key: K) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const values = await Promise.all(keys.map(read));
  return new Map(keys.map((key, index) => [key, values[index] as T]));
}
