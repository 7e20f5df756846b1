import assert from "node:assert/strict";
import {
  bundleOf,
  EAST,
  extension,
  intermediate,
  KEYS,
  leaf,
  type Minted,
  type Minting,
  NOW,
  root,
  USAGE,
} from "./testing_certificates.ts";
import type { SvidExpectations, SvidVerdict } from "./model.ts";
import { parseSpiffeId } from "./spiffe_id.ts";
import { parseTrustDomain } from "./trust_domain.ts";
import { verifySvid } from "./verify_svid.ts";

const ID = "spiffe://east.example/spire/server";
const SERVER = "1.3.6.1.5.5.7.3.1";
const CLIENT = "1.3.6.1.5.5.7.3.2";
const BOTH_AND_MORE = [SERVER, CLIENT, "1.3.6.1.5.5.7.3.4"];
const NAME_CONSTRAINTS = extension("2.5.29.30", "300ea00c300a8608652e6578616d706c");
const UNKNOWN = extension("1.2.3.4", "0500");

const ROOT = await root({ uris: ["spiffe://east.example"] });
const BUNDLE = bundleOf(ROOT);

function judge(
  chain: readonly Minted[],
  { bundle = BUNDLE, ...expectations }: Partial<SvidExpectations> = {},
): SvidVerdict {
  return verifySvid(chain.map(({ der }) => der), {
    bundle,
    trustDomain: EAST,
    now: NOW,
    ...expectations,
  });
}

function codes({ problems }: SvidVerdict, severity = "error"): readonly string[] {
  return problems.filter((problem) => problem.severity === severity).map(({ code }) => code);
}

Deno.test("verifySvid() accepts an SVID that a root of the bundle issued", async () => {
  const verdict = judge([await leaf(ROOT)], { expectedId: parseSpiffeId(ID) });

  assert.deepEqual(verdict, { id: ID, problems: [] });
});

Deno.test("verifySvid() accepts every algorithm that SPIRE and Go sign with", async (t) => {
  for (const key of ["p256", "p384", "p521", "rsa", "pss", "ed25519"] as const) {
    await t.step(KEYS[key].name + key, async () => {
      const authority = await root({ key });

      assert.deepEqual(codes(judge([await leaf(authority)], { bundle: bundleOf(authority) })), []);
    });
  }
});

const LEAVES: readonly (readonly [name: string, code: string, minting: Minting])[] = [
  ["no URI", "svid/uri", { uris: [] }],
  ["two URIs", "svid/uri", { uris: [ID, "https://east.example/"] }],
  ["a URI that is no SPIFFE ID", "svid/id", { uris: ["https://east.example/spire/server"] }],
  ["an ID in upper case", "svid/id", { uris: ["spiffe://EAST.example/spire/server"] }],
  ["the ID of a trust domain", "svid/id-without-path", { uris: ["spiffe://east.example"] }],
  ["another trust domain", "svid/other-trust-domain", { uris: ["spiffe://west.example/a"] }],
  ["the flag of a CA", "svid/leaf-is-ca", { isCa: true }],
  ["no key usage", "svid/key-usage", { usage: null }],
  ["no digitalSignature", "svid/key-usage", { usage: USAGE.keyEncipherment }],
  ["keyCertSign", "svid/key-usage", { usage: USAGE.digitalSignature | USAGE.keyCertSign }],
  ["cRLSign", "svid/key-usage", { usage: USAGE.digitalSignature | USAGE.cRLSign }],
  ["another purpose", "svid/extended-key-usage", { purposes: ["1.3.6.1.5.5.7.3.4"] }],
  ["only the server's purpose", "svid/extended-key-usage", { purposes: [SERVER] }],
  ["only the client's purpose", "svid/extended-key-usage", { purposes: [CLIENT] }],
  ["an end before now", "svid/expired", { notAfter: new Date(NOW.getTime() - 1000) }],
  ["a start after now", "svid/not-yet-valid", { notBefore: new Date(NOW.getTime() + 1000) }],
  ["an unknown critical extension", "svid/critical-extension", { extensions: [UNKNOWN] }],
  ["name constraints", "svid/name-constraints", { extensions: [NAME_CONSTRAINTS] }],
  ["a short RSA key", "svid/algorithm", { key: "shortRsa" }],
];

