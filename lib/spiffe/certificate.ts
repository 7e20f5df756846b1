/**
 * What a certificate says, read from its DER.
 *
 * `X509Certificate` of node:crypto is not used for it: under Deno it does not
 * tell the extended key usage, takes trailing bytes, and reads some extensions
 * differently from Node. Only signatures are left to node:crypto.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { SpirefedError } from "../errors.ts";
import { type Extensions, readExtensions } from "./certificate_extensions.ts";
import { nameText } from "./certificate_name.ts";
import { certificateTime } from "./certificate_time.ts";
import {
  bitString,
  DerError,
  DerReader,
  type Element,
  objectIdentifier,
  openDer,
  positiveBytes,
  TAG,
} from "./der.ts";
import { type PublicJwk, publicKeyJwk } from "./public_key.ts";

/** A certificate, taken apart. */
export interface CertificateFacts extends Extensions {
  readonly der: Uint8Array;
  /** Lower-case hex SHA-256 of `der`. */
  readonly sha256: string;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Lower-case hex, without leading zeros; `00` for zero. */
  readonly serial: string;
  /** One line, as in RFC 4514; hostile text until printed. */
  readonly subject: string;
  readonly issuer: string;
  /** The names as they are signed, for comparing. */
  readonly subjectDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyDer: Uint8Array;
  readonly jwk: PublicJwk;
  /** The signed part, the AlgorithmIdentifier of the signature, and the signature. */
  readonly signedDer: Uint8Array;
  readonly signatureAlgorithmDer: Uint8Array;
  readonly signature: Uint8Array;
}

/** Either a certificate or the reason why the bytes are none. */
export type CertificateReading =
  | { readonly certificate: CertificateFacts; readonly complaint?: undefined }
  | { readonly complaint: string; readonly certificate?: undefined };

/**
 * Reads one certificate (RFC 5280, section 4.1) that fills the bytes exactly.
 *
 * @throws {SpirefedError} of kind `usage`, code `certificate/malformed`.
 */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const { certificate, complaint } = readCertificate(der);
  if (certificate !== undefined) return certificate;
  throw new SpirefedError("usage", complaint, { code: "certificate/malformed" });
}

/** Reads one certificate; never throws. */
export function readCertificate(der: Uint8Array): CertificateReading {
  try {
    return { certificate: parse(der) };
  } catch (error) {
    if (error instanceof DerError) return { complaint: error.message };
    throw error;
  }
}

/** Lower-case hex SHA-256. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const WHAT = "The certificate";

function parse(der: Uint8Array): CertificateFacts {
  const outer = openDer(der, TAG.sequence, WHAT);
  const signed = outer.next(TAG.sequence);
  const algorithm = outer.next(TAG.sequence);
  const { bytes: signature, unused } = bitString(outer.next(TAG.bitString), WHAT);
  outer.end();
  if (unused !== 0) throw new DerError(`${WHAT}'s signature is not a whole number of octets`);
  const fields = new DerReader(signed.body, WHAT);
  const version = readVersion(fields);
  const serial = positiveBytes(fields.next(TAG.integer), `${WHAT}'s serial number`);
  if (!equalBytes(fields.next(TAG.sequence).whole, algorithm.whole)) {
    throw new DerError(`${WHAT} names two different signature algorithms`);
  }
  checkAlgorithm(algorithm);
  const names = readNames(fields);
  const publicKeyDer = fields.next(TAG.sequence).whole;
  return {
    der,
    sha256: sha256Hex(der),
    version,
    serial: serial.toHex() || "00",
    ...names,
    publicKeyDer,
    jwk: publicKeyJwk(publicKeyDer),
    ...readExtensions(extensionList(fields, version)),
    signedDer: signed.whole,
    signatureAlgorithmDer: algorithm.whole,
    signature,
  };
}

/** Whether it is one that proves anything is asked where the signature is. */
function checkAlgorithm({ body }: Element): void {
  const reader = new DerReader(body, `${WHAT}'s signature algorithm`);
  objectIdentifier(reader.next(TAG.objectIdentifier), `${WHAT}'s signature algorithm`);
  if (!reader.done) reader.next();
  reader.end();
}

type Names = Pick<
  CertificateFacts,
  "issuerDer" | "issuer" | "subjectDer" | "subject" | "notBefore" | "notAfter"
>;

function readNames(fields: DerReader): Names {
  const issuerDer = fields.next(TAG.sequence).whole;
  const validity = fields.open(TAG.sequence);
  const notBefore = certificateTime(validity.next());
  const notAfter = certificateTime(validity.next());
  validity.end();
  const subjectDer = fields.next(TAG.sequence).whole;
  return {
    issuerDer,
    issuer: nameText(issuerDer),
    subjectDer,
    subject: nameText(subjectDer),
    notBefore,
    notAfter,
  };
}

function readVersion(fields: DerReader): number {
  const explicit = fields.optional(0xa0);
  if (explicit === undefined) return 1;
  const reader = new DerReader(explicit.body, `${WHAT}'s version`);
  const [value = 0, ...more] = positiveBytes(reader.next(TAG.integer), `${WHAT}'s version`);
  reader.end();
  if (value > 2 || more.length > 0) throw new DerError(`${WHAT}'s version is unknown`);
  return value + 1;
}

function extensionList(fields: DerReader, version: number): DerReader | undefined {
  if (version > 1) {
    fields.optional(0x81);
    fields.optional(0x82);
  }
  const explicit = version === 3 ? fields.optional(0xa3) : undefined;
  fields.end();
  return explicit && openDer(explicit.body, TAG.sequence, `${WHAT}'s list of extensions`);
}

/** Whether two byte strings are equal. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}
