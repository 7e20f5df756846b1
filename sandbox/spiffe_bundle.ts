/**
 * SPIFFE bundles as SPIRE and go-spiffe read and print them: more forgiving than this
 * program's own reader, on purpose, and independent of it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import type { JwtKey } from "./model.ts";

/** A bundle, as the stand-in for SPIRE holds it. */
export interface SpireBundle {
  /** DER, base64. */
  readonly x509: readonly string[];
  readonly jwt: readonly JwtKey[];
  readonly sequence: number;
  readonly refreshHint: number | undefined;
}

/** Who reads: go-spiffe takes the text of an object, SPIRE's own decoder what it polls. */
export type BundleReader = "go-spiffe" | "spire";

/**
 * Reads a bundle.
 *
 * @throws {Error} worded as the reader words it.
 */
export function readBundle(text: string, reader: BundleReader): SpireBundle {
  const document = parseDocument(text);
  const keys = document["keys"];
  if (!Array.isArray(keys)) {
    if (reader === "spire") return { x509: [], jwt: [], sequence: 0, refreshHint: undefined };
    throw new Error("spiffebundle: no authorities found");
  }
  const x509: string[] = [];
  const jwt: JwtKey[] = [];
  keys.forEach((key: Readonly<Record<string, unknown>>, index) => {
    if (key["use"] === "x509-svid") x509.push(certificateOf(key, index));
    else if (key["use"] === "jwt-svid") jwt.push(jwtKeyOf(key, index));
    else if (reader === "spire") throw new Error(`unrecognized use "${key["use"] ?? ""}"`);
  });
  return {
    x509,
    jwt,
    sequence: Number(document["spiffe_sequence"] ?? 0),
    refreshHint: document["spiffe_refresh_hint"] === undefined
      ? undefined
      : Number(document["spiffe_refresh_hint"]),
  };
}

function parseDocument(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    const [first = ""] = text.trim();
    throw new Error(
      first === ""
        ? "spiffebundle: unable to parse JWKS: unexpected end of JSON input"
        : `spiffebundle: unable to parse JWKS: invalid character '${first}' looking for beginning of value`,
    );
  }
}

function certificateOf(key: Readonly<Record<string, unknown>>, index: number): string {
  const chain = key["x5c"];
  if (!Array.isArray(chain) || chain.length !== 1) {
    throw new Error(
      `spiffebundle: error adding authority ${index} of JWKS: expected a single certificate in x509-svid entry; got ${
        Array.isArray(chain) ? chain.length : 0
      }`,
    );
  }
  return String(chain[0]);
}

function jwtKeyOf(key: Readonly<Record<string, unknown>>, index: number): JwtKey {
  if (typeof key["kid"] !== "string" || key["kid"] === "") {
    throw new Error(`spiffebundle: error adding authority ${index} of JWKS: keyID cannot be empty`);
  }
  return { kid: key["kid"], x: String(key["x"]), y: String(key["y"]) };
}

/** Prints a bundle as `bundle show` and the endpoint do: absent hint and sequence 0 left out. */
export function printSpireBundle(bundle: SpireBundle, indent: number): string {
  const keys = [
    ...bundle.x509.map((der) => ({ use: "x509-svid", ...publicKeyOf(der), x5c: [der] })),
    ...bundle.jwt.map(({ kid, x, y }) => ({ use: "jwt-svid", kty: "EC", kid, crv: "P-256", x, y })),
  ];
  const document = {
    keys,
    ...(bundle.sequence > 0 ? { spiffe_sequence: bundle.sequence } : {}),
    ...(bundle.refreshHint === undefined ? {} : { spiffe_refresh_hint: bundle.refreshHint }),
  };
  return JSON.stringify(document, null, indent);
}

const publicKeys = new Map<string, Readonly<Record<string, unknown>>>();

function publicKeyOf(der: string): Readonly<Record<string, unknown>> {
  let jwk = publicKeys.get(der);
  if (jwk === undefined) {
    const { kty, crv, x, y, n, e } = certificate(der).publicKey.export({ format: "jwk" });
    jwk = kty === "EC" ? { kty, crv, x, y } : { kty, n, e };
    publicKeys.set(der, jwk);
  }
  return jwk;
}

/** A certificate out of its base64. */
export function certificate(der: string): X509Certificate {
  return new X509Certificate(Buffer.from(der, "base64"));
}

/** PEM, as `bundle show` and the ConfigMap `spire-bundle` carry it. */
export function toPem(ders: readonly Uint8Array[]): string {
  return ders.map((der) => {
    const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  }).join("");
}
