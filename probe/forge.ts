/**
 * Certificates that must not be let in: made here, with keys that live as long as this
 * process. Written as SPIRE writes SVIDs, so that nothing but the signature is wrong.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Credentials } from "./keyring.ts";

const OID = {
  ecdsaWithSha256: "2a8648ce3d040302",
  organization: "55040a",
  commonName: "550403",
  basicConstraints: "551d13",
  keyUsage: "551d0f",
  extendedKeyUsage: "551d25",
  subjectAlternativeName: "551d11",
  serverAuth: "2b06010505070301",
  clientAuth: "2b06010505070302",
} as const;

/** An authority of a trust domain that exists nowhere else. */
export interface Throwaway {
  readonly trustDomain: string;
  readonly authority: Uint8Array;
  readonly key: KeyObject;
}

/** Makes one. */
export function throwawayAuthority(trustDomain: string): Throwaway {
  const { publicKey, privateKey } = newKey();
  const authority = certificate({
    subject: "throwaway",
    issuer: "throwaway",
    uri: `spiffe://${trustDomain}`,
    isCa: true,
    publicKey,
    signedWith: privateKey,
  });
  return { trustDomain, authority, key: privateKey };
}

/** A certificate for an ID, signed by another's authority. */
export function forgedBy({ key }: Throwaway, id: string): Credentials {
  const own = newKey();
  return credentials(id, own.privateKey, {
    subject: "SPIRE",
    issuer: "throwaway",
    uri: id,
    isCa: false,
    publicKey: own.publicKey,
    signedWith: key,
  });
}

/** A certificate for an ID, signed by nobody but itself. */
export function selfSigned(id: string): Credentials {
  const { publicKey, privateKey } = newKey();
  return credentials(id, privateKey, {
    subject: "SPIRE",
    issuer: "SPIRE",
    uri: id,
    isCa: false,
    publicKey,
    signedWith: privateKey,
  });
}

interface Profile {
  readonly subject: string;
  readonly issuer: string;
  readonly uri: string;
  readonly isCa: boolean;
  readonly publicKey: KeyObject;
  readonly signedWith: KeyObject;
}

function newKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function credentials(id: string, key: KeyObject, profile: Profile): Credentials {
  const [notBefore, notAfter] = validity();
  return { id, chain: [certificate(profile)], key, serial: "", notBefore, notAfter };
}

function validity(): readonly [Date, Date] {
  return [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
}

function certificate({ subject, issuer, uri, isCa, publicKey, signedWith }: Profile): Uint8Array {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const signed = sequence(
    der(0xa0, integer(2)),
    der(0x02, [1, ...randomBytes(15)]),
    algorithm,
    name(issuer),
    sequence(...validity().map(time)),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions(uri, isCa))),
  );
  const signature = sign("sha256", Buffer.from(signed), signedWith);
  return sequence(signed, algorithm, der(0x03, [0, ...signature]));
}

function extensions(uri: string, isCa: boolean): readonly Uint8Array[] {
  const critical = der(0x01, [0xff]);
  const name = sequence(der(0x86, new TextEncoder().encode(uri)));
  return [
    extension(OID.basicConstraints, critical, isCa ? sequence(critical) : sequence()),
    // keyCertSign and cRLSign; or digitalSignature and keyAgreement.
    extension(OID.keyUsage, critical, der(0x03, isCa ? [1, 0x06] : [3, 0x88])),
    ...isCa
      ? []
      : [extension(OID.extendedKeyUsage, [], sequence(oid(OID.serverAuth), oid(OID.clientAuth)))],
    extension(OID.subjectAlternativeName, [], name),
  ];
}

type Bytes = Uint8Array | readonly number[];

function extension(id: string, critical: Bytes, value: Bytes): Uint8Array {
  return sequence(oid(id), critical, der(0x04, value));
}

function name(common: string): Uint8Array {
  const part = (id: string, value: string): Uint8Array =>
    der(0x31, sequence(oid(id), der(0x0c, new TextEncoder().encode(value))));
  return sequence(part(OID.organization, "spirefed"), part(OID.commonName, common));
}

function time(date: Date): Uint8Array {
  const text = date.toISOString().slice(2).replace(/[-:T]|\.\d+/g, "");
  return der(0x17, new TextEncoder().encode(text));
}

function oid(hex: string): Uint8Array {
  return der(0x06, Buffer.from(hex, "hex"));
}

function integer(value: number): Uint8Array {
  return der(0x02, [value]);
}

function sequence(...parts: readonly Bytes[]): Uint8Array {
  return der(0x30, parts.flatMap((part) => [...part]));
}

function der(tag: number, body: Bytes): Uint8Array {
  const { length } = body;
  const octets = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return new Uint8Array([tag, ...octets, ...body]);
}
