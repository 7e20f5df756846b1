/**
 * The NIST curves (FIPS 186-5; SEC 2), as far as is needed to tell whether a
 * public key is a point on its curve.
 *
 * @module
 */

/** A short Weierstrass curve y² = x³ - 3x + b over a prime field. */
export interface Curve {
  /** As in a JWK's `crv` (RFC 7518, section 6.2.1.1). */
  readonly name: string;
  /** Its object identifier in certificates (RFC 5480). */
  readonly identifier: string;
  /** Octets of a coordinate. */
  readonly size: number;
  readonly prime: bigint;
  readonly b: bigint;
}

/** The curves that go-spiffe reads, by name. */
export const CURVES: ReadonlyMap<string, Curve> = new Map(
  [
    {
      name: "P-256",
      identifier: "1.2.840.10045.3.1.7",
      size: 32,
      prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    },
    {
      name: "P-384",
      identifier: "1.3.132.0.34",
      size: 48,
      prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      b: BigInt(
        "0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
      ),
    },
    {
      name: "P-521",
      identifier: "1.3.132.0.35",
      size: 66,
      prime: 2n ** 521n - 1n,
      b: BigInt(
        "0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
      ),
    },
  ].map((curve) => [curve.name, curve]),
);

/** Whether two coordinates of the curve's size are a point on it. */
export function isOnCurve(
  { prime, b }: Curve,
  point: { readonly x: Uint8Array; readonly y: Uint8Array },
): boolean {
  const x = BigInt(`0x0${point.x.toHex()}`);
  const y = BigInt(`0x0${point.y.toHex()}`);
  if (x >= prime || y >= prime) return false;
  return (y * y - x * x * x + 3n * x - b) % prime === 0n;
}