for (const [name, code, minting] of LEAVES) {
  Deno.test(`verifySvid() refuses a leaf with ${name}`, async () => {
    const verdict = judge([await leaf(ROOT, minting)]);

    assert.deepEqual(codes(verdict), [code]);
  });
}

Deno.test("verifySvid() accepts what X509-SVID leaves open in a leaf", async () => {
  const mintings: readonly Minting[] = [
    { purposes: null },
    { purposes: BOTH_AND_MORE },
    { purposes: ["2.5.29.37.0"] },
    { extensions: [extension("1.2.3.4", "0500", false)] },
    { notBefore: NOW },
    { notAfter: NOW },
  ];
  for (const minting of mintings) assert.deepEqual(codes(judge([await leaf(ROOT, minting)])), []);

  const verdict = judge([await leaf(ROOT, { usageIsCritical: false })]);
  assert.deepEqual([codes(verdict), codes(verdict, "warning")], [[], ["svid/key-usage"]]);
});

Deno.test("verifySvid() refuses the right SVID of somebody else", async () => {
  const verdict = judge([await leaf(ROOT)], {
    expectedId: parseSpiffeId("spiffe://east.example/spire/agent"),
  });

  assert.deepEqual(codes(verdict), ["svid/other-id"]);
});

Deno.test("verifySvid() refuses a root of the same name and another key", async () => {
  const impostor = await root({ uris: ["spiffe://east.example"] });

  assert.deepEqual(codes(judge([await leaf(impostor)])), ["svid/signature"]);
});

Deno.test("verifySvid() refuses an authority that is not in the bundle", async () => {
  const stranger = await root({ subject: "CN=stranger" });

  assert.deepEqual(codes(judge([await leaf(stranger), stranger])), ["svid/untrusted"]);
});

Deno.test("verifySvid() refuses the bundle of another trust domain", async () => {
  const verdict = judge([await leaf(ROOT)], { trustDomain: parseTrustDomain("west.example") });

  assert.deepEqual(codes(verdict), ["svid/other-bundle", "svid/other-trust-domain"]);
});

Deno.test("verifySvid() refuses IDs for which Go does not read the certificate", async () => {
  for (const name of ["a..b", ".a", "a."]) {
    const trustDomain = parseTrustDomain(name);
    const svid = await leaf(ROOT, { uris: [`spiffe://${name}/x`] });

    const verdict = judge([svid], { trustDomain, bundle: { ...BUNDLE, trustDomain } });

    assert.deepEqual(codes(verdict), ["svid/uri"]);
  }
});

Deno.test("verifySvid() refuses every SVID under a bundle without authorities", async () => {
  const verdict = judge([await leaf(ROOT)], { bundle: { ...BUNDLE, x509Authorities: [] } });

  assert.deepEqual(codes(verdict), ["svid/untrusted"]);
});

const CAS: readonly (readonly [name: string, code: string, minting: Minting])[] = [
  ["is no CA", "svid/issuer-not-ca", { isCa: false }],
  ["may not sign certificates", "svid/issuer-key-usage", { usage: USAGE.cRLSign }],
  ["has expired", "svid/expired", { notAfter: new Date(NOW.getTime() - 1000) }],
  ["is not valid yet", "svid/not-yet-valid", { notBefore: new Date(NOW.getTime() + 1000) }],
  ["has name constraints", "svid/name-constraints", { extensions: [NAME_CONSTRAINTS] }],
  ["has an unknown critical extension", "svid/critical-extension", { extensions: [UNKNOWN] }],
  ["has a SPIFFE ID with a path", "svid/issuer-id", { uris: [ID] }],
  ["has a URI that is none", "svid/uri", { uris: ["https://a..b/"] }],
  ["has a short RSA key", "svid/algorithm", { key: "shortRsa" }],
];

