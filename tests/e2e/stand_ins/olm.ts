/**
 * OLM's stand-in on a real API server: the sandbox's own, over the program's port, with
 * OLM's real definitions; and what of OpenShift it needs that has no definition here.
 *
 * @module
 */
import type { Cluster } from "../../../lib/cluster/cluster.ts";
import { openCluster } from "../../../lib/cluster/open_cluster.ts";
import { systemHost } from "../../../lib/cluster/system_host.ts";
import type { Manifest } from "../../../manifests/manifest.ts";
import { operateOlm } from "../../../sandbox/olm.ts";
import { openShiftObjects } from "../../../sandbox/openshift.ts";
import type { ApiServer, Json, KubernetesObject } from "../api.ts";
import { imageReference } from "../images.ts";
import { KUBECONFIG } from "../paths.ts";
import { OPERATOR_NAMESPACE as namespace, type Site } from "../topology.ts";

const PAUSE_MS = 500;
const OPERATOR = `${namespace}-controller-manager`;

/** A stand-in for a definition: anything goes. */
function anything(group: string, version: string, kind: string, scope: string): KubernetesObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{
        name: version,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      }],
    },
  };
}

/** What OLM serves without a definition, and the version of OpenShift. */
export const DEFINITIONS: readonly KubernetesObject[] = [
  anything("packages.operators.coreos.com", "v1", "PackageManifest", "Namespaced"),
  anything("config.openshift.io", "v1", "ClusterVersion", "Cluster"),
];

/** A catalog with the operator in it, a version, a storage class. */
export function shelves({ trustDomain }: Site): readonly KubernetesObject[] {
  const kinds = ["CatalogSource", "PackageManifest", "ClusterVersion", "StorageClass"];
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "openshift-marketplace" } },
    ...openShiftObjects(trustDomain).filter(({ kind }) => kinds.includes(kind)) as Json[],
  ];
}

/** The operator's Deployment: a pod that does nothing stands in for its pod, too. */
function deployment(): Manifest {
  const labels = { name: namespace };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: OPERATOR, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "manager", image: imageReference("pause") }] },
      },
    },
  };
}

/** Runs until the signal; the definitions that come with the operator are given. */
export async function runOlm(
  { site, api }: { readonly site: Site; readonly api: ApiServer },
  definitions: readonly Manifest[],
  signal: AbortSignal,
): Promise<void> {
  const cluster = await open(site, signal);
  const release = { definitions, deployment };
  while (!signal.aborted) {
    await operateOlm(cluster, namespace, {
      release,
      writeStatus: async ({ resource: { apiVersion, kind }, name, namespace = "" }, status) => {
        const target = { apiVersion, kind, metadata: { name, namespace } };
        await api.merge(
          target,
          { status },
          "/status?fieldManager=zero-trust-workload-identity-manager",
        );
      },
    }).catch(() => {
      // Somebody was quicker, or the namespace is going: the next pass sees to it.
    });
    await new Promise((soon) => setTimeout(soon, PAUSE_MS));
  }
}

async function open(site: Site, signal: AbortSignal): Promise<Cluster> {
  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((soon) => setTimeout(soon, milliseconds));
  const host = systemHost(
    {
      env: (name) => Deno.env.get(name),
      now: () => new Date(),
      sleep,
      consent: () => Promise.resolve(false),
      opened: undefined,
    } as Parameters<typeof systemHost>[0],
  );
  return await openCluster(site.name, {
    kubeconfig: KUBECONFIG,
    as: undefined,
    asGroups: [],
    requestTimeoutMs: 20_000,
    verbosity: 0,
    warn: () => {},
    signal,
  }, host);
}
