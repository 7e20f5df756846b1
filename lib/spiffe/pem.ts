/**
 * Certificates in PEM (RFC 7468).
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import { quote } from "./quote.ts";

/** A certificate, and the line its block starts at, counted from 1. */
export interface PemCertificate {
  readonly der: Uint8Array;
  readonly line: number;
}

/**
 * Splits PEM into certificates, in their order. Text around the blocks is
 * allowed, blocks other than certificates are not, and private keys are refused
 * without being shown. The certificates themselves are not judged.
 *
 * @throws {SpirefedError} of kind `usage`, code `pem/malformed`, `pem/empty` or
 * `pem/private-key`.
 */
export function pemCertificates(bytes: Uint8Array): readonly PemCertificate[] {
  const lines = readLines(bytes);
  const found: PemCertificate[] = [];
  for (let at = 0; at < lines.length; at++) {
    const label = beginning(lines[at] ?? "", at + 1);
    if (label === undefined) continue;
    if (label !== "CERTIFICATE") throw strayBlock(label, at + 1);
    let end = at + 1;
    while (end < lines.length && !lines[end]?.startsWith("-----")) end++;
    if (boundary(lines[end] ?? "", "END") !== label) {
      throw malformed("The certificate has no end", at + 1);
    }
    const der = decodeBase64(lines.slice(at + 1, end).join(""));
    if (der === undefined || der.length === 0) {
      throw malformed("The certificate is not base64", at + 1);
    }
    found.push({ der, line: at + 1 });
    at = end;
  }
  if (found.length > 0) return found;
  throw new SpirefedError("usage", "There is no certificate in PEM form", {
    code: "pem/empty",
    remedy: "give a file with -----BEGIN CERTIFICATE----- in it",
  });
}

/** Writes a certificate as PEM. */
export function derToPem(der: Uint8Array): string {
  const body = der.toBase64().replace(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`;
}

function readLines(bytes: Uint8Array): readonly string[] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.split(/\r\n|\n|\r/).map((line) => line.trimEnd());
  } catch {
    throw new SpirefedError("usage", "The file is not text", {
      code: "pem/malformed",
      remedy: "give certificates in PEM form, not DER",
    });
  }
}

/** A block that some readers would find and others pass over is refused. */
function beginning(line: string, number: number): string | undefined {
  const label = boundary(line, "BEGIN");
  if (label !== undefined || !line.includes("-----BEGIN ")) return label;
  if (!line.startsWith("\ufeff")) {
    throw malformed("A block with something before or after it", number);
  }
  throw new SpirefedError("usage", "The file starts with a byte-order mark", {
    code: "pem/malformed",
    remedy: "save it as plain UTF-8: many readers pass over the first certificate otherwise",
  });
}

function boundary(line: string, word: "BEGIN" | "END"): string | undefined {
  if (!line.startsWith("-----")) return undefined;
  return new RegExp(`^-----${word} ([A-Z0-9 ]{1,64})-----$`).exec(line)?.[1];
}

function strayBlock(label: string, line: number): SpirefedError {
  if (!label.endsWith("PRIVATE KEY")) return malformed(`A block of ${quote(label)}`, line);
  return new SpirefedError("usage", `A private key, from line ${line} on`, {
    code: "pem/private-key",
    remedy: "give the certificates only",
  });
}

function malformed(what: string, line: number): SpirefedError {
  return new SpirefedError("usage", `${what}, from line ${line} on`, {
    code: "pem/malformed",
    remedy: "give certificates in PEM form and nothing else",
  });
}
