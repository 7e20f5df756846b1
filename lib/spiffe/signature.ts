/**
 * Whether one certificate signed another.
 *
 * @module
 */
import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { CertificateFacts } from "./certificate.ts";
import { DerError, objectIdentifier, openDer, positiveBytes, TAG } from "./der.ts";

/** How a signature is made. */
interface Scheme {
  readonly keyType: "RSA" | "EC" | "OKP";
  readonly hash: string | null;
  readonly isPss?: boolean;
}

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ["1.2.840.113549.1.1.11", { keyType: "RSA", hash: "sha256" }],
  ["1.2.840.113549.1.1.12", { keyType: "RSA", hash: "sha384" }],
  ["1.2.840.113549.1.1.13", { keyType: "RSA", hash: "sha512" }],
  ["1.2.840.10045.4.3.2", { keyType: "EC", hash: "sha256" }],
  ["1.2.840.10045.4.3.3", { keyType: "EC", hash: "sha384" }],
  ["1.2.840.10045.4.3.4", { keyType: "EC", hash: "sha512" }],
  ["1.3.101.112", { keyType: "OKP", hash: null }],
]);

/**
 * The three RSASSA-PSS parameter sets that Go reads (RFC 4055), by their hex DER:
 * hash and mask of one kind, a salt as long as the hash, NULL given or left out.
 */
const PSS_PARAMETERS: ReadonlyMap<string, string> = new Map(
  ([["01", "20", "sha256"], ["02", "30", "sha384"], ["03", "40", "sha512"]] as const).flatMap((
    [hash, salt, name],
  ) => {
    const withNull = `300d06096086480165030402${hash}0500`;
    const without = `300b06096086480165030402${hash}`;
    const mask = "06092a864886f70d010108";
    return [
      [`3034a00f${withNull}a11c301a${mask}${withNull}a2030201${salt}`, name],
      [`3030a00d${without}a11a3018${mask}${without}a2030201${salt}`, name],
    ] as const;
  }),
);

const SMALLEST_RSA_BITS = 2048;

/** Says why a certificate's signature proves nothing; `undefined` when it may. */
export function signatureComplaint(certificate: CertificateFacts): string | undefined {
  return schemeOf(certificate) === undefined
    ? "is signed with an algorithm that is too weak or unknown"
    : undefined;
}

/** Says why a certificate's key is not to be relied on; `undefined` when it is. */
export function keyComplaint({ jwk }: Pick<CertificateFacts, "jwk">): string | undefined {
  const modulus = jwk["n"];
  if (modulus === undefined) return undefined;
  const bits = BigInt(`0x${Uint8Array.fromBase64(modulus, { alphabet: "base64url" }).toHex()}`)
    .toString(2).length;
  return bits < SMALLEST_RSA_BITS
    ? `has an RSA key of ${bits} bits, fewer than ${SMALLEST_RSA_BITS}`
    : undefined;
}

/** Whether `issuer`'s key made the signature on `certificate`. */
export function isSignedBy(
  certificate: CertificateFacts,
  issuer: Pick<CertificateFacts, "jwk">,
): boolean {
  const scheme = schemeOf(certificate);
  if (scheme === undefined || scheme.keyType !== issuer.jwk["kty"]) return false;
  if (scheme.keyType === "EC" && !isEllipticSignature(certificate.signature)) return false;
  try {
    return verify(
      scheme.hash,
      certificate.signedDer,
      keyOf(issuer, scheme),
      certificate.signature,
    );
  } catch {
    // A key or signature that the crypto library cannot handle proves nothing.
    return false;
  }
}

function keyOf(
  { jwk }: Pick<CertificateFacts, "jwk">,
  { isPss }: Scheme,
): KeyObject | { key: KeyObject; padding: number; saltLength: number } {
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  if (!isPss) return key;
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

function schemeOf({ signatureAlgorithmDer }: CertificateFacts): Scheme | undefined {
  try {
    const reader = openDer(signatureAlgorithmDer, TAG.sequence, "The signature algorithm");
    const identifier = objectIdentifier(reader.next(TAG.objectIdentifier), "The algorithm");
    const parameters = reader.done ? undefined : reader.next();
    reader.end();
    if (identifier === "1.2.840.113549.1.1.10") return pssScheme(parameters?.whole);
    const scheme = SCHEMES.get(identifier);
    const isNull = parameters?.tag === TAG.null && parameters.body.length === 0;
    // RSA wants NULL (RFC 4055, 5), the others nothing at all.
    return (scheme?.keyType === "RSA" ? isNull : parameters === undefined) ? scheme : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function pssScheme(parameters: Uint8Array | undefined): Scheme | undefined {
  const hash = PSS_PARAMETERS.get(parameters?.toHex() ?? "");
  return hash === undefined ? undefined : { keyType: "RSA", hash, isPss: true };
}

/** Libraries differ in how much bad DER they take here, so none of it gets there. */
function isEllipticSignature(signature: Uint8Array): boolean {
  try {
    const reader = openDer(signature, TAG.sequence, "The signature");
    positiveBytes(reader.next(TAG.integer), "The signature");
    positiveBytes(reader.next(TAG.integer), "The signature");
    reader.end();
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
