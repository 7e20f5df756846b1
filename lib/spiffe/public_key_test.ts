import assert from "node:assert/strict";
import { CURVES, isOnCurve } from "./curve.ts";
import { DerError, TAG } from "./der.ts";
import { isRsaExponent, publicKeyJwk } from "./public_key.ts";
import { der, type DerPart, sequence } from "./testing_der.ts";

const RSA = der(TAG.objectIdentifier, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
const ELLIPTIC = der(TAG.objectIdentifier, [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]);
const P256 = der(TAG.objectIdentifier, [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
const ED25519 = der(TAG.objectIdentifier, [0x2b, 0x65, 0x70]);
const NULL = der(TAG.null);

const integer = (...octets: readonly number[]): Uint8Array => der(TAG.integer, octets);
const key = (algorithm: readonly DerPart[], ...bits: readonly DerPart[]): Uint8Array =>
  sequence(sequence(...algorithm), der(TAG.bitString, [0], ...bits));

Deno.test("publicKeyJwk() reads RSA and Ed25519 keys", () => {
  assert.deepEqual(publicKeyJwk(key([RSA, NULL], sequence(integer(0, 0xc1), integer(1, 0, 1)))), {
    kty: "RSA",
    n: "wQ",
    e: "AQAB",
  });
  assert.deepEqual(publicKeyJwk(key([ED25519], new Uint8Array(32))), {
    kty: "OKP",
    crv: "Ed25519",
    x: "A".repeat(43),
  });
});

const REFUSED: readonly (readonly [what: string, key: Uint8Array, says: RegExp])[] = [
  [
    "a key that is no whole number of octets",
    sequence(sequence(ED25519), der(TAG.bitString, [1], new Uint8Array(32))),
    /not a whole number of octets/,
  ],
  ["a kind of key that no bundle holds", key([der(6, [0x2b, 0x65, 0x71]), NULL]), /of a kind/],
  [
    "RSA with odd parameters",
    key([RSA, der(TAG.null, [0])], sequence(integer(5), integer(3))),
    /odd parameters/,
  ],
  ["RSA with no modulus", key([RSA, NULL], sequence(integer(0), integer(3))), /empty modulus/],
  ["RSA with the exponent one", key([RSA, NULL], sequence(integer(5), integer(1))), /exponent/],
  ["an unknown curve", key([ELLIPTIC, ED25519], [4]), /on a curve/],
  ["a point that is not on its curve", key([ELLIPTIC, P256], [4], new Uint8Array(64)), /no|point/],
  ["a compressed point", key([ELLIPTIC, P256], [2], new Uint8Array(32)), /not a point on P-256/],
  ["an Ed25519 key of 31 octets", key([ED25519], new Uint8Array(31)), /wrong length/],
];

for (const [what, spki, says] of REFUSED) {
  Deno.test(`publicKeyJwk() refuses ${what}`, () => {
    assert.throws(() => publicKeyJwk(spki), (error: Error) => {
      assert.ok(error instanceof DerError);
      assert.match(error.message, says);
      return true;
    });
  });
}

Deno.test("isRsaExponent() takes odd numbers from 3 to 2^31-1", () => {
  const usable = (...octets: readonly number[]): boolean => isRsaExponent(new Uint8Array(octets));

  assert.ok(usable(3) && usable(1, 0, 1) && usable(0x7f, 0xff, 0xff, 0xff));
  assert.ok(!usable() && !usable(1) && !usable(2) && !usable(4) && !usable(0x80, 0, 0, 1));
});

Deno.test("a coordinate beyond the prime is no coordinate, even of a point on the curve", () => {
  const curve = CURVES.get("P-521");
  assert.ok(curve);
  const { prime, b } = curve;
  const found = [0n, 1n, 2n, 3n, 4n, 5n].map((x) => {
    const square = (x * x * x - 3n * x + b + 3n * prime) % prime;
    return { x, y: power(square, (prime + 1n) / 4n, prime) };
  }).filter((point) => isOnCurve(curve, octetsOf(point)));

  assert.ok(found.length > 0);
  for (const { x, y } of found) {
    assert.ok(!isOnCurve(curve, octetsOf({ x: x + prime, y })), `x ${x}`);
    assert.ok(!isOnCurve(curve, octetsOf({ x, y: y + prime })), `y at ${x}`);
  }
  assert.equal(found[0]?.x, 0n, "one of them has the prime itself for an x");
});

interface Point<Coordinate> {
  readonly x: Coordinate;
  readonly y: Coordinate;
}

function octetsOf({ x, y }: Point<bigint>): Point<Uint8Array> {
  const octets = (value: bigint): Uint8Array =>
    Uint8Array.fromHex(value.toString(16).padStart(2 * 66, "0"));
  return { x: octets(x), y: octets(y) };
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = result * square % modulus;
    square = square * square % modulus;
  }
  return result;
}
