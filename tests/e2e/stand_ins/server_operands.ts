/**
 * Stand-in for the operator: what it makes of ZeroTrustWorkloadIdentityManager and
 * SpireServer. Pure: objects in, objects out, under the operator's own names,
 * labels and configuration.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { KubernetesObject } from "../api.ts";
import { imageReference } from "../images.ts";
import { OPERATOR_NAMESPACE as namespace } from "../topology.ts";
import {
  controllerConfiguration,
  serverConfiguration,
  type Wanted,
} from "./server_configuration.ts";

/** The labels of an operand. */
export function operandLabels(name: string, component: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/instance": "cluster-zero-trust-workload-identity-manager",
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/managed-by": "zero-trust-workload-identity-manager",
    "app.kubernetes.io/part-of": "zero-trust-workload-identity-manager",
  };
}

const labels = operandLabels("spire-server", "control-plane");

const selector = Object.fromEntries(Object.entries(labels).slice(0, 3));

/** The operands that SpireServer owns, in the order in which they are applied. */
export function serverOperands(wanted: Wanted): readonly KubernetesObject[] {
  const configuration = JSON.stringify(serverConfiguration(wanted), null, 2);
  const controller = JSON.stringify(controllerConfiguration(wanted), null, 2);
  return [
    configMap("spire-server", { "server.conf": configuration }),
    configMap("spire-controller-manager", { "controller-manager-config.yaml": controller }),
    service(wanted),
    webhookService(wanted),
    webhook(wanted),
    statefulSet(wanted, digest(configuration), digest(controller)),
  ];
}

/** The ConfigMap that SPIRE's own notifier fills; the operator only makes it. */
export function bundleConfigMap({ manager }: Wanted): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: manager.spec.bundleConfigMap, namespace, labels },
  };
}

function configMap(name: string, data: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels }, data };
}

function service({ server }: Wanted): KubernetesObject {
  const endpoint = { name: "federation", port: 8443, targetPort: 8443, protocol: "TCP" };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "spire-server", namespace, labels },
    spec: {
      selector,
      ports: [
        { name: "grpc", port: 443, targetPort: 8081, protocol: "TCP" },
        { name: "metrics", port: 9402, targetPort: 9402, protocol: "TCP" },
        ...(server.spec.federation === undefined ? [] : [endpoint]),
      ],
    },
  };
}

function webhookService({ webhook }: Wanted): KubernetesObject {
  const name = webhook === "live" ? "spire-server" : "spire-controller-manager";
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "spire-controller-manager-webhook", namespace, labels },
    spec: {
      selector: { "app.kubernetes.io/name": name },
      ports: [{ name: "https", port: 443, targetPort: 9443, protocol: "TCP" }],
    },
  };
}

export function webhook({ webhook }: Wanted): KubernetesObject {
  const hooks = ["clusterfederatedtrustdomain", "clusterspiffeid"].map((singular) => ({
    name: `v${singular}.kb.io`,
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    failurePolicy: webhook === "live" ? "Fail" : "Ignore",
    clientConfig: {
      service: {
        name: "spire-controller-manager-webhook",
        namespace,
        path: `/validate-spire-spiffe-io-v1alpha1-${singular}`,
      },
    },
    rules: [{
      apiGroups: ["spire.spiffe.io"],
      apiVersions: ["v1alpha1"],
      operations: ["CREATE", "UPDATE"],
      resources: [`${singular}s`],
    }],
  }));
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "spire-controller-manager-webhook", labels },
    webhooks: hooks,
  };
}

/** The Route, which no object of the cluster owns, where the operator minds it. */
export function federationRoute({ manager, server }: Wanted): KubernetesObject | undefined {
  if (server.spec.federation?.managedRoute !== "true") return undefined;
  const web = server.spec.federation.bundleEndpoint.httpsWeb?.servingCert !== undefined;
  return {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: { name: "spire-server-federation", namespace, labels },
    spec: {
      host: `federation.${manager.spec.trustDomain}`,
      to: { kind: "Service", name: "spire-server", weight: 100 },
      port: { targetPort: "federation" },
      tls: {
        termination: web ? "reencrypt" : "passthrough",
        insecureEdgeTerminationPolicy: "Redirect",
      },
      wildcardPolicy: "None",
    },
  };
}

