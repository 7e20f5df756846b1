/**
 * Real workloads: pods that get their SVID over the CSI volume and know nothing else.
 *
 * @module
 */
import { type Finished, until } from "./process.ts";
import { imageReference } from "./images.ts";
import { kubectl, type TestCluster } from "./clusters.ts";
import { CLASS_NAME } from "./stand_ins/server_configuration.ts";
import type { KubernetesObject } from "./api.ts";

const NAMESPACE = "app";
const LABELS = { app: "caller" };

/** The host under which a cluster's router lets its workload be called. */
export function workloadHost({ site }: TestCluster): string {
  return `caller.${site.trustDomain}`;
}

/** The identity of a cluster's workload. */
export function workloadId({ site }: TestCluster): string {
  return `spiffe://${site.trustDomain}/ns/${NAMESPACE}/sa/default`;
}

/** Deploys a server in `cluster` that answers callers of `peer`'s trust domain only. */
export async function deployWorkload(cluster: TestCluster, peer: TestCluster): Promise<void> {
  for (const object of workload(cluster, peer)) await cluster.api.apply(object);
}

/** A ClusterSPIFFEID for the workload that federates with these trust domains. */
export function workloadEntry(federatesWith: readonly string[]): KubernetesObject {
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "caller" },
    spec: {
      className: CLASS_NAME,
      spiffeIDTemplate:
        "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}",
      podSelector: { matchLabels: LABELS },
      federatesWith,
    },
  };
}

/** Calls `to`'s workload from `from`'s, and demands its identity. */
export async function callAcross(from: TestCluster, to: TestCluster): Promise<Finished> {
  return await inWorkload(from, ["/caller", "call", `https://${workloadHost(to)}`, workloadId(to)]);
}

/** What the Workload API tells the workload. */
export async function workloadSvid(cluster: TestCluster): Promise<Finished> {
  const socket = "/spiffe-workload-api/spire-agent.sock";
  return await inWorkload(cluster, [
    ...["/spire-agent", "api", "fetch", "x509", "-socketPath", socket, "-timeout", "3s"],
  ]);
}

/** Has the workload keep its SVID in a file, the key before it, as some helpers do; answers where. */
export async function keepSvidInFile(cluster: TestCluster): Promise<string> {
  const fetch = "/spire-agent api fetch x509 -socketPath /spiffe-workload-api/spire-agent.sock";
  const script = `mkdir -p /tmp && ${fetch} -write /tmp && cat /tmp/svid.0.key /tmp/svid.0.pem`;
  const { code, stderr } = await inWorkload(cluster, ["sh", "-c", `${script} > /tmp/both.pem`]);
  if (code !== 0) throw new Error(stderr);
  return "/tmp/both.pem";
}

async function inWorkload(cluster: TestCluster, command: readonly string[]): Promise<Finished> {
  return await kubectl(cluster, ["-n", NAMESPACE, "exec", "deploy/caller", "--", ...command]);
}

/** Takes the workload away and waits until its pod is gone, so that the volume was let go of. */
export async function removeWorkload({ api }: TestCluster): Promise<void> {
  await api.delete(workloadEntry([]));
  await api.delete({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "caller", namespace: NAMESPACE },
  });
  await until("the workload's pods to end", async () => {
    return (await api.list("v1", "Pod", NAMESPACE)).length === 0;
  }, 40);
}

function workload(cluster: TestCluster, peer: TestCluster): readonly KubernetesObject[] {
  const metadata = { name: "caller", namespace: NAMESPACE };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: pod(peer) },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: LABELS, ports: [{ name: "mtls", port: 443, targetPort: 9443 }] },
    },
    {
      apiVersion: "route.openshift.io/v1",
      kind: "Route",
      metadata,
      spec: {
        host: workloadHost(cluster),
        to: { kind: "Service", name: "caller", weight: 100 },
        port: { targetPort: "mtls" },
        tls: { termination: "passthrough" },
      },
    },
  ];
}

// Until its entry has reached the agent a new pod is told "no identity issued".
function pod({ site }: TestCluster): unknown {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [{
      name: "caller",
      image: imageReference("caller"),
      imagePullPolicy: "Never",
      command: ["sh", "-c", `until /caller serve :9443 ${site.trustDomain}; do sleep 1; done`],
      volumeMounts: [{ name: "spiffe", mountPath: "/spiffe-workload-api", readOnly: true }],
    }],
    volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io", readOnly: true } }],
  };
}
