import assert from "node:assert/strict";
import { document, errors, read, READING, testData, warnings } from "./testing_bundles.ts";
import { bundleFromPem } from "./bundle_from_pem.ts";
import { entry, leaf, NOW, root } from "./testing_certificates.ts";
import { REFUSED_DOCUMENTS, REFUSED_KEYS } from "./testing_documents.ts";
import { MAX_BUNDLE_BYTES, parseBundle } from "./parse_bundle.ts";
import { derToPem } from "./pem.ts";

const [ROOT = {}] = document("p256").keys;
const [, JWT = {}] = document("rsa_with_jwt").keys;
const text = JSON.stringify;

Deno.test("parseBundle() reports the facts of a good bundle exactly", () => {
  const { bundle, verdict, problems } = read(document("rsa_with_jwt"));

  assert.deepEqual(problems, []);
  assert.deepEqual(verdict, { installs: true, refreshes: true });
  assert.equal(bundle?.trustDomain, "east.example");
  assert.equal(bundle?.sequence, 7n);
  assert.equal(bundle?.refreshHint, 300);
  assert.deepEqual(bundle?.x509Authorities.map(({ subject }) => subject), [
    "OU=Zürich,CN=east,O=SPIFFE,C=US",
  ]);
  assert.deepEqual(bundle?.jwtAuthorities.map(({ kid, kty }) => ({ kid, kty })), [
    { kid: JWT["kid"], kty: "RSA" },
  ]);
});

Deno.test("parseBundle() reads every kind of key, as certificate and as JWT authority", () => {
  const { bundle, verdict } = read(document("every_key_type"));

  assert.equal(bundle?.x509Authorities.length, 5);
  assert.equal(bundle?.jwtAuthorities.length, 5);
  assert.ok(verdict.installs && verdict.refreshes);
});

Deno.test("parseBundle() ignores a key of unknown use, which stops SPIRE's refresh", () => {
  for (const use of ["wit-svid", "", null, "X509-SVID", undefined]) {
    const parsed = read({ keys: [ROOT, { ...JWT, use }] });

    assert.deepEqual(parsed.verdict, { installs: true, refreshes: false });
    assert.deepEqual(warnings(parsed), ["bundle/unknown-use /keys/1"]);
    assert.equal(parsed.bundle?.jwtAuthorities.length, 0);
  }
});

Deno.test("parseBundle() holds an empty list of keys for a revocation of everything", () => {
  const parsed = read('{"keys": []}');

  assert.deepEqual(parsed.verdict, { installs: false, refreshes: true });
  assert.deepEqual(errors(parsed), ["bundle/empty /keys"]);
  assert.deepEqual(parsed.bundle?.x509Authorities, []);
});

Deno.test("parseBundle() does not install without a valid X.509 authority", async () => {
  const old = await root({ notAfter: new Date(NOW.getTime() - 1000) });
  const next = await root({ notBefore: new Date(NOW.getTime() + 1000) });

  assert.deepEqual(errors(read({ keys: [JWT] })), ["bundle/no-x509-authority /keys"]);
  for (const authority of [old, next]) {
    const parsed = read({ keys: [entry(authority)] });
    assert.deepEqual(parsed.verdict, { installs: false, refreshes: true });
    assert.deepEqual(errors(parsed), ["bundle/expired /keys"]);
  }
  assert.ok(read({ keys: [entry(old), ROOT] }).verdict.installs);
});

for (const [name, error, source] of REFUSED_DOCUMENTS) {
  Deno.test(`parseBundle() refuses ${name}`, () => {
    const parsed = read(source);

    assert.equal(errors(parsed)[0], error);
    assert.equal(parsed.bundle, undefined);
    assert.deepEqual(parsed.verdict, { installs: false, refreshes: false });
  });
}

