/**
 * Stands in for the Zero Trust Workload Identity Manager operator, for the federation
 * part of SpireServer: configuration, rollout, Route, conditions.
 *
 * It sees a cluster only through its port, so the same code serves the World and a real
 * API server with the operator's definitions.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Cluster } from "../lib/cluster/cluster.ts";
import { CONFIG_MAPS, STATEFUL_SETS } from "../manifests/core.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { FEDERATION_ROUTE, ROUTES } from "../manifests/route.ts";
import { SPIRE_SERVERS, type SpireServer } from "../manifests/spire_server.ts";
import { ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS } from "../manifests/zero_trust_workload_identity_manager.ts";

const AT_OPERATOR = { namespace: OPERATOR_NAMESPACE } as const;

/** The pod annotation whose change restarts the server. */
const CONFIG_HASH = "ztwim.openshift.io/spire-server-config-hash";

/** One condition that the operator sets; none carries an observedGeneration. */
interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** Writes `status` of SpireServer/cluster; the port has no verb for it, since no command needs one. */
export type WriteStatus = (status: { readonly conditions: readonly Condition[] }) => Promise<void>;

/**
 * One pass of the operator. Ready goes False while it works, stays at its old value
 * until it begins, and may say True for a moment before the restart shows.
 */
export async function operate(cluster: Cluster, writeStatus: WriteStatus): Promise<void> {
  const server = await cluster.get(SPIRE_SERVERS, "cluster");
  const manager = await cluster.get(ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS, "cluster");
  if (server === undefined || manager === undefined) return;
  const { trustDomain } = manager.spec;
  const say = async (...conditions: readonly Condition[]): Promise<void> => {
    const merged = merge(server.status?.conditions ?? [], conditions);
    if (JSON.stringify(merged) !== JSON.stringify(server.status?.conditions ?? [])) {
      await writeStatus({ conditions: merged });
    }
  };
  const problem = problemWith(server.spec.federation, trustDomain);
  if (problem !== undefined) {
    const reason = "InvalidFederationConfiguration";
    return await say(
      { type: "ConfigurationValid", status: "False", reason, message: problem },
      { type: "Ready", status: "False", reason: "Failed", message: problem },
    );
  }
  const valid = {
    type: "ConfigurationValid",
    status: "True",
    reason: "Valid",
    message: "",
  } as const;
  if (await writeOperands(cluster, server, trustDomain)) {
    return await say(valid, {
      type: "Ready",
      status: "False",
      reason: "Progressing",
      message: "Reconciling",
    });
  }
  const set = await cluster.get(STATEFUL_SETS, "spire-server", AT_OPERATOR);
  const available = set?.status?.readyReplicas === 1;
  await say(valid, ...routeConditions(server), ...readyConditions(available, server));
}

function readyConditions(available: boolean, { spec }: SpireServer): readonly Condition[] {
  const rollout: Condition = available
    ? { type: "StatefulSetAvailable", status: "True", reason: "StatefulSetReady", message: "" }
    : {
      type: "StatefulSetAvailable",
      status: "False",
      reason: "StatefulSetNotReady",
      message: "0/1 replicas are ready",
    };
  // Without a managed route the operator never becomes Ready.
  const failed = spec.federation?.managedRoute === "false";
  const reason = failed ? "Failed" : available ? "Ready" : "Progressing";
  const status = reason === "Ready" ? "True" : "False";
  return [rollout, { type: "Ready", status, reason, message: rollout.message }];
}

function routeConditions({ spec: { federation } }: SpireServer): readonly Condition[] {
  if (federation === undefined) return [];
  return [
    federation.managedRoute === "false"
      ? {
        type: "RouteAvailable",
        status: "False",
        reason: "FederationRouteDisabled",
        message: "managedRoute is false",
      }
      : { type: "RouteAvailable", status: "True", reason: "FederationRouteCreated", message: "" },
  ];
}

/** The list of conditions only grows. */
function merge(
  old: NonNullable<SpireServer["status"]>["conditions"],
  conditions: readonly Condition[],
): readonly Condition[] {
  const byType = new Map(old.map((condition) => [condition.type, condition as Condition]));
  for (const condition of conditions) byType.set(condition.type, condition);
  return [...byType.values()];
}

