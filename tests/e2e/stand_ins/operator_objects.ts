/**
 * What an administrator asks of the operator, and what the operator makes once and
 * for all: accounts, permissions, the agent and the CSI driver.
 *
 * @module
 */
import type { KubernetesObject } from "../api.ts";
import { imageReference } from "../images.ts";
import { OPERATOR_NAMESPACE as namespace, type Site } from "../topology.ts";
import { operandLabels } from "./server_operands.ts";

const RBAC = "rbac.authorization.k8s.io";

/** The operator's own objects, as an administrator writes them for a cluster with an endpoint. */
export function requests({ name, trustDomain }: Site): readonly KubernetesObject[] {
  const singleton = (kind: string, spec: unknown): KubernetesObject => ({
    apiVersion: "operator.openshift.io/v1alpha1",
    kind,
    metadata: { name: "cluster" },
    spec,
  });
  return [
    singleton("ZeroTrustWorkloadIdentityManager", { trustDomain, clusterName: name }),
    singleton("SpireServer", {
      caSubject: { country: "US", organization: "Example", commonName: trustDomain },
      datastore: { databaseType: "sqlite3" },
      persistence: { size: "1Gi" },
      jwtIssuer: `https://oidc-discovery.${trustDomain}`,
      federation: { bundleEndpoint: { profile: "https_spiffe", refreshHint: 60 } },
    }),
    singleton("SpireAgent", {
      nodeAttestor: { k8sPSATEnabled: "true" },
      workloadAttestors: { workloadAttestorsVerification: { type: "skip" } },
    }),
    singleton("SpiffeCSIDriver", {}),
  ];
}

/** The ingress configuration of an OpenShift cluster. */
export function ingressConfiguration({ trustDomain }: Site): KubernetesObject {
  return {
    apiVersion: "config.openshift.io/v1",
    kind: "Ingress",
    metadata: { name: "cluster" },
    spec: { domain: trustDomain },
  };
}

/** A place for the server's claim: one that outlives its pod, so that a restart keeps the CA. */
export function serverVolume(): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "spire-data" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "",
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: { name: "spire-data-spire-server-0", namespace },
      hostPath: { path: "/var/lib/kubelet/spire-data", type: "DirectoryOrCreate" },
    },
  };
}

/** The operator's namespace and the accounts in it, with what they may do. */
export function accounts(): readonly KubernetesObject[] {
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...account("spire-server", [
      rule("authentication.k8s.io", ["tokenreviews"], ["create", "get", "list", "watch"]),
      rule("", ["nodes", "pods", "namespaces", "endpoints"], ["get", "list", "watch"]),
      rule("discovery.k8s.io", ["endpointslices"], ["get", "list", "watch"]),
      rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], [
        ...["get", "list", "watch", "patch", "update"],
      ]),
      rule("spire.spiffe.io", ["*"], ["*"]),
      rule("coordination.k8s.io", ["leases"], ["*"]),
      rule("", ["events", "configmaps"], ["*"]),
    ]),
    ...account("spire-agent", [rule("", ["pods", "nodes", "nodes/proxy"], ["get", "list"])]),
  ];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function rule(group: string, resources: readonly string[], verbs: readonly string[]): Rule {
  return { apiGroups: [group], resources, verbs };
}

function account(name: string, rules: readonly Rule[]): readonly KubernetesObject[] {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}

/** The agent, and the stand-in for the CSI driver. */
export function nodeOperands(site: Site): readonly KubernetesObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "spire-agent",
        namespace,
        labels: operandLabels("spire-agent", "node-agent"),
      },
      data: { "agent.conf": JSON.stringify(agentConfiguration(site), null, 2) },
    },
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
    daemonSet("spire-agent", "spire-agent", "node-agent", agentPod()),
    daemonSet("spire-spiffe-csi-driver", "spiffe-csi-driver", "csi", driverPod()),
  ];
}

function agentConfiguration({ name, trustDomain }: Site): unknown {
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
          plugin_data: { cluster: name, token_path: "/var/run/secrets/tokens/spire-agent" },
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
