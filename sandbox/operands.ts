/**
 * The objects that the operator makes out of its five kinds, as far as anybody looks at
 * them: configurations, controllers of pods, Routes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Manifest, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { FEDERATION_ROUTE } from "../manifests/route.ts";
import type { SpireServer } from "../manifests/spire_server.ts";

/** The pod annotation whose change restarts the server. */
export const CONFIG_HASH = "ztwim.openshift.io/spire-server-config-hash";

/** The class of the operator's spire-controller-manager. */
export const CLASS_NAME = "zero-trust-workload-identity-manager-spire";

/** What a SpireServer is turned into objects with. */
export interface Identity {
  readonly trustDomain: string;
  readonly clusterName: string;
}

const AT_OPERATOR = { namespace: OPERATOR_NAMESPACE } as const;
const LABELS = { "app.kubernetes.io/managed-by": OPERATOR_NAMESPACE } as const;

/** What follows from a SpireServer; the StatefulSet names the claim it was made with. */
export interface ServerOperands {
  readonly config: Manifest;
  readonly statefulSet: Manifest;
  readonly controllerConfig: Manifest;
  readonly route: Manifest | undefined;
}

/** The objects that follow from a SpireServer. */
export function serverOperands(
  server: Pick<SpireServer, "spec">,
  identity: Identity,
): ServerOperands {
  const conf = serverConf(server, identity.trustDomain);
  const { federation } = server.spec;
  const managed = federation !== undefined && federation.managedRoute !== "false";
  const metadata = metadataOf("spire-server");
  return {
    config: { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "server.conf": conf } },
    statefulSet: {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        serviceName: "spire-server",
        template: { metadata: { annotations: { [CONFIG_HASH]: hashOf(conf) } } },
      },
    },
    controllerConfig: controllerConfig(identity),
    route: managed
      ? routeTo(FEDERATION_ROUTE, `federation.${identity.trustDomain}`, "passthrough")
      : undefined,
  };
}

/** The node agent. */
export function agentOperand(): Manifest {
  return workload("DaemonSet", "spire-agent");
}

/** The CSI driver. */
export function csiDriverOperand(): Manifest {
  return workload("DaemonSet", "spire-spiffe-csi-driver");
}

/** The OIDC provider and its Route, whose host is the issuer's. */
export function oidcOperands(jwtIssuer: string): readonly [Manifest, Manifest] {
  const host = jwtIssuer.replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
  return [
    workload("Deployment", "spire-spiffe-oidc-discovery-provider"),
    routeTo("spire-oidc-discovery-provider", host, "reencrypt"),
  ];
}

/** The operator itself. */
export function operatorDeployment(namespace: string): Manifest {
  return {
    ...workload("Deployment", `${OPERATOR_NAMESPACE}-controller-manager`),
    metadata: {
      ...metadataOf(`${OPERATOR_NAMESPACE}-controller-manager`),
      namespace,
      labels: { name: OPERATOR_NAMESPACE },
    },
  };
}

/** The configuration hash that restarts the server when it changes. */
export function hashOf(conf: string): string {
  return createHash("sha256").update(conf).digest("hex");
}

function metadataOf(name: string): Manifest["metadata"] {
  return { name, ...AT_OPERATOR, labels: LABELS };
}

function workload(kind: "DaemonSet" | "Deployment", name: string): Manifest {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: metadataOf(name),
    spec: { selector: { matchLabels: { "app.kubernetes.io/name": name } }, template: {} },
  };
}

function routeTo(name: string, host: string, termination: string): Manifest {
  return {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: metadataOf(name),
    spec: {
      host,
      port: { targetPort: name === FEDERATION_ROUTE ? "federation" : "https" },
      tls: { termination, insecureEdgeTerminationPolicy: "Redirect" },
      to: { kind: "Service", name: "spire-server", weight: 100 },
    },
  };
}

function controllerConfig({ trustDomain, clusterName }: Identity): Manifest {
  const lines = [
    "apiVersion: spire.spiffe.io/v1alpha1",
    "kind: ControllerManagerConfig",
    `clusterName: ${clusterName}`,
    `trustDomain: ${trustDomain}`,
    `className: ${CLASS_NAME}`,
    "watchClassless: false",
    "gcInterval: 0s",
    "spireServerSocketPath: /tmp/spire-server/private/api.sock",
  ];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadataOf("spire-controller-manager"),
    data: { "controller-manager-config.yaml": `${lines.join("\n")}\n` },
  };
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