function statefulSet({ server }: Wanted, config: string, controller: string): KubernetesObject {
  const { persistence } = server.spec;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "spire-server", namespace, labels },
    spec: {
      serviceName: "spire-server",
      replicas: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: {
          labels,
          annotations: {
            "kubectl.kubernetes.io/default-container": "spire-server",
            "ztwim.openshift.io/spire-server-config-hash": config,
            "ztwim.openshift.io/spire-controller-manager-config-hash": controller,
          },
        },
        spec: pod(),
      },
      volumeClaimTemplates: [{
        metadata: { name: "spire-data" },
        spec: {
          accessModes: [persistence.accessMode],
          storageClassName: persistence.storageClass,
          resources: { requests: { storage: persistence.size } },
        },
      }],
    },
  };
}

export function pod(): unknown {
  const empty = (name: string): unknown => ({ name, emptyDir: {} });
  return {
    serviceAccountName: "spire-server",
    shareProcessNamespace: true,
    // The operator leaves the default of 30 s; nothing in the server needs it.
    terminationGracePeriodSeconds: 5,
    containers: [serverContainer(), controllerContainer()],
    volumes: [
      empty("server-tmp"),
      empty("spire-server-socket"),
      empty("spire-controller-manager-tmp"),
      { name: "spire-config", configMap: { name: "spire-server" } },
      { name: "controller-manager-config", configMap: { name: "spire-controller-manager" } },
    ],
  };
}

function serverContainer(): unknown {
  return {
    name: "spire-server",
    image: imageReference("spire-server"),
    imagePullPolicy: "Never",
    args: ["run", "-expandEnv", "-config", "/run/spire/config/server.conf"],
    securityContext: { readOnlyRootFilesystem: true },
    ports: [
      { name: "grpc", containerPort: 8081 },
      { name: "server-healthz", containerPort: 8080 },
      { name: "federation", containerPort: 8443 },
    ],
    readinessProbe: {
      httpGet: { path: "/ready", port: "server-healthz" },
      initialDelaySeconds: 1,
      periodSeconds: 1,
    },
    volumeMounts: [
      { name: "spire-server-socket", mountPath: "/tmp/spire-server/private" },
      { name: "spire-config", mountPath: "/run/spire/config", readOnly: true },
      { name: "spire-data", mountPath: "/run/spire/data" },
      { name: "server-tmp", mountPath: "/tmp" },
    ],
  };
}

function controllerContainer(): unknown {
  const file = "controller-manager-config.yaml";
  return {
    name: "spire-controller-manager",
    image: imageReference("spire-controller-manager"),
    imagePullPolicy: "Never",
    args: [`--config=/${file}`],
    env: [{ name: "ENABLE_WEBHOOKS", value: "true" }],
    securityContext: { readOnlyRootFilesystem: true },
    ports: [
      { name: "https", containerPort: 9443 },
      { name: "ctrlmgr-healthz", containerPort: 8083 },
    ],
    readinessProbe: {
      httpGet: { path: "/readyz", port: "ctrlmgr-healthz" },
      initialDelaySeconds: 1,
      periodSeconds: 1,
    },
    volumeMounts: [
      { name: "spire-server-socket", mountPath: "/tmp/spire-server/private", readOnly: true },
      { name: "controller-manager-config", mountPath: `/${file}`, subPath: file, readOnly: true },
      {
        name: "spire-controller-manager-tmp",
        mountPath: "/tmp",
        subPath: "spire-controller-manager",
      },
    ],
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text.trim()).digest("hex");
}
