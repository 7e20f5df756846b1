/**
 * Documents that readers of bundles answer differently, or should refuse alike. The tests
 * judge them, and `deno task differential record` keeps what the real parts say of them.
 *
 * @module
 */
import { BUNDLES, document, type Key } from "./testing_bundles.ts";

const [ROOT = {}] = document("p256").keys;
const [RSA = {}, JWT = {}] = document("rsa_with_jwt").keys;
const text = JSON.stringify;

/** What lib/spiffe refuses as a whole: a name, `code path` of the first error, the document. */
export const REFUSED_DOCUMENTS:
  readonly (readonly [name: string, error: string, document: string])[] = [
    ["nothing", "json/syntax ", ""],
    ["HTML", "json/syntax ", "<html>503</html>"],
    ["an error of a server", "bundle/no-keys ", '{"error": "not found"}'],
    ["null", "bundle/no-keys ", "null"],
    ["a list", "bundle/no-keys ", "[]"],
    ["keys that are null", "bundle/no-keys /keys", '{"keys": null}'],
    ["keys that are an object", "bundle/no-keys /keys", '{"keys": {}}'],
    ["a byte-order mark", "json/byte-order-mark ", `\ufeff{"keys": [${text(ROOT)}]}`],
    ["data after the document", "json/trailing-data ", `{"keys": [${text(ROOT)}]} x`],
    ["a second document", "json/trailing-data ", `{"keys": [${text(ROOT)}]}{}`],
    ["keys twice", "json/duplicate-member /keys", `{"keys": [], "keys": [${text(ROOT)}]}`],
    ["keys in two cases", "json/case-variant /KEYS", `{"keys": [${text(ROOT)}], "KEYS": []}`],
    ["unknown members in two cases", "json/case-variant /a/B", '{"a": {"b": 1, "B": 2}}'],
    ["a Kelvin sign for k", "json/case-variant /\u212aeys", `{"keys": [], "\u212aeys": []}`],
    ["a long s for s", "json/case-variant /keyſ", `{"keys": [], "keyſ": []}`],
    ["keys in upper case only", "json/case-variant /KEYS", `{"KEYS": [${text(ROOT)}]}`],
    ["a use twice", "json/duplicate-member /keys/0/use", '{"keys": [{"use": "a", "use": "b"}]}'],
    ["a repeated unknown member", "json/duplicate-member /a/0/~1", '{"a": [{"/": 1, "/": 2}]}'],
    ["half a surrogate pair", "json/surrogate /keys/0/kid", '{"keys": [{"kid": "\\ud800"}]}'],
    ["a comma too many", "json/syntax /keys/1", `{"keys": [${text(ROOT)},]}`],
    ["a comment", "json/syntax ", '{/**/"keys": []}'],
    ["a line break in a string", "json/syntax /a", '{"a": "\n"}'],
    ["a number with a leading zero", "json/syntax /spiffe_sequence", '{"spiffe_sequence": 01}'],
  ];

/** What is refused for its second key: a name, `code path` in that key, the key. */
export const REFUSED_KEYS: readonly (readonly [name: string, error: string, key: unknown])[] = [
  ["that is no object", "bundle/key ", "x"],
  ["that is null", "bundle/key ", null],
  ["without a type", "bundle/unknown-key-type ", { ...ROOT, kty: undefined }],
  ["of unknown type", "bundle/unknown-key-type ", { ...ROOT, kty: "ML-DSA" }],
  ["of unknown type and use", "bundle/unknown-key-type ", { kty: "AKP", use: "other" }],
  ["on an unknown curve", "bundle/unknown-curve ", { ...ROOT, crv: "secp256k1" }],
  ["on another curve", "bundle/key ", { ...ROOT, crv: "P-384" }],
  ["that is symmetric", "bundle/symmetric-key /kty", { kty: "oct", use: "jwt-svid", kid: "a" }],
  ["with a private d", "bundle/private-member /d", { ...ROOT, d: "AQAB" }],
  ["with a private k", "bundle/private-member /k", { ...ROOT, k: "AQAB" }],
  ["with a private p, though ignored", "bundle/private-member /p", { ...RSA, use: "x", p: "AQAB" }],
  ["whose use is a number", "bundle/key /use", { ...ROOT, use: 1 }],
  ["whose key ID is a list", "bundle/key /kid", { ...JWT, kid: ["a"] }],
  ["with an empty modulus", "bundle/key /n", { ...JWT, n: "" }],
  ["with a modulus of zero", "bundle/key /n", { ...JWT, n: "AAAA" }],
  ["with the exponent one", "bundle/key /e", { ...JWT, e: "AQ" }],
  ["with an exponent above 64 bits", "bundle/key /e", { ...JWT, e: "AQAAAAAAAQAB" }],
  ["with padding", "bundle/key /e", { ...JWT, e: "AQA=" }],
  ["with one character too many", "bundle/key /e", { ...JWT, e: "AQABA" }],
  ["in base64 proper", "bundle/key /n", { ...JWT, n: "+/+/" }],
  ["without a coordinate", "bundle/key ", { ...ROOT, y: undefined }],
  ["off its curve", "bundle/key ", { ...ROOT, y: ROOT["x"] }],
  ["with a short Ed25519 value", "bundle/key /x", { kty: "OKP", crv: "Ed25519", x: "AQAB" }],
  ["for key agreement", "bundle/unknown-curve ", { kty: "OKP", crv: "X25519", x: "A".repeat(43) }],
  ["of another certificate", "bundle/key-mismatch ", { ...RSA, x5c: ROOT["x5c"] }],
  ["without x5c", "bundle/certificate ", { ...ROOT, x5c: undefined }],
  ["with no certificate", "bundle/certificate ", { ...ROOT, x5c: [] }],
  ["with two certificates", "bundle/certificate ", { ...ROOT, x5c: twice(ROOT["x5c"]) }],
  ["whose x5c is a string", "bundle/certificate /x5c", { ...ROOT, x5c: String(ROOT["x5c"]) }],
  ["whose certificate is null", "bundle/certificate /x5c/0", { ...ROOT, x5c: [null] }],
  ["with a certificate in base64url", "bundle/certificate /x5c/0", { ...ROOT, x5c: ["MII_"] }],
  ["with a space in x5c", "bundle/certificate /x5c/0", { ...ROOT, x5c: [`${ROOT["x5c"]} `] }],
  ["with x5c not padded", "bundle/certificate /x5c/0", { ...ROOT, x5c: [`${ROOT["x5c"]}A`] }],
  ["with the wrong thumbprint", "bundle/thumbprint /x5t#S256", {
    ...ROOT,
    "x5t#S256": "A".repeat(43),
  }],
  ["with a URL that is none", "bundle/x5u /x5u", { ...ROOT, x5u: "http://[" }],
  ["without a key ID", "bundle/key-id ", { ...JWT, kid: undefined }],
  ["with an empty key ID", "bundle/key-id ", { ...JWT, kid: "" }],
  ["with a member in another case", "json/case-variant /Kid", { kty: "RSA", Kid: "a" }],
];

