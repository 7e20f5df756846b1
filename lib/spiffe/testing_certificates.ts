/**
 * Mints certificates for the tests of this folder: chosen extensions, fixed dates.
 *
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { bundleFromPem } from "./bundle_from_pem.ts";
import { certificateFacts } from "./certificate.ts";
import { derToPem } from "./pem.ts";
import type { Bundle } from "./model.ts";
import type { Key } from "./testing_bundles.ts";
import { parseTrustDomain } from "./trust_domain.ts";

/** The time that these tests judge by. */
export const NOW = new Date("2026-11-24T12:00:00Z");

/** The trust domain that these tests are about. */
export const EAST = parseTrustDomain("east.example");

/** Key usages by name, for short test cases. */
export const USAGE = x509.KeyUsageFlags;

/** Kinds of key, by the names that the tests use. */
export const KEYS = {
  p256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  p384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  p521: { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  rsa: rsa(2048, "SHA-256"),
  shortRsa: rsa(1024, "SHA-256"),
  sha1: rsa(2048, "SHA-1"),
  pss: { ...rsa(2048, "SHA-256"), name: "RSA-PSS", saltLength: 32 },
  ed25519: { name: "Ed25519" },
} as const;

/** What to write into a certificate; what is not named is as SPIRE writes it. */
export interface Minting {
  readonly subject?: string;
  readonly uris?: readonly string[];
  readonly isCa?: boolean;
  readonly pathLength?: number;
  /** Bits of {@linkcode USAGE}; `null` leaves the extension out. */
  readonly usage?: number | null;
  readonly usageIsCritical?: boolean;
  /** Object identifiers; `null` leaves the extension out. */
  readonly purposes?: readonly string[] | null;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly key?: keyof typeof KEYS;
  /** Keys made before, to certify them again. */
  readonly keys?: CryptoKeyPair;
  readonly extensions?: readonly x509.Extension[];
}

/** A certificate with its key. */
export interface Minted {
  readonly der: Uint8Array;
  readonly subject: string;
  readonly keys: CryptoKeyPair;
  readonly algorithm: typeof KEYS[keyof typeof KEYS];
}

/** A root; without a SPIFFE ID unless one is given. */
export function root(minting: Minting = {}): Promise<Minted> {
  return mint(undefined, { subject: "CN=east root,O=SPIFFE", ...AUTHORITY, ...minting });
}

/** A CA under another. */
export function intermediate(issuer: Minted, minting: Minting = {}): Promise<Minted> {
  return mint(issuer, { subject: "CN=east intermediate,O=SPIFFE", ...AUTHORITY, ...minting });
}

/** An SVID like those of SPIRE. */
export function leaf(issuer: Minted, minting: Minting = {}): Promise<Minted> {
  return mint(issuer, {
    subject: "O=SPIRE,C=US",
    uris: ["spiffe://east.example/spire/server"],
    usage: USAGE.digitalSignature | USAGE.keyAgreement,
    purposes: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
    ...minting,
  });
}

/** An authority as an entry of a bundle. */
export function entry({ der }: Minted): Key {
  return { ...certificateFacts(der).jwk, use: "x509-svid", x5c: [der.toBase64()] };
}

/** A bundle of these roots. */
export function bundleOf(...roots: readonly Minted[]): Bundle {
  const pem = new TextEncoder().encode(roots.map(({ der }) => derToPem(der)).join(""));
  const { bundle, problems } = bundleFromPem(pem, { trustDomain: EAST, now: NOW });
  if (bundle === undefined) throw new Error(JSON.stringify(problems));
  return bundle;
}

/** An extension with any contents. */
export function extension(id: string, value: string, isCritical = true): x509.Extension {
  return new x509.Extension(id, isCritical, Uint8Array.fromHex(value));
}

const AUTHORITY: Minting = { isCa: true, usage: USAGE.keyCertSign | USAGE.cRLSign, purposes: null };

function rsa(modulusLength: number, hash: string): RsaHashedKeyGenParams {
  const publicExponent = new Uint8Array([1, 0, 1]);
  return { name: "RSASSA-PKCS1-v1_5", modulusLength, publicExponent, hash };
}

async function mint(issuer: Minted | undefined, minting: Minting): Promise<Minted> {
  const algorithm = KEYS[minting.key ?? "p256"];
  const keys = minting.keys ??
    await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  if (!("privateKey" in keys)) throw new Error("not a pair of keys");
  const subject = minting.subject ?? "CN=nobody";
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subject ?? subject,
    signingKey: (issuer?.keys ?? keys).privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: (issuer?.algorithm ?? algorithm) as EcdsaParams,
    serialNumber: "01",
    notBefore: minting.notBefore ?? new Date("2026-01-01T00:00:00Z"),
    notAfter: minting.notAfter ?? new Date("2036-01-01T00:00:00Z"),
    extensions: extensions(minting),
  });
  return { der: new Uint8Array(certificate.rawData), subject, keys, algorithm };
}

function extensions(minting: Minting): x509.Extension[] {
  const { isCa = false, pathLength, usage, usageIsCritical = true, purposes, uris = [] } = minting;
  const names = uris.map((value) => ({ type: "url", value }) as const);
  return [
    new x509.BasicConstraintsExtension(isCa, pathLength, true),
    ...(typeof usage === "number" ? [new x509.KeyUsagesExtension(usage, usageIsCritical)] : []),
    ...(purposes ? [new x509.ExtendedKeyUsageExtension([...purposes])] : []),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ...(minting.extensions ?? []),
  ];
}
