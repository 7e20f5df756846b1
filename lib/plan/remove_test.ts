import assert from "node:assert/strict";
import { parseTrustDomain } from "../spiffe/mod.ts";
import { patchWithout } from "./remove.ts";

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
