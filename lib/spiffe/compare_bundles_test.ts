import assert from "node:assert/strict";
import { document, type Key, read } from "./testing_bundles.ts";
import { compareBundles } from "./compare_bundles.ts";
import type { Bundle, BundleChange } from "./model.ts";
import { parseTrustDomain } from "./trust_domain.ts";

const [ONE = {}, TWO = {}, THREE = {}] = document("every_key_type").keys;
const [, , , , , JWT = {}, OTHER_JWT = {}] = document("every_key_type").keys;

function bundle(keys: readonly Key[], sequence?: number, hint?: number): Bundle {
  const numbers = { spiffe_sequence: sequence, spiffe_refresh_hint: hint };
  const { bundle } = read({ keys, ...numbers });
  assert.ok(bundle);
  return bundle;
}

const CASES: readonly (readonly [
  name: string,
  expected: readonly [BundleChange["change"], BundleChange["advice"], warnings?: number],
  old: Bundle,
  offered: Bundle,
])[] = [
  ["nothing changed", ["same", "nothing"], bundle([ONE, JWT], 1), bundle([JWT, ONE], 1)],
  ["everything revoked", ["revoked-all", "confirm"], bundle([ONE], 1), bundle([], 2)],
  ["still nothing", ["revoked-all", "confirm"], bundle([]), bundle([])],
  ["an older sequence", ["rolled-back", "confirm"], bundle([ONE], 2), bundle([ONE], 1)],
  ["an older sequence, disjoint", ["rolled-back", "confirm"], bundle([ONE], 2), bundle([TWO], 1)],
  ["a lost sequence", ["metadata-only", "apply"], bundle([ONE], 2), bundle([ONE])],
  ["other roots", ["disjoint", "confirm"], bundle([ONE, JWT], 1), bundle([TWO, JWT], 2)],
  ["the first roots", ["disjoint", "confirm"], bundle([]), bundle([ONE])],
  ["a rotation", ["rotated", "apply"], bundle([ONE, TWO], 1), bundle([TWO, THREE], 2)],
  ["a root more", ["added", "apply"], bundle([ONE], 1), bundle([ONE, TWO], 2)],
  ["a root less", ["removed", "apply"], bundle([ONE, TWO], 1), bundle([ONE], 2)],
  ["another hint", ["metadata-only", "apply"], bundle([ONE], 1, 300), bundle([ONE], 2, 60)],
  ["a JWT key more", ["added", "apply"], bundle([ONE]), bundle([ONE, JWT])],
  ["JWT keys only", ["disjoint", "confirm"], bundle([JWT], 1), bundle([JWT], 2)],
  ["other JWT keys only", ["disjoint", "confirm"], bundle([JWT]), bundle([OTHER_JWT])],
  ["an unchanged sequence", ["added", "apply", 1], bundle([ONE], 1), bundle([ONE, TWO], 1)],
];

for (const [name, [change, advice, warnings = 0], old, offered] of CASES) {
  Deno.test(`compareBundles() says ${change} for ${name}`, () => {
    const answer = compareBundles(old, offered);

    assert.deepEqual([answer.change, answer.advice], [change, advice]);
    assert.deepEqual(answer.sequence, { old: old.sequence, new: offered.sequence });
    assert.equal(answer.problems.length, warnings);
  });
}

Deno.test("compareBundles() names what was added, removed and kept", () => {
  const old = bundle([ONE, TWO, JWT]);
  const offered = bundle([TWO, THREE, JWT]);
  const names = (from: Bundle, at: number): unknown => ({
    use: "x509-svid",
    sha256: from.x509Authorities[at]?.sha256,
  });
  const shared = old.x509Authorities.findIndex(({ sha256 }) =>
    offered.x509Authorities.some((authority) => authority.sha256 === sha256)
  );

  const { added, removed, kept } = compareBundles(old, offered);

  assert.deepEqual([added.length, removed.length], [1, 1]);
  assert.deepEqual(kept, [names(old, shared), { use: "jwt-svid", kid: JWT["kid"] }]);
});

Deno.test("compareBundles() sees another key under an old key ID", () => {
  const { added, removed } = compareBundles(
    bundle([ONE, JWT]),
    bundle([ONE, { ...OTHER_JWT, kid: JWT["kid"] }]),
  );

  assert.deepEqual(added, [{ use: "jwt-svid", kid: JWT["kid"] }]);
  assert.deepEqual(removed, added);
});

Deno.test("compareBundles() refuses to compare two trust domains", () => {
  const other = { ...bundle([ONE]), trustDomain: parseTrustDomain("west.example") };

  assert.throws(() => compareBundles(bundle([ONE]), other), { kind: "usage" });
});
