/**
 * Stand-in for the operator: the configurations that it writes for the SPIRE server and for
 * the controller manager beside it. Pure.
 *
 * @module
 */
import type { Json } from "../api.ts";
import { OPERATOR_NAMESPACE as namespace } from "../topology.ts";

/** The class of objects that the controller manager looks at. */
export const CLASS_NAME = "zero-trust-workload-identity-manager-spire";

/** The operator's own objects, read from the cluster. */
export interface Wanted {
  readonly manager: Json;
  readonly server: Json;
  /** Under the operator the webhook's Service selects no pod, so that nothing is ever refused. */
  readonly webhook: "inert" | "live";
}

/** `server.conf` of the SPIRE server. */
export function serverConfiguration({ manager, server: { spec } }: Wanted): unknown {
  const { trustDomain, clusterName, bundleConfigMap } = manager.spec;
  const { datastore, caSubject } = spec;
  return {
    health_checks: {
      bind_address: "0.0.0.0",
      bind_port: "8080",
      listener_enabled: true,
      live_path: "/live",
      ready_path: "/ready",
    },
    plugins: {
      DataStore: [plugin("sql", {
        connection_string: datastore.connectionString,
        database_type: datastore.databaseType,
        disable_migration: datastore.disableMigration === "true",
        max_idle_conns: datastore.maxIdleConns,
        max_open_conns: datastore.maxOpenConns,
      })],
      KeyManager: [plugin("disk", { keys_path: "/run/spire/data/keys.json" })],
      NodeAttestor: [plugin("k8s_psat", {
        clusters: [{
          [clusterName]: {
            audience: ["spire-server"],
            service_account_allow_list: [`${namespace}:spire-agent`],
          },
        }],
      })],
      Notifier: [plugin("k8sbundle", { config_map: bundleConfigMap, namespace })],
    },
    server: {
      audit_log_enabled: false,
      bind_address: "0.0.0.0",
      bind_port: "8081",
      ca_key_type: spec.caKeyType,
      ca_subject: [{
        common_name: caSubject.commonName,
        country: [caSubject.country],
        organization: [caSubject.organization],
      }],
      ca_ttl: spec.caValidity,
      data_dir: "/run/spire/data",
      default_jwt_svid_ttl: spec.defaultJWTValidity,
      default_x509_svid_ttl: spec.defaultX509Validity,
      jwt_issuer: spec.jwtIssuer,
      log_level: spec.logLevel,
      log_format: spec.logFormat,
      trust_domain: trustDomain,
      ...(spec.federation === undefined ? {} : { federation: federation(spec.federation) }),
    },
    telemetry: { Prometheus: { host: "0.0.0.0", port: "9402" } },
  };
}

function plugin(name: string, data: unknown): unknown {
  return { [name]: { plugin_data: data } };
}

function federation({ bundleEndpoint, federatesWith = [] }: Json): unknown {
  const peers = federatesWith.map((peer: Json) => [peer.trustDomain, {
    bundle_endpoint_url: peer.bundleEndpointUrl,
    bundle_endpoint_profile: peer.bundleEndpointProfile === "https_web"
      ? [{ https_web: {} }]
      : [{ https_spiffe: { endpoint_spiffe_id: peer.endpointSpiffeId } }],
  }]);
  return {
    bundle_endpoint: {
      address: "0.0.0.0",
      port: 8443,
      refresh_hint: `${bundleEndpoint.refreshHint}s`,
      profile: [{ [bundleEndpoint.profile]: {} }],
    },
    ...(peers.length === 0 ? {} : { federates_with: Object.fromEntries(peers) }),
  };
}

/** The configuration of spire-controller-manager. */
export function controllerConfiguration({ manager }: Wanted): unknown {
  const { trustDomain, clusterName } = manager.spec;
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ControllerManagerConfig",
    metadata: { name: "spire-controller-manager", namespace },
    clusterName,
    trustDomain,
    metrics: { bindAddress: "0.0.0.0:8082" },
    health: { healthProbeBindAddress: "0.0.0.0:8083" },
    leaderElection: {
      leaderElect: true,
      resourceName: "spire-controller-manager",
      resourceNamespace: namespace,
    },
    entryIDPrefix: clusterName,
    watchClassless: false,
    className: CLASS_NAME,
    clusterDomain: "cluster.local",
    parentIDTemplate:
      "spiffe://{{ .TrustDomain }}/spire/agent/k8s_psat/{{ .ClusterName }}/{{ .NodeMeta.UID }}",
    validatingWebhookConfigurationName: "spire-controller-manager-webhook",
    spireServerSocketPath: "/tmp/spire-server/private/api.sock",
    ignoreNamespaces: ["kube-system", "kube-public", "local-path-storage", "openshift-*"],
    // Nanoseconds. Release 1.0 writes 0 and so spins; later ones write this.
    gcInterval: 10_000_000_000,
  };
}
