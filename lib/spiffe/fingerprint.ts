/**
 * Fingerprints as people write them.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { quote } from "./quote.ts";

/**
 * Reads a SHA-256 fingerprint: 64 hex digits in either case, with or without
 * colons between octets, with or without `SHA256:`, `SHA256=` or openssl's
 * `sha256 Fingerprint=` before them. Answers lower-case hex.
 *
 * @throws {SpirefedError} of kind `usage`, code `fingerprint/malformed`.
 *
 * @example
 * ```ts
 * import { normalizeFingerprint } from "./fingerprint.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(normalizeFingerprint(`SHA256:${"AB:".repeat(31)}AB`), "ab".repeat(32));
 * ```
 */
export function normalizeFingerprint(text: string): string {
  const digits = text.trim().replace(/^sha-?256(?: fingerprint)?[:=]\s*/i, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  if (/^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$/.test(digits)) return digits.replaceAll(":", "");
  throw new SpirefedError("usage", `${quote(text)} is not a SHA-256 fingerprint`, {
    code: "fingerprint/malformed",
    remedy: "give all 64 hex digits, for example from: openssl x509 -noout -fingerprint -sha256",
  });
}
