import assert from "node:assert/strict";
import { document, errors, read, warnings } from "./testing_bundles.ts";
import {
  entry,
  extension,
  intermediate,
  leaf,
  type Minted,
  NOW,
  root,
  USAGE,
} from "./testing_certificates.ts";

const [ROOT = {}] = document("p256").keys;
const [RSA = {}] = document("rsa_with_jwt").keys;
const CONSTRAINTS = extension("2.5.29.30", "300ea00c300a8608652e6578616d706c");
const SECOND = 1000;

Deno.test("parseBundle() refuses certificates that may not sign SVIDs", async () => {
  const ca = await root();
  const refused: readonly Minted[] = [
    await leaf(ca),
    await root({ isCa: false }),
    await root({ usage: USAGE.digitalSignature }),
    await root({ uris: ["spiffe://a..b"] }),
  ];
  for (const authority of refused) {
    assert.deepEqual(errors(read({ keys: [ROOT, entry(authority)] })), [
      "bundle/not-a-ca /keys/1/x5c/0",
    ]);
  }
  for (const authority of [await root({ usage: null }), await intermediate(ca)]) {
    assert.deepEqual(read({ keys: [entry(authority)] }).problems, []);
  }
});

Deno.test("parseBundle() warns of what is odd in an authority and takes it", async () => {
  const cases = [
    [{ uris: ["spiffe://west.example"] }, "bundle/other-trust-domain"],
    [{ uris: ["spiffe://east.example/ca"] }, "bundle/authority-id"],
    [{ uris: ["spiffe://EAST.example"] }, "bundle/authority-id"],
    [{ key: "shortRsa" }, "bundle/weak-key"],
    [{ extensions: [CONSTRAINTS] }, "bundle/authority-constraints"],
    [{ extensions: [extension("1.2.3.4", "0500")] }, "bundle/authority-constraints"],
  ] as const;
  for (const [minting, code] of cases) {
    const parsed = read({ keys: [entry(await root(minting))] });
    assert.ok(parsed.verdict.installs);
    assert.deepEqual(warnings(parsed), [`${code} /keys/0/x5c/0`]);
  }
  assert.deepEqual(warnings(read({ keys: [{ ...ROOT, kid: "a" }] })), [
    "bundle/key-id /keys/0/kid",
  ]);
  assert.deepEqual(warnings(read({ keys: [ROOT, { ...RSA, use: "jwt-svid", kid: "a" }] })), [
    "bundle/certificate /keys/1",
  ]);
});

Deno.test("parseBundle() names the trust domains that an authority names", async () => {
  const shared = await root({ uris: ["spiffe://west.example", "spiffe://east.example"] });

  const { bundle } = read({ keys: [entry(shared)] });

  assert.deepEqual(bundle?.x509Authorities[0]?.uriTrustDomains, ["west.example", "east.example"]);
});

Deno.test("parseBundle() warns of authorities out of their time, to the second", async () => {
  const at = (offset: number): Date => new Date(NOW.getTime() + offset);
  const cases = [
    [{ notAfter: at(-SECOND) }, ["bundle/authority-expired /keys/1/x5c/0"]],
    [{ notAfter: NOW }, []],
    [{ notBefore: NOW }, []],
    [{ notBefore: at(SECOND) }, ["bundle/authority-not-yet-valid /keys/1/x5c/0"]],
  ] as const;
  for (const [minting, expected] of cases) {
    const authority = entry(await root(minting));

    assert.deepEqual(warnings(read({ keys: [ROOT, authority] })), expected);
    assert.equal(read({ keys: [authority] }).verdict.installs, expected.length === 0);
  }
});
