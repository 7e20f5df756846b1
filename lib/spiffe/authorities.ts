/**
 * When a key of a bundle is an authority that may sign SVIDs.
 *
 * @module
 */
import type { CertificateFacts } from "./certificate.ts";
import { isReadableUri } from "./certificate_uri.ts";
import type { Jwk } from "./jwk.ts";
import type { JwtAuthority, TrustDomain, X509Authority } from "./model.ts";
import type { Problems } from "./problems.ts";
import { quote } from "./quote.ts";
import { spiffeIdComplaint } from "./spiffe_id.ts";
import { trustDomainComplaint } from "./trust_domain.ts";

/** Whose authority it would be, when, and where it stands in the input. */
export interface AuthorityPlace {
  readonly trustDomain: TrustDomain;
  readonly now: Date;
  readonly path: string;
  readonly problems: Problems;
}

/** Reads an entry with use `x509-svid` (X509-SVID, section 6). */
export function x509Authority(
  { kid, certificates }: Jwk,
  place: AuthorityPlace,
): X509Authority | undefined {
  const { path, problems } = place;
  const [certificate, ...more] = certificates;
  if (certificate === undefined || more.length > 0) {
    const message =
      `An x509-svid key must have one certificate in "x5c", not ${certificates.length}`;
    problems.error("bundle/certificate", message, path);
    return undefined;
  }
  if (kid !== undefined && kid !== "") {
    problems.warn("bundle/key-id", 'An x509-svid key must not have a "kid"', `${path}/kid`);
  }
  return certificateAuthority(certificate, { ...place, path: `${path}/x5c/0` });
}

/** Judges a certificate that would be an authority. */
export function certificateAuthority(
  certificate: CertificateFacts,
  place: AuthorityPlace,
): X509Authority | undefined {
  const complaint = authorityComplaint(certificate);
  if (complaint !== undefined) {
    const message = `The certificate ${quote(certificate.subject)} ${complaint}`;
    place.problems.error("bundle/not-a-ca", message, place.path);
    return undefined;
  }
  warnAboutAuthority(certificate, place);
  return {
    der: certificate.der,
    sha256: certificate.sha256,
    ski: certificate.subjectKeyId?.toHex() ?? null,
    subject: certificate.subject,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    jwk: certificate.jwk,
    uriTrustDomains: uriTrustDomains(certificate),
  };
}

/** Reads an entry with use `jwt-svid` (JWT-SVID, section 4). */
export function jwtAuthority(
  { kid, key, certificates }: Jwk,
  { path, problems }: AuthorityPlace,
): JwtAuthority | undefined {
  if (kid === undefined || kid === "") {
    problems.error("bundle/key-id", 'A jwt-svid key must have a "kid"', path);
    return undefined;
  }
  if (certificates.length > 0) {
    problems.warn("bundle/certificate", "The certificate of a jwt-svid key is ignored", path);
  }
  warnAboutSize(key, { path, problems });
  return { kid, kty: key["kty"] ?? "", jwk: key };
}

function authorityComplaint(certificate: CertificateFacts): string | undefined {
  if (!certificate.isCa) return "is not a CA";
  if (certificate.keyUsage?.keyCertSign === false) return "is a CA that may not sign certificates";
  if (!certificate.uris.every(isReadableUri)) return "names a URI that go-spiffe does not read";
  return undefined;
}

function uriTrustDomains({ uris }: CertificateFacts): readonly string[] {
  const names = uris.flatMap((uri) => /^spiffe:\/\/([^/]*)/i.exec(uri)?.[1] ?? []);
  return [...new Set(names.filter((name) => trustDomainComplaint(name) === undefined))];
}

function warnAboutAuthority(certificate: CertificateFacts, place: AuthorityPlace): void {
  const { trustDomain, now, path, problems } = place;
  const name = quote(certificate.subject);
  if (now > certificate.notAfter) {
    const message = `The CA ${name} expired at ${certificate.notAfter.toISOString()}`;
    problems.warn("bundle/authority-expired", message, path);
  }
  if (now < certificate.notBefore) {
    const message = `The CA ${name} is not valid before ${certificate.notBefore.toISOString()}`;
    problems.warn("bundle/authority-not-yet-valid", message, path);
  }
  for (const other of uriTrustDomains(certificate).filter((other) => other !== trustDomain)) {
    const message = `The CA ${name} names the trust domain ${quote(other)}`;
    problems.warn("bundle/other-trust-domain", message, path);
  }
  for (const uri of certificate.uris.filter((uri) => uri.startsWith("spiffe://"))) {
    if (spiffeIdComplaint(uri) === undefined && uri.indexOf("/", 9) < 0) continue;
    const message = `The SPIFFE ID ${quote(uri)} of the CA ${name} is not that of a trust domain`;
    problems.warn("bundle/authority-id", message, path);
  }
  if (certificate.hasNameConstraints || certificate.unknownCritical.length > 0) {
    const message = `The CA ${name} carries constraints; SVIDs under it are refused here`;
    problems.warn("bundle/authority-constraints", message, path);
  }
  warnAboutSize(certificate.jwk, { path, problems });
}

function warnAboutSize(
  key: Readonly<Record<string, string>>,
  { path, problems }: Pick<AuthorityPlace, "path" | "problems">,
): void {
  const bits = Math.floor((key["n"]?.length ?? Infinity) * 6 / 8) * 8;
  if (bits >= 2048) return;
  problems.warn("bundle/weak-key", `The RSA key has ${bits} bits, fewer than 2048`, path);
}
