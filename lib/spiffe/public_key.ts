/**
 * Public keys of certificates, as the public members of a JWK (RFC 7518).
 *
 * @module
 */
import { encodeBase64Url } from "./base64.ts";
import {
  bitString,
  DerError,
  DerReader,
  objectIdentifier,
  openDer,
  positiveBytes,
  TAG,
} from "./der.ts";
import { CURVES, isOnCurve } from "./curve.ts";

/** The public members of a JWK; their values are canonical base64url. */
export type PublicJwk = Readonly<Record<string, string>>;

const WHAT = "The certificate's public key";

/**
 * Reads a SubjectPublicKeyInfo. Only the kinds of key that a SPIFFE bundle can
 * carry as a JWK are known: RSA, the NIST curves P-256, P-384 and P-521, Ed25519.
 */
export function publicKeyJwk(spki: Uint8Array): PublicJwk {
  const outer = openDer(spki, TAG.sequence, WHAT);
  const algorithm = outer.open(TAG.sequence);
  const type = objectIdentifier(algorithm.next(TAG.objectIdentifier), WHAT);
  const { bytes, unused } = bitString(outer.next(TAG.bitString), WHAT);
  outer.end();
  if (unused !== 0) throw new DerError(`${WHAT} is not a whole number of octets`);
  switch (type) {
    case "1.2.840.113549.1.1.1":
      return rsaJwk(algorithm, bytes);
    case "1.2.840.10045.2.1":
      return ellipticJwk(algorithm, bytes);
    case "1.3.101.112":
      return edwardsJwk(algorithm, bytes);
    default:
      throw new DerError(`${WHAT} is of a kind (${type}) that no SPIFFE bundle can carry`);
  }
}

function rsaJwk(algorithm: DerReader, bytes: Uint8Array): PublicJwk {
  if (algorithm.next(TAG.null).body.length > 0) throw new DerError(`${WHAT} has odd parameters`);
  algorithm.end();
  const key = openDer(bytes, TAG.sequence, WHAT);
  const modulus = positiveBytes(key.next(TAG.integer), WHAT);
  const exponent = positiveBytes(key.next(TAG.integer), WHAT);
  key.end();
  if (modulus.length === 0) throw new DerError(`${WHAT} has an empty modulus`);
  if (!isRsaExponent(exponent)) throw new DerError(`${WHAT} has an unusable exponent`);
  return { kty: "RSA", n: encodeBase64Url(modulus), e: encodeBase64Url(exponent) };
}

/** Whether an RSA public exponent can be used: odd, from 3 to 2^31-1 (as in Go's crypto/rsa). */
export function isRsaExponent(exponent: Uint8Array): boolean {
  const value = exponent.reduce((sum, octet) => sum * 256 + octet, 0);
  return value >= 3 && value < 2 ** 31 && value % 2 === 1;
}

function ellipticJwk(algorithm: DerReader, bytes: Uint8Array): PublicJwk {
  const identifier = objectIdentifier(algorithm.next(TAG.objectIdentifier), WHAT);
  algorithm.end();
  const curve = [...CURVES.values()].find((known) => known.identifier === identifier);
  if (curve === undefined) {
    throw new DerError(`${WHAT} is on a curve (${identifier}) that no SPIFFE bundle can carry`);
  }
  const x = bytes.subarray(1, 1 + curve.size);
  const y = bytes.subarray(1 + curve.size);
  const isPoint = bytes[0] === 4 && bytes.length === 1 + 2 * curve.size &&
    isOnCurve(curve, { x, y });
  if (!isPoint) throw new DerError(`${WHAT} is not a point on ${curve.name}`);
  return { kty: "EC", crv: curve.name, x: encodeBase64Url(x), y: encodeBase64Url(y) };
}

function edwardsJwk(algorithm: DerReader, bytes: Uint8Array): PublicJwk {
  algorithm.end();
  if (bytes.length !== 32) throw new DerError(`${WHAT} has the wrong length for Ed25519`);
  return { kty: "OKP", crv: "Ed25519", x: encodeBase64Url(bytes) };
}
