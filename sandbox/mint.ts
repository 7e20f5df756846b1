/**
 * Certificates for the World, real ones: P-256 keys, SPIRE's profile of CA and server
 * SVID. Keys stay in the ring; the World sees DER.
 *
 * @module
 */
import "reflect-metadata";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Instant, JwtKey, X509AuthorityState } from "./model.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** SPIRE dates certificates back by this. */
const BACKDATE_MS = 10_000;
/** Lifetimes as the operator's defaults have them. */
const AUTHORITY_MS = 24 * 3_600_000;
const SVID_MS = 3_600_000;

/** When a certificate was made, and until when it is valid. */
export interface Validity {
  readonly issuedAt: Instant;
  readonly notAfter: Instant;
}

/** What a certificate is for. */
interface Profile {
  readonly notAfter: Instant;
  readonly notBefore: Instant;
  readonly subject: string;
  readonly names: x509.JsonGeneralNames;
  readonly ca: boolean;
  readonly webServer?: boolean;
}

/** Makes certificates, and keeps the key of each. */
export class KeyRing {
  readonly #keys = new Map<string, CryptoKeyPair>();
  readonly #earliest: () => Instant;

  /**
   * `earliest` dates certificates back further than SPIRE does: for a World whose clock
   * runs ahead of the clock by which they are judged.
   */
  constructor({ earliest = () => Infinity }: { readonly earliest?: () => Instant } = {}) {
    this.#earliest = earliest;
  }

  /** A new X.509 authority of a trust domain. */
  async authority(
    trustDomain: string,
    now: Instant,
    state: X509AuthorityState["state"] = "active",
  ): Promise<X509AuthorityState> {
    const validity = this.#validity(now, AUTHORITY_MS);
    const der = await this.#mint({
      ...validity,
      subject: `C=US, O=${trustDomain.slice(0, 60)}, CN=SPIRE CA`,
      names: [{ type: "url", value: `spiffe://${trustDomain}` }],
      ca: true,
    });
    return { der, state, issuedAt: now, notAfter: validity.notAfter };
  }

  /** A server's SVID, signed by one of its authorities: the chain, which is the leaf alone. */
  async svid(
    spiffeId: string,
    authority: Uint8Array,
    now: Instant,
  ): Promise<Validity & { readonly chain: readonly Uint8Array[] }> {
    const validity = this.#validity(now, SVID_MS);
    const names: x509.JsonGeneralNames = [{ type: "url", value: spiffeId }];
    const leaf = await this.#mint(
      { ...validity, subject: "C=US, O=SPIRE", names, ca: false },
      authority,
    );
    return { chain: [leaf], issuedAt: now, notAfter: validity.notAfter };
  }

  /** An ordinary certificate authority and a server certificate for a name and loopback. */
  async webServer(
    host: string,
    now: Instant,
  ): Promise<{ readonly authority: Uint8Array; readonly leaf: Uint8Array }> {
    const validity = this.#validity(now, AUTHORITY_MS * 30);
    const authority = await this.#mint({
      ...validity,
      subject: `CN=${host} practice CA`,
      names: [{ type: "dns", value: `ca.${host}` }],
      ca: true,
    });
    const names: x509.JsonGeneralNames = [{ type: "dns", value: host }, {
      type: "ip",
      value: "127.0.0.1",
    }];
    const leaf = await this.#mint(
      { ...validity, subject: `CN=${host}`, names, ca: false, webServer: true },
      authority,
    );
    return { authority, leaf };
  }

  /** The private key of a certificate made here, PKCS#8 PEM. */
  async privateKey(der: Uint8Array): Promise<string> {
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", this.#pairOf(der).privateKey);
    return x509.PemConverter.encode(pkcs8, "PRIVATE KEY");
  }

  #validity(now: Instant, lifetime: number): Pick<Profile, "notBefore" | "notAfter"> {
    const notBefore = Math.floor((Math.min(now, this.#earliest()) - BACKDATE_MS) / 1000) * 1000;
    return { notBefore, notAfter: Math.floor((now + lifetime) / 1000) * 1000 };
  }

  #pairOf(der: Uint8Array): CryptoKeyPair {
    const pair = this.#keys.get(fingerprint(der));
    if (pair === undefined) throw new Error("a certificate that was not made here has no key here");
    return pair;
  }

  async #mint(profile: Profile, issuer?: Uint8Array): Promise<Uint8Array> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const parent = issuer && new x509.X509Certificate(toBuffer(issuer));
    const made = await x509.X509CertificateGenerator.create({
      serialNumber: `01${randomBytes(15).toString("hex")}`,
      subject: profile.subject,
      issuer: parent?.subject ?? profile.subject,
      notBefore: new Date(profile.notBefore),
      notAfter: new Date(profile.notAfter),
      publicKey: keys.publicKey,
      signingKey: (issuer === undefined ? keys : this.#pairOf(issuer)).privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: await extensionsOf(profile, keys.publicKey, parent),
    });
    const der = new Uint8Array(made.rawData);
    this.#keys.set(fingerprint(der), keys);
    return der;
  }
}

async function extensionsOf(
  { names, ca, webServer = false }: Profile,
  key: CryptoKey,
  parent: x509.X509Certificate | undefined,
): Promise<x509.Extension[]> {
  const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  return [
    new x509.BasicConstraintsExtension(ca, undefined, true),
    new x509.KeyUsagesExtension(ca ? keyCertSign | cRLSign : digitalSignature, true),
    ...(ca
      ? []
      : [new x509.ExtendedKeyUsageExtension(webServer ? [serverAuth] : [serverAuth, clientAuth])]),
    await x509.SubjectKeyIdentifierExtension.create(key),
    ...(parent === undefined ? [] : [await x509.AuthorityKeyIdentifierExtension.create(parent)]),
    new x509.SubjectAlternativeNameExtension(names),
  ];
}

/** A new JWT signing key's public part. */
export async function mintJwtKey(): Promise<JwtKey> {
  const { publicKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const { x = "", y = "" } = await crypto.subtle.exportKey("jwk", publicKey);
  return { kid: randomBytes(16).toString("base64url"), x, y };
}

function fingerprint(der: Uint8Array): string {
  return Buffer.from(der).toString("base64");
}

function toBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