for (const [name, code, minting] of CAS) {
  Deno.test(`verifySvid() refuses an intermediate that ${name}`, async () => {
    const middle = await intermediate(ROOT, minting);

    assert.deepEqual(codes(judge([await leaf(middle), middle])), [code]);
  });
}

Deno.test("verifySvid() refuses signatures over SHA-1", async () => {
  const authority = await root({ key: "sha1" });

  const verdict = judge([await leaf(authority)], { bundle: bundleOf(authority) });

  assert.ok(codes(verdict).includes("svid/algorithm"));
});

Deno.test("verifySvid() refuses an authority of the bundle out of its time", async () => {
  const old = await root({ notAfter: new Date(NOW.getTime() - 1000) });

  assert.deepEqual(codes(judge([await leaf(old)], { bundle: bundleOf(old) })), ["svid/expired"]);
});

Deno.test("verifySvid() counts the CAs below a path length", async () => {
  const limited = await root({ pathLength: 1 });
  const bundle = bundleOf(limited);
  const first = await intermediate(limited, { subject: "CN=first" });
  const second = await intermediate(first, { subject: "CN=second" });

  assert.deepEqual(codes(judge([await leaf(first), first], { bundle })), []);
  const verdict = judge([await leaf(second), second, first], { bundle });
  assert.deepEqual(codes(verdict), ["svid/path-length"]);

  const none = await root({ pathLength: 0, subject: "CN=none" });
  const again = await intermediate(none, { subject: "CN=none" });
  const selfIssued = judge([await leaf(again), again], { bundle: bundleOf(none) });
  assert.ok(codes(selfIssued).includes("svid/path-length"));
});

Deno.test("verifySvid() finds its way through intermediates in any order", async () => {
  const first = await intermediate(ROOT, { subject: "CN=first" });
  const second = await intermediate(first, { subject: "CN=second" });
  const stranger = await root({ subject: "CN=stranger" });

  const verdict = judge([await leaf(second), first, stranger, second, ROOT]);

  assert.deepEqual(codes(verdict), []);
  assert.deepEqual(verdict.problems.map(({ code, path }) => [code, path]), [
    ["svid/extra-certificate", "/2"],
  ]);
});

Deno.test("verifySvid() ends where an authority is, also an intermediate one", async () => {
  const middle = await intermediate(ROOT);

  assert.deepEqual(codes(judge([await leaf(middle)], { bundle: bundleOf(middle) })), []);
  assert.deepEqual(codes(judge([await leaf(middle), middle], { bundle: bundleOf(middle) })), []);
});

Deno.test("verifySvid() says that an intermediate is of another trust domain", async () => {
  const middle = await intermediate(ROOT, { uris: ["spiffe://west.example"] });

  const verdict = judge([await leaf(middle), middle]);

  assert.deepEqual([codes(verdict), codes(verdict, "warning")], [[], ["svid/issuer-trust-domain"]]);
});

Deno.test("verifySvid() refuses a signature with any bit changed", async () => {
  const { der } = await leaf(ROOT);
  for (let bit = 0; bit < 64 * 8; bit += 7) {
    const forged = der.slice();
    const at = forged.length - 1 - (bit >> 3);
    forged[at] = (forged[at] ?? 0) ^ (1 << (bit & 7));

    const { problems } = verifySvid([forged], { bundle: BUNDLE, trustDomain: EAST, now: NOW });

    assert.ok(problems.some(({ severity }) => severity === "error"), `bit ${bit}`);
  }
});

Deno.test("verifySvid() refuses a leaf with any single byte changed", async () => {
  const { der } = await leaf(ROOT);
  for (let at = 0; at < der.length; at++) {
    const forged = der.slice();
    forged[at] = (forged[at] ?? 0) ^ 0x01;

    const { problems } = verifySvid([forged], { bundle: BUNDLE, trustDomain: EAST, now: NOW });

    assert.ok(problems.some(({ severity }) => severity === "error"), `byte ${at}`);
  }
});

