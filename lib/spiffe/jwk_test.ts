import assert from "node:assert/strict";
import { document, errors, type Key, read } from "./testing_bundles.ts";

const [ROOT = {}] = document("p256").keys;
const { x5c: _x5c, ...BARE } = ROOT;
const [, JWT = {}] = document("rsa_with_jwt").keys;
const ED25519 = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43), use: "jwt-svid", kid: "a" };

/** What is wrong with a key that stands second in a bundle. */
function wrongWith(key: Key): readonly string[] {
  return errors(read({ keys: [ROOT, key] }));
}

Deno.test("a key that lacks a number is refused for it, and for nothing that follows", () => {
  const { n: _n, ...withoutModulus } = JWT;
  const { e: _e, ...withoutExponent } = JWT;
  const { y: _y, ...withoutY } = BARE;
  const { x: _x, ...withoutX } = ED25519;

  for (const key of [withoutModulus, withoutExponent, withoutY, withoutX]) {
    assert.deepEqual(wrongWith(key), ["bundle/key /keys/1"], JSON.stringify(key));
  }
  assert.deepEqual(wrongWith(ED25519), []);
});

Deno.test("a key with a member that is wrong is judged no further", () => {
  assert.deepEqual(wrongWith({ ...ROOT, kid: 7, crv: "P-384" }), ["bundle/key /keys/1/kid"]);
  assert.deepEqual(wrongWith({ ...ROOT, d: "AQAB", x: "!" }), [
    "bundle/private-member /keys/1/d",
    "bundle/key /keys/1/x",
  ]);
});

Deno.test("a thumbprint is a digest in base64url, of the octets or of their digits", () => {
  const digits = "0123456789abcdef0123456789abcdef01234567";
  const base64Url = { alphabet: "base64url", omitPadding: true } as const;
  const ofOctets = Uint8Array.fromHex(digits).toBase64(base64Url);
  const ofDigits = new TextEncoder().encode(digits).toBase64(base64Url);
  const spoilt = new TextEncoder().encode(`g${digits.slice(1)}`).toBase64(base64Url);
  const short = Uint8Array.fromHex(digits.slice(2)).toBase64(base64Url);

  for (const x5t of [ofOctets, ofDigits, ""]) assert.deepEqual(wrongWith({ ...JWT, x5t }), []);
  for (const x5t of ["!", spoilt, short, `${ofOctets}AAAA`]) {
    assert.deepEqual(wrongWith({ ...JWT, x5t }), ["bundle/thumbprint /keys/1/x5t"], x5t);
  }
});
