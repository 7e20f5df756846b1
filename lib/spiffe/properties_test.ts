import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { BUNDLES, document, read, READING, testData } from "./testing_bundles.ts";
import { bundleFromPem } from "./bundle_from_pem.ts";
import { readCertificate } from "./certificate.ts";
import { compareBundles } from "./compare_bundles.ts";
import type { Bundle } from "./model.ts";
import { parseBundle } from "./parse_bundle.ts";
import { printBundle } from "./print_bundle.ts";
import { parseSpiffeId, trustDomainOf } from "./spiffe_id.ts";
import { parseTrustDomain, trustDomainComplaint } from "./trust_domain.ts";
import { verifySvid } from "./verify_svid.ts";

const POOL = document("every_key_type").keys;
const CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789._-".split("");

/** Bundles of some known keys under any key IDs, sequence and hint. */
const bundles: fc.Arbitrary<Bundle> = fc.record({
  x509: fc.subarray(POOL.filter((key) => key["use"] === "x509-svid")),
  jwt: fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1 }), { maxLength: 5 }),
  spiffe_sequence: fc.option(fc.bigInt(0n, 2n ** 64n - 1n)),
  spiffe_refresh_hint: fc.option(fc.integer({ min: 0, max: 9_223_372_036 })),
}).map(({ x509, jwt, spiffe_sequence, spiffe_refresh_hint }) => {
  const key = POOL.find((key) => key["use"] === "jwt-svid");
  const keys = [...x509, ...jwt.map((kid) => ({ ...key, kid }))];
  const members = [`"keys": ${JSON.stringify(keys)}`];
  if (spiffe_sequence !== null) members.push(`"spiffe_sequence": ${spiffe_sequence}`);
  if (spiffe_refresh_hint !== null) members.push(`"spiffe_refresh_hint": ${spiffe_refresh_hint}`);
  const { bundle, problems } = read(`{${members.join()}}`);
  assert.ok(bundle, JSON.stringify(problems));
  return bundle;
});

Deno.test("printing a bundle and reading it again gives the same bundle", () => {
  fc.assert(
    fc.property(bundles, (bundle) => {
      const printed = printBundle(bundle);

      assert.deepEqual(read(printed).bundle, bundle);
      assert.ok(printed.endsWith("}\n"));
    }),
    { numRuns: 100 },
  );
});

Deno.test("printing does not depend on the order in which the authorities came", () => {
  const { keys, ...numbers } = document("every_key_type");

  const one = read({ ...numbers, keys }).bundle;
  const other = read({ keys: keys.toReversed(), ...numbers }).bundle;

  assert.ok(one && other);
  assert.equal(printBundle(one), printBundle(other));
  assert.deepEqual(
    Object.keys(JSON.parse(printBundle(one)).keys[0]).toSorted(),
    Object.keys(JSON.parse(printBundle(one)).keys[0]),
  );
});

Deno.test("comparing any two bundles accounts for every authority once", () => {
  fc.assert(
    fc.property(bundles, bundles, (old, offered) => {
      const { added, removed, kept, change, advice } = compareBundles(old, offered);
      const count = (bundle: Bundle): number =>
        bundle.x509Authorities.length + bundle.jwtAuthorities.length;

      assert.equal(removed.length + kept.length, count(old));
      assert.equal(added.length + kept.length, count(offered));
      assert.equal(change === "same", advice === "nothing");
      if (count(offered) === 0) assert.equal(change, "revoked-all");
    }),
    { numRuns: 100 },
  );
});

Deno.test("a bundle compared with itself is the same, or revoked", () => {
  fc.assert(
    fc.property(bundles, (bundle) => {
      const { change, problems } = compareBundles(bundle, bundle);

      const isEmpty = bundle.x509Authorities.length + bundle.jwtAuthorities.length === 0;
      assert.equal(change, isEmpty ? "revoked-all" : "same");
      assert.deepEqual(problems, []);
    }),
    { numRuns: 50 },
  );
});

Deno.test("every name of allowed characters is a trust domain and no other is", () => {
  const names = fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: 1, maxLength: 255 });
  fc.assert(fc.property(names, (name) => {
    assert.equal(parseTrustDomain(name), name);
    assert.equal(trustDomainOf(parseSpiffeId(`spiffe://${name}/a`)), name);
  }));
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    const isRefused = trustDomainComplaint(`a${character}b`) !== undefined;
    assert.equal(isRefused, !CHARACTERS.includes(character), JSON.stringify(character));
  }
});

/** Bytes with a few of them changed, left out or put in: seeded, so that a failure comes back. */
function mutated(name: string): fc.Arbitrary<Uint8Array> {
  const original = testData(name);
  const change = fc.record({
    at: fc.nat(original.length - 1),
    remove: fc.nat(3),
    insert: fc.oneof(
      fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "0", "-", "e", "\\ud800", "null"),
      fc.string({ maxLength: 3 }),
    ),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((bytes, { at, remove, insert }) =>
      new Uint8Array([
        ...bytes.subarray(0, at),
        ...new TextEncoder().encode(insert),
        ...bytes.subarray(at + remove),
      ]), original)
  );
}

Deno.test("any change to a real bundle gets an answer, and what is taken prints again", () => {
  const documents = [
    ...BUNDLES.map((name) => `bundles/${name}.json`),
    ...readdirSync(new URL("testdata/corpus", import.meta.url)).map((name) => `corpus/${name}`),
  ];
  for (const name of documents) {
    fc.assert(
      fc.property(mutated(name), (bytes) => {
        const { bundle, verdict, problems } = parseBundle(bytes, READING);
        if (bundle === undefined) {
          assert.deepEqual(verdict, { installs: false, refreshes: false });
          assert.ok(problems.some(({ severity }) => severity === "error"));
        } else {
          assert.deepEqual(read(printBundle(bundle)).bundle, bundle);
        }
      }),
      { numRuns: 60, seed: 20261124 },
    );
  }
});

Deno.test("any change to a certificate gets an answer, and none makes an SVID of it", () => {
  const [key] = document("every_extension").keys;
  const der = Uint8Array.fromBase64(String(key?.["x5c"]));
  const { bundle } = read(document("every_extension"));
  assert.ok(bundle);
  const octets = fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(octets, (changes) => {
      const forged = der.slice();
      for (const [at, octet] of changes) forged[at] = octet;
      readCertificate(forged);
      const { problems } = verifySvid([forged, forged], { bundle, ...READING });
      assert.ok(problems.some(({ severity }) => severity === "error"));
    }),
    { numRuns: 500, seed: 20261124 },
  );
});

Deno.test("any bytes at all get an answer", () => {
  const { bundle } = read(document("p256"));
  assert.ok(bundle);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(parseBundle(bytes, READING).bundle, undefined);
      assert.equal(bundleFromPem(bytes, READING).bundle, undefined);
      assert.notEqual(verifySvid([bytes], { bundle, ...READING }).problems.length, 0);
    }),
    { numRuns: 300 },
  );
});
