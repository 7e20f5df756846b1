import assert from "node:assert/strict";
import { CLUSTER_SPIFFE_IDS } from "../../manifests/cluster_spiffe_id.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { parseTrustDomain } from "../spiffe/mod.ts";
import type { Hands } from "./apply.ts";
import type { RemovalStep } from "./plan.ts";
import { patchWithout, remove } from "./remove.ts";

const LOCK = { op: "replace", path: "/metadata/resourceVersion", value: "7" };

function listed(...names: readonly string[]): Parameters<typeof patchWithout>[0] {
  const peers = names.map((trustDomain) => ({
    trustDomain,
    bundleEndpointUrl: `https://federation.${trustDomain}`,
    bundleEndpointProfile: "https_spiffe",
  }));
  return { resourceVersion: "7", peers };
}

function without(names: readonly string[], ...gone: readonly string[]): unknown {
  return patchWithout(listed(...names), { trustDomains: gone.map(parseTrustDomain) });
}

Deno.test("a static peer goes by its index, under a lock", () => {
  assert.deepEqual(without(["a", "b", "c"], "b"), [
    LOCK,
    { op: "remove", path: "/spec/federation/federatesWith/1" },
  ]);
});

Deno.test("several go from the end, so that no index shifts", () => {
  assert.deepEqual(without(["a", "b", "c"], "a", "c"), [
    LOCK,
    { op: "remove", path: "/spec/federation/federatesWith/2" },
    { op: "remove", path: "/spec/federation/federatesWith/0" },
  ]);
});

Deno.test("with the last one goes the list, as an empty one is refused", () => {
  assert.deepEqual(without(["a", "b"], "a", "b"), [
    LOCK,
    { op: "remove", path: "/spec/federation/federatesWith" },
  ]);
});

Deno.test("nothing is patched where the peer is not listed", () => {
  assert.equal(without(["a"], "b"), undefined);
});

/** What a step asks of a cluster in which ClusterSPIFFEID/shop names these peers. */
async function asked(step: RemovalStep, ...federatesWith: readonly string[]): Promise<unknown> {
  const calls: unknown[] = [];
  const cluster = {
    get: () => Promise.resolve({ metadata: { name: "shop", uid: "u-2" }, spec: { federatesWith } }),
    patch: (...[, patch]: Parameters<Cluster["patch"]>) => Promise.resolve(calls.push(patch)),
    delete: (...[, options]: Parameters<Cluster["delete"]>) => Promise.resolve(calls.push(options)),
  };
  const hands = { clusterOf: () => cluster as unknown as Cluster } as unknown as Hands;
  await remove(step, hands, false);
  return calls;
}

const STEP = {
  ...{ cluster: "east", resource: CLUSTER_SPIFFE_IDS, name: "shop", uid: "u-1" },
  ...{ why: "", asks: [] },
};

Deno.test("an object is deleted only while it is the one that was shown", async () => {
  assert.deepEqual(await asked({ action: "delete", ...STEP }), [{ uid: "u-1", dryRun: false }]);
});

Deno.test("a peer is taken out of an object only while it is the one shown, and says the same", async () => {
  const step = { action: "edit" as const, ...STEP, trustDomains: [parseTrustDomain("a")] };

  assert.deepEqual(await asked(step, "a", "b"), [{
    type: "json",
    body: [
      { op: "test", path: "/metadata/uid", value: "u-1" },
      { op: "test", path: "/spec/federatesWith", value: ["a", "b"] },
      { op: "replace", path: "/spec/federatesWith", value: ["b"] },
    ],
  }]);
});
