/**
 * Looks at one cluster for everything that may have to go, or to stay. Reads only.
 *
 * @module
 */
import type { Cluster, Listing } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../../manifests/cluster_federated_trust_domain.ts";
import { CLUSTER_SERVICE_VERSIONS } from "../../../manifests/cluster_service_version.ts";
import { CLUSTER_SPIFFE_IDS } from "../../../manifests/cluster_spiffe_id.ts";
import { CLUSTER_STATIC_ENTRIES } from "../../../manifests/cluster_static_entry.ts";
import { NAMESPACES } from "../../../manifests/core.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  OWNED_DEFINITIONS,
} from "../../../manifests/custom_resource_definition.ts";
import { asFound } from "../../../manifests/as_found.ts";
import { type Manifest, OPERATOR_NAMESPACE, type Resource } from "../../../manifests/manifest.ts";
import {
  SPIFFE_CSI_DRIVERS,
  SPIRE_AGENTS,
  SPIRE_OIDC_DISCOVERY_PROVIDERS,
} from "../../../manifests/operands.ts";
import { OPERATOR_GROUPS } from "../../../manifests/operator_group.ts";
import { type Pod, PODS } from "../../../manifests/pod.ts";
import { FEDERATION_ROUTE, ROUTES } from "../../../manifests/route.ts";
import { SPIRE_SERVERS } from "../../../manifests/spire_server.ts";
import { PERSISTENT_VOLUME_CLAIMS, SERVER_CLAIM } from "../../../manifests/storage.ts";
import { type Subscription, SUBSCRIPTIONS } from "../../../manifests/subscription.ts";
import { ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS } from "../../../manifests/zero_trust_workload_identity_manager.ts";
import { together } from "../inspect.ts";

const AT_OPERATOR = { namespace: OPERATOR_NAMESPACE } as const;

/** The operator's objects in the order in which they go: who needs another goes before it. */
export const STACK: readonly Resource<unknown>[] = [
  SPIRE_OIDC_DISCOVERY_PROVIDERS,
  SPIFFE_CSI_DRIVERS,
  SPIRE_AGENTS,
  SPIRE_SERVERS,
  ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS,
];

/** The Routes that the operator makes and that belong to nobody in the cluster's own eyes. */
const ROUTE_NAMES = [FEDERATION_ROUTE, "spire-oidc-discovery-provider"] as const;

/** An object, and how to find it again. */
export interface Found {
  readonly resource: Resource<unknown>;
  readonly object: Manifest;
}

/** One cluster, as it was found. */
export interface Grounds {
  readonly cluster: string;
  readonly server: string;
  readonly namespaces: readonly Found[];
  readonly pods: readonly Pod[];
  /** ClusterSPIFFEIDs and ClusterStaticEntries. */
  readonly identities: readonly Found[];
  readonly declared: readonly Found[];
  /** In the order of {@linkcode STACK}. */
  readonly stack: readonly Found[];
  readonly routes: readonly Found[];
  readonly claim: Found | undefined;
  readonly subscriptions: readonly Subscription[];
  readonly versions: readonly Found[];
  readonly groups: readonly Found[];
  readonly definitions: readonly Found[];
  /** Pods and Subscriptions that make no sense. */
  readonly garbled: readonly { readonly object: string; readonly problem: string }[];
}

/** Reads everything. What a cluster has no kind for is not there. */
export async function lookAround(cluster: Cluster): Promise<Grounds> {
  const [
    namespaces,
    pods,
    spiffeIds,
    staticEntries,
    declared,
    stack,
    routes,
    claim,
    subscriptions,
    versions,
    groups,
    definitions,
  ] = await together([
    all(cluster, NAMESPACES),
    cluster.list(PODS),
    all(cluster, CLUSTER_SPIFFE_IDS),
    all(cluster, CLUSTER_STATIC_ENTRIES),
    all(cluster, CLUSTER_FEDERATED_TRUST_DOMAINS),
    Promise.all(STACK.map((resource) => one(cluster, resource, "cluster"))),
    Promise.all(ROUTE_NAMES.map((name) => one(cluster, ROUTES, name, AT_OPERATOR))),
    one(cluster, PERSISTENT_VOLUME_CLAIMS, SERVER_CLAIM, AT_OPERATOR),
    cluster.list(SUBSCRIPTIONS, AT_OPERATOR).catch(unlessUnknown),
    all(cluster, CLUSTER_SERVICE_VERSIONS, AT_OPERATOR),
    all(cluster, OPERATOR_GROUPS, AT_OPERATOR),
    Promise.all(OWNED_DEFINITIONS.map((name) => one(cluster, CUSTOM_RESOURCE_DEFINITIONS, name))),
  ]);
  return {
    cluster: cluster.name,
    server: cluster.server.url,
    namespaces,
    pods: pods.items,
    identities: [...spiffeIds, ...staticEntries],
    declared,
    stack: stack.filter((found) => found !== undefined),
    routes: routes.filter((found) => found !== undefined),
    claim,
    subscriptions: subscriptions?.items ?? [],
    versions,
    groups,
    definitions: definitions.filter((found) => found !== undefined),
    garbled: [
      ...pods.unreadable.map(garbledOf("Pod")),
      ...(subscriptions?.unreadable ?? []).map(garbledOf("Subscription")),
    ],
  };
}

function garbledOf(
  kind: string,
): (odd: Listing<unknown>["unreadable"][number]) => Grounds["garbled"][number] {
  return ({ name, problem }) => ({
    object: `${kind}/${printable(name, 253)}`,
    problem: printable(problem, 200),
  });
}

async function all(
  cluster: Cluster,
  resource: Resource<unknown>,
  at?: { readonly namespace: string },
): Promise<readonly Found[]> {
  const listing = await cluster.list(asFound(resource), at).catch(unlessUnknown);
  return (listing?.items ?? []).map((object) => ({ resource, object }));
}

async function one(
  cluster: Cluster,
  resource: Resource<unknown>,
  name: string,
  at?: { readonly namespace: string },
): Promise<Found | undefined> {
  const object = await cluster.get(asFound(resource), name, at).catch(unlessUnknown);
  return object && { resource, object };
}

/** A kind that is not defined has no objects. */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof SpirefedError && error.code === "http/404-kind") return undefined;
  throw error;
}
