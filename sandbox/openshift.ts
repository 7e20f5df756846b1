/**
 * OpenShift as a practice cluster finds it, before anything of SPIRE is there: version,
 * ingress, proxy, a catalog with the operator in it, storage.
 *
 * @module
 */
import { MARKETPLACE_NAMESPACE } from "../manifests/catalog_source.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { OPERATOR_PACKAGE } from "../manifests/subscription.ts";

/** The versions that the practice catalog offers, oldest first. */
export const OFFERED_VERSIONS = ["1.0.0", "1.0.1"] as const;

/** The name of one of them. */
export function csvName(version: string): string {
  return `zero-trust-workload-identity-manager.v${version}`;
}

/** The objects of an empty cluster. */
export function openShiftObjects(ingressDomain: string): readonly Manifest[] {
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: MARKETPLACE_NAMESPACE } },
    configuration("Ingress", "cluster", { spec: { domain: ingressDomain } }),
    configuration("ClusterVersion", "version", {
      spec: { clusterID: "practice" },
      status: { desired: { version: "4.18.9" } },
    }),
    configuration("Proxy", "cluster", { spec: {}, status: {} }),
    {
      apiVersion: "operators.coreos.com/v1alpha1",
      kind: "CatalogSource",
      metadata: { name: "redhat-operators", namespace: MARKETPLACE_NAMESPACE },
      spec: { sourceType: "grpc", displayName: "Red Hat Operators" },
      status: { connectionState: { lastObservedState: "READY" } },
    },
    packageManifest(),
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "gp3-csi",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "ebs.csi.aws.com",
      volumeBindingMode: "WaitForFirstConsumer",
    },
    { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name: "ebs.csi.aws.com" } },
  ];
}

function configuration(kind: string, name: string, rest: object): Manifest {
  return { apiVersion: "config.openshift.io/v1", kind, metadata: { name }, ...rest };
}

function packageManifest(): Manifest {
  const latest = OFFERED_VERSIONS[1];
  return {
    apiVersion: "packages.operators.coreos.com/v1",
    kind: "PackageManifest",
    metadata: {
      name: OPERATOR_PACKAGE,
      namespace: MARKETPLACE_NAMESPACE,
      labels: { catalog: "redhat-operators" },
    },
    status: {
      catalogSource: "redhat-operators",
      catalogSourceNamespace: MARKETPLACE_NAMESPACE,
      packageName: OPERATOR_PACKAGE,
      defaultChannel: "stable-v1",
      channels: [{
        name: "stable-v1",
        currentCSV: csvName(latest),
        currentCSVDesc: { version: latest },
        entries: OFFERED_VERSIONS.toReversed().map((version) => ({
          name: csvName(version),
          version,
        })),
      }],
    },
  };
}
