/**
 * Stand-in for the operator: what it makes of SpireAgent, SpiffeCSIDriver and
 * SpireOIDCDiscoveryProvider. Pure.
 *
 * @module
 */
import type { Json, KubernetesObject } from "../api.ts";
import { imageReference } from "../images.ts";
import { OPERATOR_NAMESPACE as namespace } from "../topology.ts";
import { account, rule } from "./operator_objects.ts";
import { operandLabels } from "./server_operands.ts";

/** What becomes of a SpireAgent. */
export function agentOperands(manager: Json): readonly KubernetesObject[] {
  return [
    ...account("spire-agent", [rule("", ["pods", "nodes", "nodes/proxy"], ["get", "list"])]),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "spire-agent",
        namespace,
        labels: operandLabels("spire-agent", "node-agent"),
      },
      data: { "agent.conf": JSON.stringify(agentConfiguration(manager.spec), null, 2) },
    },
    daemonSet("spire-agent", "spire-agent", "node-agent", agentPod()),
  ];
}

/** What becomes of a SpiffeCSIDriver; the driver itself is a stand-in. */
export function driverOperands(): readonly KubernetesObject[] {
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIDriver",
      metadata: { name: "csi.spiffe.io" },
      spec: {
        attachRequired: false,
        podInfoOnMount: true,
        fsGroupPolicy: "None",
        volumeLifecycleModes: ["Ephemeral"],
      },
    },
    daemonSet("spire-spiffe-csi-driver", "spiffe-csi-driver", "csi", driverPod()),
  ];
}

/** What becomes of a SpireOIDCDiscoveryProvider: a pod that mounts the Workload API, and does nothing. */
export function providerOperands(): readonly KubernetesObject[] {
  const labels = operandLabels("spiffe-oidc-discovery-provider", "discovery");
  const metadata = { name: "spire-spiffe-oidc-discovery-provider", namespace, labels };
  return [{
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      selector: { matchLabels: { "app.kubernetes.io/name": "spiffe-oidc-discovery-provider" } },
      template: { metadata: { labels }, spec: providerPod() },
    },
  }];
}

/** The provider's Route, which no object of the cluster owns. */
export function providerRoute({ spec }: Json): KubernetesObject {
  return {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: {
      name: "spire-oidc-discovery-provider",
      namespace,
      labels: operandLabels("spiffe-oidc-discovery-provider", "discovery"),
    },
    spec: {
      host: new URL(spec.jwtIssuer).host,
      to: { kind: "Service", name: "spire-spiffe-oidc-discovery-provider", weight: 100 },
      tls: { termination: "reencrypt", insecureEdgeTerminationPolicy: "Redirect" },
    },
  };
}

function agentConfiguration({ clusterName, trustDomain }: Json): unknown {
  return {
    agent: {
      data_dir: "/var/lib/spire",
      log_level: "info",
      server_address: `spire-server.${namespace}`,
      server_port: "443",
      socket_path: "/tmp/spire-agent/public/spire-agent.sock",
      trust_domain: trustDomain,
      trust_bundle_path: "/run/spire/bundle/bundle.crt",
    },
    plugins: {
      KeyManager: [{ memory: { plugin_data: {} } }],
      NodeAttestor: [{
        k8s_psat: {
          plugin_data: { cluster: clusterName, token_path: "/var/run/secrets/tokens/spire-agent" },
        },
      }],
      WorkloadAttestor: [{
        // The kubelet's own certificate is self-made.
        k8s: { plugin_data: { skip_kubelet_verification: true, use_new_container_locator: true } },
      }],
    },
    health_checks: {
      bind_address: "0.0.0.0",
      bind_port: "9982",
      listener_enabled: true,
      live_path: "/live",
      ready_path: "/ready",
    },
  };
}

function daemonSet(
  name: string,
  label: string,
  component: string,
  spec: unknown,
): KubernetesObject {
  const labels = operandLabels(label, component);
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: { "app.kubernetes.io/name": label } },
      template: { metadata: { labels }, spec },
    },
  };
}

function agentPod(): unknown {
  return {
    serviceAccountName: "spire-agent",
    hostPID: true,
    hostNetwork: true,
    dnsPolicy: "ClusterFirstWithHostNet",
    terminationGracePeriodSeconds: 5,
    containers: [{
      name: "spire-agent",
      image: imageReference("spire-agent"),
      imagePullPolicy: "Never",
      args: ["run", "-config", "/run/spire/config/agent.conf"],
      readinessProbe: {
        httpGet: { path: "/ready", port: 9982 },
        initialDelaySeconds: 1,
        periodSeconds: 1,
      },
      volumeMounts: [
        { name: "config", mountPath: "/run/spire/config", readOnly: true },
        { name: "bundle", mountPath: "/run/spire/bundle", readOnly: true },
        { name: "socket", mountPath: "/tmp/spire-agent/public" },
        { name: "token", mountPath: "/var/run/secrets/tokens" },
        { name: "data", mountPath: "/var/lib/spire" },
      ],
    }],
    volumes: [
      { name: "config", configMap: { name: "spire-agent" } },
      { name: "bundle", configMap: { name: "spire-bundle" } },
      { name: "data", emptyDir: {} },
      {
        name: "socket",
        hostPath: { path: "/run/spire/agent-sockets", type: "DirectoryOrCreate" },
      },
      {
        name: "token",
        projected: {
          sources: [{
            serviceAccountToken: {
              path: "spire-agent",
              expirationSeconds: 7200,
              audience: "spire-server",
            },
          }],
        },
      },
    ],
  };
}

function driverPod(): unknown {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [{
      name: "spiffe-csi-driver",
      image: imageReference("csi-stand-in"),
      imagePullPolicy: "Never",
      env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
      securityContext: { privileged: true },
      volumeMounts: [
        { name: "kubelet", mountPath: "/var/lib/kubelet", mountPropagation: "Bidirectional" },
        { name: "socket", mountPath: "/spire-agent-socket", readOnly: true },
      ],
    }],
    volumes: [
      { name: "kubelet", hostPath: { path: "/var/lib/kubelet", type: "Directory" } },
      {
        name: "socket",
        hostPath: { path: "/run/spire/agent-sockets", type: "DirectoryOrCreate" },
      },
    ],
  };
}

function providerPod(): unknown {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [{
      name: "spiffe-oidc-discovery-provider",
      image: imageReference("pause"),
      imagePullPolicy: "Never",
      volumeMounts: [{ name: "spiffe", mountPath: "/spiffe-workload-api", readOnly: true }],
    }],
    volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io", readOnly: true } }],
  };
}