Deno.test("parseBundle() refuses text that is not UTF-8", () => {
  const bytes = new Uint8Array([...new TextEncoder().encode('{"a": "'), 0xff, 0x22, 0x7d]);

  assert.deepEqual(errors(parseBundle(bytes, READING)), ["json/utf-8 "]);
});

for (const [name, error, key] of REFUSED_KEYS) {
  Deno.test(`parseBundle() refuses a bundle for one key ${name}`, () => {
    const parsed = read({ keys: [ROOT, key] });
    const [code, path = ""] = error.split(" ");

    assert.ok(errors(parsed).includes(`${code} /keys/1${path}`), errors(parsed).join());
    assert.equal(parsed.bundle, undefined);
    assert.deepEqual(parsed.verdict, { installs: false, refreshes: false });
  });
}

Deno.test("parseBundle() never shows the value of a private or symmetric key", () => {
  const secret = "c2VjcmV0LWNhbmFyeQ";
  for (const kty of ["RSA", "EC", "OKP", "oct", "other"]) {
    for (const member of ["d", "p", "q", "dp", "dq", "qi", "k", "oth"]) {
      const parsed = read({ keys: [{ ...JWT, kty, [member]: secret }] });

      assert.equal(parsed.bundle, undefined);
      assert.ok(!JSON.stringify(parsed).includes(secret));
    }
  }
});

Deno.test("parseBundle() refuses a certificate with bytes after it", () => {
  const padded = new Uint8Array([...Uint8Array.fromBase64(String(ROOT["x5c"])), 0]).toBase64();

  const parsed = read({ keys: [{ ...ROOT, x5c: [padded] }] });

  assert.deepEqual(errors(parsed), ["bundle/certificate /keys/0/x5c/0"]);
});

Deno.test("parseBundle() takes base64 as loosely as go-spiffe, with a warning, and prints it anew", () => {
  const lines = String(ROOT["x5c"]).replace(/.{64}/g, "$&\r\n");
  const loose = { keys: [{ ...ROOT, x5c: [lines] }, { ...JWT, e: "AQAB\n", n: JWT["n"] }] };

  const parsed = read(loose);

  assert.deepEqual(warnings(parsed), ["bundle/base64 /keys/0/x5c/0", "bundle/base64 /keys/1/e"]);
  assert.ok(parsed.verdict.installs && parsed.verdict.refreshes);
  assert.deepEqual(parsed.bundle, read({ keys: [ROOT, JWT] }).bundle);
  assert.deepEqual(
    warnings(
      read({ keys: [ROOT, { ...JWT, kty: "OKP", crv: "Ed25519", x: `${"A".repeat(42)}B` }] }),
    ),
    ["bundle/base64 /keys/1/x"],
  );
});

Deno.test("parseBundle() takes a URL for certificates, never to be fetched", () => {
  for (const x5u of ["https://a.example/x?y#z", "file:///etc/passwd", "urn:x", "/x"]) {
    assert.deepEqual(warnings(read({ keys: [{ ...ROOT, x5u }] })), ["bundle/x5u /keys/0/x5u"]);
  }
});

Deno.test("parseBundle() takes equal keys once and refuses two keys of one ID", () => {
  const parsed = read({ keys: [ROOT, ROOT, JWT, JWT] });
  assert.deepEqual(warnings(parsed), ["bundle/duplicate /keys/1", "bundle/duplicate /keys/3"]);
  assert.equal(parsed.bundle?.x509Authorities.length, 1);
  assert.equal(parsed.bundle?.jwtAuthorities.length, 1);

  const { x5c: _, ...other } = ROOT;
  const clash = { ...other, use: "jwt-svid", kid: JWT["kid"] };
  assert.deepEqual(errors(read({ keys: [ROOT, JWT, clash] })), ["bundle/duplicate /keys/2/kid"]);
});