/** What the operator refuses, although the API server took it. */
function problemWith(
  federation: SpireServer["spec"]["federation"],
  trustDomain: string,
): string | undefined {
  const seen = new Set<string>();
  for (const peer of federation?.federatesWith ?? []) {
    if (peer.trustDomain === trustDomain) {
      return `federatesWith: trust domain ${trustDomain} cannot federate with itself`;
    }
    if (seen.has(peer.trustDomain)) {
      return `federatesWith: duplicate trust domain ${peer.trustDomain}`;
    }
    seen.add(peer.trustDomain);
  }
  return undefined;
}

/** Brings configuration, template and Route up to date; whether anything was written. */
async function writeOperands(
  cluster: Cluster,
  server: SpireServer,
  trustDomain: string,
): Promise<boolean> {
  const [config, set, route] = operandsOf(server, trustDomain);
  let written = false;
  const [heldConfig, heldSet, heldRoute] = await Promise.all([
    cluster.get(CONFIG_MAPS, config.metadata.name, AT_OPERATOR),
    cluster.get(STATEFUL_SETS, set.metadata.name, AT_OPERATOR),
    cluster.get(ROUTES, FEDERATION_ROUTE, AT_OPERATOR),
  ]);
  const conf = serverConf(server, trustDomain);
  if (heldConfig?.data["server.conf"] !== conf) {
    written = true;
    await cluster.apply(config, { force: true });
  }
  if (heldSet?.spec.template.metadata.annotations[CONFIG_HASH] !== hashOf(conf)) {
    written = true;
    await cluster.apply(set, { force: true });
  }
  if (route !== undefined && heldRoute?.spec.host !== hostOf(trustDomain)) {
    written = true;
    await cluster.apply(route, { force: true });
  }
  return written;
}

/** The objects that follow from a SpireServer: its configuration, StatefulSet and Route. */
export function operandsOf(
  server: Pick<SpireServer, "spec">,
  trustDomain: string,
): readonly [Manifest, Manifest, Manifest | undefined] {
  const conf = serverConf(server, trustDomain);
  const labels = { "app.kubernetes.io/managed-by": OPERATOR_NAMESPACE };
  const metadata = { name: "spire-server", ...AT_OPERATOR, labels };
  const { federation } = server.spec;
  const managed = federation !== undefined && federation.managedRoute !== "false";
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "server.conf": conf } },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        serviceName: "spire-server",
        template: { metadata: { annotations: { [CONFIG_HASH]: hashOf(conf) } } },
      },
    },
    managed ? routeFor(trustDomain, labels) : undefined,
  ];
}

function routeFor(trustDomain: string, labels: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: { name: FEDERATION_ROUTE, ...AT_OPERATOR, labels },
    spec: {
      host: hostOf(trustDomain),
      port: { targetPort: "federation" },
      tls: { termination: "passthrough", insecureEdgeTerminationPolicy: "Redirect" },
      to: { kind: "Service", name: "spire-server", weight: 100 },
    },
  };
}

function hostOf(trustDomain: string): string {
  return `federation.${trustDomain}`;
}

/** The configuration hash that restarts the server when it changes. */
export function hashOf(conf: string): string {
  return createHash("sha256").update(conf).digest("hex");
}

function serverConf(
  { spec: { federation } }: Pick<SpireServer, "spec">,
  trustDomain: string,
): string {
  const server = { trust_domain: trustDomain, bind_port: "8081" };
  if (federation === undefined) return JSON.stringify({ server });
  const { profile, refreshHint } = federation.bundleEndpoint;
  const peers = federation.federatesWith.map((peer) => [peer.trustDomain, {
    bundle_endpoint_url: peer.bundleEndpointUrl,
    bundle_endpoint_profile: peer.bundleEndpointProfile === "https_web"
      ? { https_web: {} }
      : { https_spiffe: { endpoint_spiffe_id: peer.endpointSpiffeId } },
  }]);
  return JSON.stringify({
    server: {
      ...server,
      federation: {
        bundle_endpoint: {
          address: "0.0.0.0",
          port: 8443,
          refresh_hint: `${refreshHint}s`,
          profile: { [profile]: {} },
        },
        ...(peers.length > 0 ? { federates_with: Object.fromEntries(peers) } : {}),
      },
    },
  });
}