Deno.test("verifySvid() refuses trailing bytes, no chain, nonsense and endless chains", async () => {
  const good = (await leaf(ROOT)).der;
  const verify = (...chain: readonly Uint8Array[]): readonly string[] =>
    codes(verifySvid(chain, { bundle: BUNDLE, trustDomain: EAST, now: NOW }));

  assert.deepEqual(verify(), ["svid/no-certificate"]);
  assert.deepEqual(verify(new Uint8Array([...good, 0])), ["svid/malformed"]);
  assert.deepEqual(verify(good, new Uint8Array([0x30, 0x80])), ["svid/malformed"]);
  assert.deepEqual(verify(...Array.from({ length: 11 }, () => good)), ["svid/too-long"]);
});

Deno.test("verifySvid() refuses certificates that contradict or repeat themselves", async () => {
  const harmless = extension("1.2.3.4", "0500", false);
  const hex = (await leaf(ROOT)).der.toHex();
  const at = hex.lastIndexOf("2a8648ce3d040302");
  const forged = Uint8Array.fromHex(`${hex.slice(0, at)}2a8648ce3d040303${hex.slice(at + 16)}`);

  const repeated = judge([await leaf(ROOT, { extensions: [harmless, harmless] })]);
  const contradicted = verifySvid([forged], { bundle: BUNDLE, trustDomain: EAST, now: NOW });

  assert.match(repeated.problems[0]?.message ?? "", /has the extension 1\.2\.3\.4 twice/);
  assert.match(contradicted.problems[0]?.message ?? "", /two different signature algorithms/);
});

Deno.test("verifySvid() ends soon when intermediates all vouch for each other", async () => {
  const first = await root({ subject: "CN=ring" });
  const ring = [first];
  for (let n = 1; n < 9; n++) {
    const notAfter = new Date(NOW.getTime() + n * 1000);
    ring.push(await root({ subject: "CN=ring", keys: first.keys, notAfter }));
  }

  // There are 9! ways through them, and none ends in the bundle.
  assert.deepEqual(codes(judge([await leaf(first), ...ring])), ["svid/untrusted"]);
  assert.deepEqual(codes(judge([await leaf(first), ...ring], { bundle: bundleOf(first) })), []);
});

Deno.test("verifySvid() does not mind how an authority of the bundle is signed itself", async () => {
  const hex = ROOT.der.toHex();
  const odd = hex.replaceAll("2a8648ce3d040302", "2a8648ce3d040309");
  const anchor = { ...ROOT, der: Uint8Array.fromHex(odd) };
  const middle = await intermediate(ROOT);
  const unknown = middle.der.toHex().replaceAll("2a8648ce3d040302", "2a8648ce3d040309");

  assert.notEqual(odd, hex);
  assert.deepEqual(codes(judge([await leaf(ROOT)], { bundle: bundleOf(anchor) })), []);
  assert.deepEqual(
    codes(judge([await leaf(middle), { ...middle, der: Uint8Array.fromHex(unknown) }])),
    ["svid/algorithm"],
  );
});

Deno.test("verifySvid() refuses a signature that is written in another way", async () => {
  const { der } = await leaf(ROOT);
  const at = der.lastIndexOf(0x30, der.length - 60);
  const [length = 0] = der.subarray(at + 1);
  const numbers = der.subarray(at + 2);
  const first = numbers.subarray(0, 2 + (numbers[1] ?? 0));
  const second = numbers.subarray(first.length);
  const padded = [0x02, (first[1] ?? 0) + 1, 0x00, ...first.subarray(2), ...second];
  const bits = [0x03, padded.length + 3, 0x00, 0x30, padded.length, ...padded];
  const body = [...der.subarray(4, at - 3), ...bits];
  const forged = Uint8Array.from([0x30, 0x82, body.length >> 8, body.length & 0xff, ...body]);

  assert.equal(at + 2 + length, der.length);
  const { problems } = verifySvid([forged], { bundle: BUNDLE, trustDomain: EAST, now: NOW });
  assert.deepEqual(problems.map(({ code }) => code), ["svid/signature"]);
});