function twice(list: unknown): unknown {
  return Array.isArray(list) ? [...list, ...list] : list;
}

/** What lib/spiffe takes, with a warning or without. */
export const TAKEN: readonly (readonly [name: string, document: string])[] = [
  ["an empty list", '{"keys": []}'],
  ["an empty list and numbers", '{"keys": [], "spiffe_sequence": 9, "spiffe_refresh_hint": 300}'],
  ["a root", bundle(ROOT)],
  ["a root twice", bundle(ROOT, ROOT)],
  ["white space around it", ` \t\r\n${bundle(ROOT)} \t\r\n`],
  ["unknown members", `{"keys": [${text({ ...ROOT, x: ROOT["x"], a: {} })}], "b": [null]}`],
  ["members of objects", `{"__proto__": 1, "keys": [${text(ROOT)}], "constructor": {}}`],
  ["an escaped name", `{"\\u006beys": [${text(ROOT)}]}`],
  ["JWT keys only", bundle(JWT)],
  ["a key ID named as a member of objects", bundle(ROOT, { ...JWT, kid: "__proto__" })],
  ["a key ID of a root", bundle({ ...ROOT, kid: "a" })],
  ["a certificate of a JWT key", bundle(ROOT, { ...RSA, use: "jwt-svid", kid: "a" })],
  ["a key of unknown use", bundle(ROOT, { ...JWT, use: "wit-svid" })],
  ["a key of empty use", bundle(ROOT, { ...JWT, use: "" })],
  ["a key of no use", bundle(ROOT, { ...JWT, use: undefined })],
  ["a key whose use is null", bundle(ROOT, { ...JWT, use: null })],
  ["keys of unknown use only", bundle({ ...JWT, use: "sig" })],
  ["x5c that is null, in a JWT key", bundle(ROOT, { ...JWT, x5c: null })],
  [
    "line breaks in x5c",
    bundle({ ...ROOT, x5c: [String(ROOT["x5c"]).replace(/.{64}/g, "$&\r\n")] }),
  ],
  ["line breaks and stray bits in numbers", bundle(ROOT, { ...JWT, e: "AQ\nAB\n" })],
  ["an exponent with leading zeros", bundle(ROOT, { ...JWT, e: "AAEAAQ" })],
  ["a URL never fetched", bundle({ ...ROOT, x5u: "http://169.254.169.254/latest" })],
  ["the largest sequence", `{"keys": [${text(ROOT)}], "spiffe_sequence": 18446744073709551615}`],
  ["a sequence beyond 2^53", `{"keys": [${text(ROOT)}], "spiffe_sequence": 9007199254740993}`],
  ["a sequence of zero", `{"keys": [${text(ROOT)}], "spiffe_sequence": 0}`],
  ["the largest hint", `{"keys": [${text(ROOT)}], "spiffe_refresh_hint": 9223372036}`],
  ["a hint of zero", `{"keys": [${text(ROOT)}], "spiffe_refresh_hint": 0}`],
];

/** All of them under their names, the committed bundles too. */
export function allDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ...BUNDLES.map((name) => [`committed: ${name}`, text(document(name))] as const),
    ...TAKEN.map(([name, source]) => [`taken: ${name}`, source] as const),
    ...REFUSED_DOCUMENTS.map(([name, , source]) => [`refused: ${name}`, source] as const),
    ...REFUSED_KEYS.map(([name, , key]) =>
      [`refused: a key ${name}`, text({ keys: [ROOT, key] })] as const
    ),
  ]);
}

function bundle(...keys: readonly Key[]): string {
  return text({ keys });
}
