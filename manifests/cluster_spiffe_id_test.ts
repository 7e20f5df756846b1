import assert from "node:assert/strict";
import { parseTrustDomain } from "../lib/spiffe/trust_domain.ts";
import { CLUSTER_SPIFFE_IDS, clusterSpiffeId } from "./cluster_spiffe_id.ts";

const WEST = parseTrustDomain("apps.west.example");
const NORTH = parseTrustDomain("apps.north.example");

Deno.test("clusterSpiffeId() is of the operator's class and gives IDs as the operator does", () => {
  assert.deepEqual(clusterSpiffeId({ federatesWith: [WEST, NORTH] }, { name: "shop" }), {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "shop" },
    spec: {
      className: "zero-trust-workload-identity-manager-spire",
      federatesWith: ["apps.north.example", "apps.west.example"],
      spiffeIDTemplate:
        "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}",
    },
  });
});

Deno.test("clusterSpiffeId() writes selectors, ttl and class as they were given", () => {
  const { spec } = clusterSpiffeId({
    federatesWith: [],
    spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/shop",
    namespaceLabels: { "kubernetes.io/metadata.name": "shop" },
    podLabels: { app: "cart" },
    ttl: "30m",
    className: "other",
  }, { name: "shop" });

  assert.deepEqual(spec, {
    className: "other",
    federatesWith: [],
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
    podSelector: { matchLabels: { app: "cart" } },
    spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/shop",
    ttl: "30m",
  });
});

Deno.test("CLUSTER_SPIFFE_IDS reads selectors with expressions", () => {
  const { spec } = CLUSTER_SPIFFE_IDS.parse({
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "x" },
    spec: {
      spiffeIDTemplate: "spiffe://x/y",
      podSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] },
    },
  });

  assert.ok(spec.podSelector && "matchExpressions" in spec.podSelector);
});
