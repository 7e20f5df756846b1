/**
 * Names of trust domains.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { TrustDomain } from "./model.ts";
import { quote } from "./quote.ts";

/** The longest name that SPIFFE-ID, section 2.1, asks implementations to support. */
const MAX_LENGTH = 255;

/**
 * Reads the name of a trust domain (SPIFFE-ID, section 2.1): 1 to 255 of
 * `a-z 0-9 . - _`.
 *
 * It takes the bare name only. Upper case is refused although SPIFFE-ID allows
 * a reader to fold it, because SPIRE and go-spiffe refuse it; a scheme, a port,
 * user information, a path or white space are refused with a hint.
 *
 * @throws {SpirefedError} of kind `usage`, code `spiffe/trust-domain`.
 *
 * @example A name, and an ID mistaken for one
 * ```ts
 * import { parseTrustDomain } from "./trust_domain.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseTrustDomain("apps.east.example"), "apps.east.example");
 * assert.throws(() => parseTrustDomain("spiffe://apps.east.example"), /without its scheme/);
 * ```
 */
export function parseTrustDomain(text: string): TrustDomain {
  const complaint = trustDomainComplaint(text);
  if (complaint === undefined) return text as TrustDomain;
  throw new SpirefedError("usage", `${quote(text)} is not a trust domain: ${complaint}`, {
    code: "spiffe/trust-domain",
    remedy: remedy(text),
  });
}

/** Says what is wrong with the name of a trust domain; `undefined` when nothing is. */
export function trustDomainComplaint(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text.includes("://")) return "write the name without its scheme";
  if (text.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (/^[a-z0-9._-]+$/.test(text)) return undefined;
  if (/^[A-Za-z0-9._-]+$/.test(text)) return "upper case is not allowed";
  return "only a-z, 0-9, dot, dash and underscore are allowed";
}

function remedy(text: string): string {
  const name = text.replace(/^spiffe:\/\//i, "").replace(/[/:].*$/s, "").toLowerCase();
  return trustDomainComplaint(name) === undefined
    ? `did you mean ${name}?`
    : "use a name such as apps.east.example";
}