Deno.test("parseBundle() reads the sequence as an exact uint64 and nothing else", () => {
  const sequence = (value: string): bigint | undefined =>
    read(`{"keys": [${text(ROOT)}], "spiffe_sequence": ${value}}`).bundle?.sequence;

  for (const good of ["0", "7", "9007199254740993", "18446744073709551615"]) {
    assert.equal(sequence(good), BigInt(good));
  }
  const bad = ["18446744073709551616", "-1", "-0", "1.0", "1e2", '"7"', "null", "true", "[7]"];
  for (const value of [...bad, "9".repeat(100_000)]) {
    const parsed = read(`{"keys": [${text(ROOT)}], "spiffe_sequence": ${value}}`);
    assert.deepEqual(errors(parsed), ["bundle/sequence /spiffe_sequence"]);
  }
});

Deno.test("parseBundle() reads the refresh hint as whole seconds that Go can hold", () => {
  const hint = (value: string): ReturnType<typeof read> =>
    read(`{"keys": [${text(ROOT)}], "spiffe_refresh_hint": ${value}}`);

  for (const good of [60, 300, 9_223_372_036]) {
    assert.equal(hint(String(good)).bundle?.refreshHint, good);
    assert.deepEqual(hint(String(good)).problems, []);
  }
  assert.deepEqual(warnings(hint("59")), ["bundle/refresh-hint /spiffe_refresh_hint"]);
  for (const bad of ["9223372037", "9223372036854775807", "-1", "300.0", "3e2", '"300"', "null"]) {
    assert.deepEqual(errors(hint(bad)), ["bundle/refresh-hint /spiffe_refresh_hint"]);
  }
});

