/**
 * Mints certificates for the tests of this folder: P-256 keys, chosen extensions,
 * and dates that hold for the machine's clock and for the tests' own.
 *
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** The time that the tests of this folder judge certificates by. */
export const NOW = new Date("2026-11-24T12:00:00Z");

/** What to write into a certificate; everything not named is as SPIRE writes it. */
export interface CertificateOptions {
  readonly subject?: string;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly isCA?: boolean;
  /** Bits of `x509.KeyUsageFlags`; `undefined` leaves the extension out. */
  readonly keyUsage?: number | undefined;
  /** Object identifiers; `undefined` leaves the extension out. */
  readonly extendedKeyUsage?: readonly string[] | undefined;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A certificate with its private key, and with what leads up to its root. */
export interface Issued {
  readonly der: Uint8Array;
  readonly pem: string;
  readonly keyPem: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly subject: string;
  /** Intermediates between this certificate and its root, nearest first; the root is left out. */
  readonly above: readonly Issued[];
  readonly isRoot: boolean;
}

let serial = 1;

/** A self-signed authority whose URI SAN names its trust domain. */
export function root(trustDomain: string, options: CertificateOptions = {}): Promise<Issued> {
  return issue(undefined, { subject: `O=${trustDomain}`, ...authority(trustDomain), ...options });
}

/** An authority signed by another. */
export function intermediate(
  issuer: Issued,
  trustDomain: string,
  options: CertificateOptions = {},
): Promise<Issued> {
  return issue(issuer, {
    subject: `O=${trustDomain} intermediate`,
    ...authority(trustDomain),
    ...options,
  });
}

/** An X.509-SVID as SPIRE issues it, or a spoilt one by `options`. */
export function svid(
  issuer: Issued,
  spiffeId: string,
  options: CertificateOptions = {},
): Promise<Issued> {
  return issue(issuer, {
    subject: "C=US, O=SPIRE",
    uris: [spiffeId],
    keyUsage: x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyAgreement,
    extendedKeyUsage: [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth],
    ...options,
  });
}

/** What a TLS server presents, PEM: the leaf, then what leads to its root. */
export function chainPem(leaf: Issued): string {
  return [leaf, ...leaf.above].map(({ pem }) => pem).join("");
}

function authority(trustDomain: string): CertificateOptions {
  return {
    uris: [`spiffe://${trustDomain}`],
    isCA: true,
    keyUsage: x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
  };
}

async function issue(issuer: Issued | undefined, options: CertificateOptions): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const subject = options.subject ?? "";
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (serial++).toString(16).padStart(4, "0"),
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: options.notBefore ?? new Date("2020-01-01T00:00:00Z"),
    notAfter: options.notAfter ?? new Date("2049-01-01T00:00:00Z"),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer?.privateKey ?? keys.privateKey,
    extensions: await extensions(options, keys.publicKey, issuer?.publicKey ?? keys.publicKey),
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    der: new Uint8Array(certificate.rawData),
    pem: `${certificate.toString("pem")}\n`,
    keyPem: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
    privateKey: keys.privateKey,
    publicKey: keys.publicKey,
    subject,
    above: issuer === undefined || issuer.isRoot ? [] : [issuer, ...issuer.above],
    isRoot: issuer === undefined,
  };
}

async function extensions(
  { uris = [], dnsNames = [], isCA = false, keyUsage, extendedKeyUsage }: CertificateOptions,
  publicKey: CryptoKey,
  issuerKey: CryptoKey,
): Promise<x509.Extension[]> {
  const names = [
    ...uris.map((value) => ({ type: "url" as const, value })),
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(isCA, undefined, true),
    ...(keyUsage === undefined ? [] : [new x509.KeyUsagesExtension(keyUsage, true)]),
    ...(extendedKeyUsage === undefined
      ? []
      : [new x509.ExtendedKeyUsageExtension([...extendedKeyUsage])]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuerKey),
  ];
}
