import assert from "node:assert/strict";
import { parseSpiffeId } from "../lib/spiffe/spiffe_id.ts";
import { parseTrustDomain } from "../lib/spiffe/trust_domain.ts";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  clusterFederatedTrustDomain,
  CONTROLLER_CLASS,
  type FederatedTrustDomainSpec,
} from "./cluster_federated_trust_domain.ts";

const SPEC: FederatedTrustDomainSpec = {
  trustDomain: parseTrustDomain("apps.east.example"),
  bundleEndpointURL: "https://federation.apps.east.example",
  bundleEndpointProfile: {
    type: "https_spiffe",
    endpointSPIFFEID: parseSpiffeId("spiffe://apps.east.example/spire/server"),
  },
  trustDomainBundle: "{}",
  className: CONTROLLER_CLASS,
};

Deno.test("clusterFederatedTrustDomain() names the object after the trust domain", () => {
  assert.deepEqual(clusterFederatedTrustDomain(SPEC), {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterFederatedTrustDomain",
    metadata: { name: "apps.east.example" },
    spec: SPEC,
  });
});

Deno.test("clusterFederatedTrustDomain() takes name, labels and locks from the metadata given", () => {
  const metadata = { name: "by-hand", uid: "1", resourceVersion: "7", labels: { a: "b" } };

  assert.deepEqual(clusterFederatedTrustDomain(SPEC, metadata).metadata, metadata);
});

Deno.test("clusterFederatedTrustDomain() leaves out what is not given", () => {
  const { metadata, spec } = clusterFederatedTrustDomain(
    { ...SPEC, trustDomainBundle: undefined },
    { labels: undefined },
  );

  assert.deepEqual(Object.keys(metadata), ["name"]);
  assert.ok(!("trustDomainBundle" in spec));
});

Deno.test("CLUSTER_FEDERATED_TRUST_DOMAINS reads another manager's nonsense as it is", () => {
  const foreign = {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterFederatedTrustDomain",
    metadata: { name: "x", managedFields: [] },
    spec: {
      trustDomain: "NOT\nVALID",
      bundleEndpointURL: "ftp://x",
      bundleEndpointProfile: { type: "https_other" },
      trustDomainBundle: "-----BEGIN",
      unknown: 1,
    },
    status: {},
  };

  assert.equal(CLUSTER_FEDERATED_TRUST_DOMAINS.parse(foreign).spec.trustDomain, "NOT\nVALID");
});

Deno.test("CLUSTER_FEDERATED_TRUST_DOMAINS names the member that has another shape", () => {
  assert.throws(
    () =>
      CLUSTER_FEDERATED_TRUST_DOMAINS.parse({ apiVersion: "", kind: "", metadata: { name: "x" } }),
    /^Error: spec/,
  );
});