Deno.test("parseBundle() is not fooled by members named after object properties", () => {
  const named = { ...JWT, kid: "__proto__" };
  const source = `{"__proto__": {"polluted": 1}, "constructor": 1, "toString": {"a": []},
    "keys": [${text(ROOT)}, ${text(named)}, ${text({ ...JWT, kid: "constructor" })}]}`;

  const { bundle } = read(source);

  assert.deepEqual(bundle?.jwtAuthorities.map(({ kid }) => kid), ["__proto__", "constructor"]);
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

Deno.test("parseBundle() bounds depth, keys and bytes", () => {
  const nested = (depth: number): string =>
    `{"a":${"[".repeat(depth)}${"]".repeat(depth)},"keys":[]}`;
  assert.deepEqual(errors(read(nested(511))), ["bundle/empty /keys"]);
  assert.match(errors(read(nested(512))).join(), /^json\/depth \/a/);

  const keys = (count: number): unknown => ({
    keys: [ROOT, ...Array.from({ length: count }, (_, at) => ({ ...JWT, kid: `${at}` }))],
  });
  assert.deepEqual(read(keys(49)).problems, []);
  assert.deepEqual(warnings(read(keys(50))), ["bundle/many-keys /keys"]);
  assert.ok(read(keys(999)).verdict.installs);
  assert.deepEqual(errors(read(keys(1000))), ["bundle/too-many-keys /keys"]);

  const padded = text({ keys: [ROOT] }).padEnd(MAX_BUNDLE_BYTES);
  assert.ok(read(padded).verdict.installs);
  assert.deepEqual(errors(read(`${padded} `)), ["bundle/too-large "]);
});

Deno.test("parseBundle() takes as long as the document is, whatever it holds", () => {
  const size = MAX_BUNDLE_BYTES - 100;
  const hostile = [
    "[".repeat(size),
    `[${"[],".repeat(size / 3)}[]]`,
    `{"keys":[],"a":"${"\\u0041".repeat(size / 6)}"}`,
    `{"spiffe_sequence":${"9".repeat(size - 30)}}`,
    text({ keys: [{ ...JWT, n: "B".repeat(size - 1000) }] }),
    text({ keys: [{ ...JWT, e: "B".repeat(size - 1000) }] }),
    `{${Array.from({ length: size / 16 }, (_, at) => `"${at}": 0`).join()}}`,
    " ".repeat(size),
    `{"keys":[],"a":[${`${"[".repeat(500)}${"]".repeat(500)},`.repeat(size / 1001 - 1)}0]}`,
    `{${Array.from({ length: size / 20 }, (_, at) => `"\u017f${at}": 0`).join()}}`,
    `{"keys":[${"null,".repeat(size / 5 - 20)}null]}`,
    text({ keys: [{ ...ROOT, x5c: ["\n".repeat(size / 2 - 1000)] }] }),
    text({ keys: [{ ...ROOT, x5u: `a:${"?".repeat(size - 2000)} ` }] }),
    `${"\n".repeat(size - 1)}x`,
  ];
  for (const source of hostile) {
    const start = performance.now();
    read(source);
    const elapsed = performance.now() - start;
    // What takes 0.1 s alone may take long on a busy machine; what is not linear takes minutes.
    assert.ok(elapsed < 5000, `${source.slice(0, 20)}: ${elapsed} ms`);
  }
});

Deno.test("bundleFromPem() makes a bundle of the roots of a ConfigMap", async () => {
  const [one, other] = [await root(), await root({ notAfter: new Date("2027-01-01T00:00:00Z") })];
  const pem = [one, other, one].map(({ der }) => derToPem(der)).join("# next\n");

  const { bundle, verdict } = bundleFromPem(new TextEncoder().encode(pem), READING);

  assert.equal(bundle?.x509Authorities.length, 2);
  assert.deepEqual([bundle?.sequence, bundle?.refreshHint], [undefined, undefined]);
  assert.deepEqual(verdict, { installs: true, refreshes: true });
});

Deno.test("bundleFromPem() bounds bytes and roots, and takes as long as the text is", () => {
  const block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const cases = [
    [" ".repeat(MAX_BUNDLE_BYTES + 1), "bundle/too-large "],
    [block.repeat(1001), "bundle/too-many-keys "],
    [block.repeat(MAX_BUNDLE_BYTES / block.length), "bundle/too-many-keys "],
    ["\n".repeat(MAX_BUNDLE_BYTES), "pem/empty "],
  ] as const;
  for (const [pem, error] of cases) {
    const start = performance.now();
    assert.deepEqual(errors(bundleFromPem(new TextEncoder().encode(pem), READING)), [error]);
    assert.ok(performance.now() - start < 5000, error);
  }
});

Deno.test("bundleFromPem() answers, not throws, for what is no list of roots", async () => {
  const svid = derToPem((await leaf(await root())).der);
  const cases = [
    ["", "pem/empty "],
    [svid, "bundle/not-a-ca /0"],
    [svid.replace("MII", "AAA"), "bundle/certificate /0"],
    ["-----BEGIN PRIVATE KEY-----\n", "pem/private-key "],
  ] as const;
  for (const [pem, error] of cases) {
    const parsed = bundleFromPem(new TextEncoder().encode(pem), READING);
    assert.deepEqual([parsed.bundle, errors(parsed)], [undefined, [error]]);
  }
});

Deno.test("parseBundle() keeps its answers to documents that once told readers apart", () => {
  const expected = {
    ed25519_with_33_octets: "bundle/key /keys/0/x",
    exponent_beyond_64_bits: "bundle/key /keys/0/e",
    kelvin_sign: "json/case-variant /\u212aeys",
    key_is_null: "bundle/key /keys/0",
    lone_surrogate_in_key_id: "json/surrogate /keys/0/kid",
    octets_of_another_key_type_not_base64url: "bundle/key /keys/0/n",
    plain_x5u_is_only_a_warning: undefined,
    policy_constraints_of_wrong_shape: "bundle/certificate /keys/0/x5c/0",
    sequence_negative_zero: "bundle/sequence /spiffe_sequence",
    x5c_with_line_break: undefined,
  };
  for (const [name, error] of Object.entries(expected)) {
    const parsed = parseBundle(testData(`corpus/${name}.bundle`), READING);
    assert.equal(errors(parsed)[0], error, name);
  }
});
