/**
 * Looks at one cluster: what it is, what it declares, what may be done there.
 * Reads only; side by side, since each request is a connection of its own.
 *
 * @module
 */
import { load } from "js-yaml";
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { SpiffeId, TrustDomain } from "../spiffe/model.ts";
import { parseSpiffeId, parseTrustDomain } from "../spiffe/mod.ts";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  CONTROLLER_CLASS,
} from "../../manifests/cluster_federated_trust_domain.ts";
import { CONFIG_MAPS, INGRESS_CONFIGS, NAMESPACES } from "../../manifests/core.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { FEDERATION_ROUTE, isAdmitted, type Route, ROUTES } from "../../manifests/route.ts";
import { SPIRE_SERVERS, type SpireServer } from "../../manifests/spire_server.ts";
import {
  ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS,
  type ZeroTrustWorkloadIdentityManager,
} from "../../manifests/zero_trust_workload_identity_manager.ts";
import { readApiRoots, requireVerifiedServer } from "./api_roots.ts";
import type { Allowed, EndpointParameters, Side } from "./side.ts";
import { SpireServerCli } from "./spire_server_cli.ts";

const AT_OPERATOR = { namespace: OPERATOR_NAMESPACE } as const;

/** By which clock certificates are judged, and when to stop. */
export interface InspectOptions {
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Read the bundle from the server itself where that is allowed (`--source api`). */
  readonly wholeBundle?: boolean | undefined;
}

/** What names a cluster's trust domain and its endpoint: enough to fetch its bundle. */
export type Identity =
  & Pick<
    Side,
    "trustDomain" | "endpoint" | "admitted" | "className" | "staticPeers" | "spireServerVersion"
  >
  & {
    /** The ConfigMap with its own roots. */
    readonly bundleConfigMap: string;
  };

/**
 * Reads what a cluster calls itself and where its endpoint is.
 *
 * @throws {SpirefedError} `preflight`, when the operator is missing or may not be read.
 */
export async function readIdentity(cluster: Cluster): Promise<Identity> {
  requireVerifiedServer(cluster);
  const [manager, server, route, className] = await together([
    cluster.get(ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS, "cluster"),
    cluster.get(SPIRE_SERVERS, "cluster"),
    cluster.get(ROUTES, FEDERATION_ROUTE, AT_OPERATOR).catch(unlessUnreadable),
    readClassName(cluster),
  ]).catch((error) => {
    throw explainMissingKind(error, cluster.name);
  });
  const trustDomain = trustDomainOf(demand(manager, cluster.name), cluster.name);
  const { spec, metadata } = demand(server, cluster.name);
  return {
    trustDomain,
    bundleConfigMap: manager?.spec.bundleConfigMap ?? "spire-bundle",
    className,
    endpoint: endpointOf(spec.federation, trustDomain, route),
    admitted: route && isAdmitted(route),
    staticPeers: spec.federation?.federatesWith ?? [],
    spireServerVersion: metadata.resourceVersion,
  };
}

/**
 * Reads all that a plan is made from.
 *
 * @throws {SpirefedError} `preflight` or `refused`, naming the cluster.
 */
export async function inspect(cluster: Cluster, options: InspectOptions): Promise<Side> {
  requireVerifiedServer(cluster);
  const [identity, uid, ingress, declared, allowed] = await together([
    readIdentity(cluster),
    cluster.get(NAMESPACES, "kube-system").catch(unlessUnreadable),
    cluster.get(INGRESS_CONFIGS, "cluster").catch(unlessUnreadable),
    cluster.list(CLUSTER_FEDERATED_TRUST_DOMAINS).catch((error) => {
      throw explainMissingKind(error, cluster.name);
    }),
    readAllowed(cluster),
  ]);
  const { bundleConfigMap, ...known } = identity;
  const [roots, version] = await together([
    readApiRoots(cluster, {
      trustDomain: known.trustDomain,
      configMap: bundleConfigMap,
      preferWhole: options.wholeBundle === true && allowed.exec,
      now: options.now(),
      signal: options.signal,
    }),
    allowed.exec ? readVersion(cluster, options.signal) : Promise.resolve(undefined),
  ]);
  return {
    ...known,
    cluster: cluster.name,
    server: cluster.server.url,
    identity: uid?.metadata.uid ?? cluster.server.fingerprint,
    ingressDomain: ingress?.spec.domain || undefined,
    declared: declared.items,
    unreadable: declared.unreadable,
    version,
    allowed,
    roots,
  };
}

