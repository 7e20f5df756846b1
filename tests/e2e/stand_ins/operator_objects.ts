/**
 * What an administrator asks of the operator, where it works, and the accounts that it
 * makes with what they may do.
 *
 * @module
 */
import type { KubernetesObject } from "../api.ts";
import { OPERATOR_NAMESPACE as namespace, type Site } from "../topology.ts";

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

/** The namespace of the operator and its operands. */
export const OPERATOR_HOME: KubernetesObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: namespace },
};

/** The server's account, with what it may do. */
export function serverAccount(): readonly KubernetesObject[] {
  return account("spire-server", [
    rule("authentication.k8s.io", ["tokenreviews"], ["create", "get", "list", "watch"]),
    rule("", ["nodes", "pods", "namespaces", "endpoints"], ["get", "list", "watch"]),
    rule("discovery.k8s.io", ["endpointslices"], ["get", "list", "watch"]),
    rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], [
      ...["get", "list", "watch", "patch", "update"],
    ]),
    rule("spire.spiffe.io", ["*"], ["*"]),
    rule("coordination.k8s.io", ["leases"], ["*"]),
    rule("", ["events", "configmaps"], ["*"]),
  ]);
}

/** What may be done. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Verbs on resources of a group. */
export function rule(group: string, resources: readonly string[], verbs: readonly string[]): Rule {
  return { apiGroups: [group], resources, verbs };
}

/** An account of an operand. */
export function account(name: string, rules: readonly Rule[]): readonly KubernetesObject[] {
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
