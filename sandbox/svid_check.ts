/**
 * How a SPIRE server judges another's bundle endpoint over https_spiffe (X.509-SVID,
 * section 5), with the words of go-spiffe and of Go's x509 package.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import type { Instant } from "./model.ts";
import { certificate } from "./spiffe_bundle.ts";

/** What is wrong with the certificates that an endpoint shows; `undefined` when nothing is. */
export function problemWith(
  chain: readonly Uint8Array[],
  expectedId: string,
  authorities: readonly string[],
  now: Instant,
): string | undefined {
  const [leaf, ...intermediates] = chain.map((der) => new X509Certificate(Buffer.from(der)));
  if (leaf === undefined) return "tls: server presented no certificates";
  const names = (leaf.subjectAltName ?? "").split(", ").filter((name) => name.startsWith("URI:"));
  const [id = ""] = names.map((name) => name.slice("URI:".length));
  if (names.length === 0) {
    return "x509svid: could not get leaf SPIFFE ID: certificate contains no URI SAN";
  }
  if (names.length > 1) {
    return "x509svid: could not get leaf SPIFFE ID: certificate contains more than one URI SAN";
  }
  if (leaf.ca) return "x509svid: leaf certificate with CA flag set to true";
  if (!leadsTo(leaf, intermediates, authorities.map(certificate), now)) {
    return "x509svid: could not verify leaf certificate: x509: certificate signed by unknown authority";
  }
  if (!isCurrent(leaf, now)) {
    return "x509svid: could not verify leaf certificate: x509: certificate has expired or is not yet valid";
  }
  return id === expectedId ? undefined : `unexpected ID "${id}"`;
}

function leadsTo(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  now: Instant,
): boolean {
  const signs = (issuer: X509Certificate): boolean =>
    issuer.ca && isCurrent(issuer, now) && leaf.checkIssued(issuer) && isSignedBy(leaf, issuer);
  if (authorities.some(signs)) return true;
  return intermediates.some((next, at) =>
    signs(next) && leadsTo(next, intermediates.toSpliced(at, 1), authorities, now)
  );
}

const verified = new Map<string, boolean>();
const REMEMBERED = 10_000;

/** A signature is good for ever or never, and polls look at the same ones all the time. */
function isSignedBy(leaf: X509Certificate, issuer: X509Certificate): boolean {
  const key = `${leaf.fingerprint256} ${issuer.fingerprint256}`;
  const known = verified.get(key);
  if (known !== undefined) return known;
  if (verified.size >= REMEMBERED) verified.clear();
  const answer = leaf.verify(issuer.publicKey);
  verified.set(key, answer);
  return answer;
}

function isCurrent({ validFromDate, validToDate }: X509Certificate, now: Instant): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}