/** Waits for all, then fails with the first failure: nothing is left running behind a caller's back. */
export async function together<T extends readonly unknown[]>(
  promises: { readonly [At in keyof T]: Promise<T[At]> },
): Promise<T> {
  const settled = await Promise.allSettled(promises);
  for (const outcome of settled) if (outcome.status === "rejected") throw outcome.reason;
  return settled.map((outcome) =>
    outcome.status === "fulfilled" ? outcome.value : undefined
  ) as unknown as T;
}

async function readAllowed(cluster: Cluster): Promise<Allowed> {
  const may = async (verb: string, subresource: string): Promise<boolean> =>
    (await cluster.can({ verb, group: "", resource: "pods", subresource, ...AT_OPERATOR })).allowed;
  const [exec, logs] = await together([may("create", "exec"), may("get", "log")]);
  return { exec, logs };
}

async function readVersion(cluster: Cluster, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await new SpireServerCli(cluster, signal).version();
  } catch (error) {
    // A restarting server has no version to tell; that is no reason to stop here.
    if (error instanceof SpirefedError && !signal.aborted) return undefined;
    throw error;
  }
}

async function readClassName(cluster: Cluster): Promise<string> {
  const object = await cluster.get(CONFIG_MAPS, "spire-controller-manager", AT_OPERATOR)
    .catch(unlessUnreadable);
  const text = object?.data["controller-manager-config.yaml"];
  if (text === undefined) return CONTROLLER_CLASS;
  try {
    const config = load(text) as { readonly className?: unknown } | null;
    return typeof config?.className === "string" ? config.className : CONTROLLER_CLASS;
  } catch {
    return CONTROLLER_CLASS;
  }
}

function trustDomainOf(manager: ZeroTrustWorkloadIdentityManager, cluster: string): TrustDomain {
  try {
    return parseTrustDomain(manager.spec.trustDomain);
  } catch (cause) {
    throw new SpirefedError(
      "preflight",
      `[${cluster}] its trust domain is not well formed: "${printable(manager.spec.trustDomain)}"`,
      { cause, code: "trust-domain/invalid" },
    );
  }
}

function endpointOf(
  federation: SpireServer["spec"]["federation"],
  trustDomain: TrustDomain,
  route: Route | undefined,
): EndpointParameters | undefined {
  if (federation === undefined) return undefined;
  const { profile } = federation.bundleEndpoint;
  return parametersOf(trustDomain, { host: route?.spec.host, profile });
}

/** How an endpoint is reached and recognised, by the host of its route and its profile. */
export function parametersOf(
  trustDomain: TrustDomain,
  { host, profile }: { readonly host: string | undefined; readonly profile: string | undefined },
): EndpointParameters {
  const url = `https://${host || `federation.${trustDomain}`}`;
  return profile === "https_web"
    ? { url, profile, spiffeId: undefined }
    : { url, profile: "https_spiffe", spiffeId: serverIdOf(trustDomain) };
}

/** The SPIFFE ID of a SPIRE server, which its bundle endpoint shows. */
export function serverIdOf(trustDomain: TrustDomain): SpiffeId {
  return parseSpiffeId(`spiffe://${trustDomain}/spire/server`);
}

/** What may not be read, or whose kind is unknown here, is left out of the facts. */
export function unlessUnreadable(error: unknown): undefined {
  const open = ["http/403", "http/404", "http/404-kind"];
  if (error instanceof SpirefedError && open.includes(error.code ?? "")) return undefined;
  throw error;
}

function explainMissingKind(error: unknown, cluster: string): unknown {
  if (!(error instanceof SpirefedError) || error.code !== "http/404-kind") return error;
  return new SpirefedError(
    "preflight",
    `[${cluster}] the Zero Trust Workload Identity Manager operator is missing here, or older than 1.0`,
    { cause: error, code: "operator/missing", remedy: installRemedy(cluster) },
  );
}

function demand<T extends { readonly kind: string }>(object: T | undefined, cluster: string): T {
  if (object !== undefined) return object;
  throw new SpirefedError(
    "preflight",
    `[${cluster}] the operator is there, but not its objects: SPIRE was never set up`,
    { code: "operator/no-stack", remedy: installRemedy(cluster) },
  );
}

function installRemedy(cluster: string): string {
  return `oc spirefed install ${cluster}`;
}
