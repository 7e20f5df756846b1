/**
 * Members of a JWK that point to certificates (RFC 7517, sections 4.6, 4.8 and 4.9).
 *
 * They say nothing new and nothing is ever fetched, but go-spiffe refuses a bundle for
 * wrong ones.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { decodeAsGo } from "./base64.ts";
import { type CertificateFacts, sha256Hex } from "./certificate.ts";
import { type JsonValue, pointerToken } from "./json_text.ts";
import type { Problems } from "./problems.ts";

/** A key's first certificate, and where to say what is wrong. */
interface Place {
  readonly certificate: CertificateFacts | undefined;
  readonly path: string;
  readonly problems: Problems;
}

type Members = ReadonlyMap<string, JsonValue>;

/** URLs that Go reads without a doubt: with a host, opaque, or a path alone. */
const URL_REGEXP = (() => {
  const rest = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*";
  const scheme = "[A-Za-z][A-Za-z0-9+.-]*";
  const whole = `${scheme}://[A-Za-z0-9._-]*(?::[0-9]*)?(?:/${rest})?`;
  const path = `/(?!/)${rest}`;
  return new RegExp(
    `^(?:${whole}|${scheme}:[A-Za-z0-9._-]+|${path})(?:\\?${rest})?(?:#${rest})?$`,
  );
})();

/** Checks `x5u`, `x5t` and `x5t#S256`. */
export function checkLinks(members: Members, place: Place): void {
  checkUrl(text(members, "x5u"), place);
  const { certificate } = place;
  const sha1 = certificate && createHash("sha1").update(certificate.der).digest("hex");
  const sha256 = certificate && sha256Hex(certificate.der);
  for (const [name, size, expected] of [["x5t", 20, sha1], ["x5t#S256", 32, sha256]] as const) {
    const value = text(members, name);
    if (value === "" || isThumbprint(value, size, expected)) continue;
    const message = `The member "${name}" is not the thumbprint of the certificate`;
    place.problems.error("bundle/thumbprint", message, place.path + pointerToken(name));
  }
}

function checkUrl(url: string, { path, problems }: Place): void {
  if (url === "") return;
  if (URL_REGEXP.test(url)) problems.warn("bundle/x5u", "The URL is never fetched", `${path}/x5u`);
  else problems.error("bundle/x5u", 'The member "x5u" is not a plain URL', `${path}/x5u`);
}

/** Some write the hex digits of the digest, and go-spiffe reads both. */
function isThumbprint(value: string, size: number, expected: string | undefined): boolean {
  const octets = decodeAsGo(value, "base64url");
  if (octets === undefined) return false;
  const digits = octets.length === 2 * size
    ? new TextDecoder().decode(octets).toLowerCase()
    : octets.toHex();
  if (!/^[0-9a-f]*$/.test(digits) || digits.length !== 2 * size) return false;
  return expected === undefined || digits === expected;
}

function text(members: Members, name: string): string {
  const value = members.get(name);
  return value?.kind === "string" ? value.value : "";
}
