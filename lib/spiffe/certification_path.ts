/**
 * The way from a leaf to an authority (RFC 5280, section 6).
 *
 * @module
 */
import { type CertificateFacts, equalBytes } from "./certificate.ts";
import { isReadableUri } from "./certificate_uri.ts";
import type { Problem } from "./model.ts";
import { quote } from "./quote.ts";
import { isSignedBy, keyComplaint, signatureComplaint } from "./signature.ts";
import { spiffeIdComplaint } from "./spiffe_id.ts";

/** A certificate and where it came from, for messages. */
export interface Candidate {
  readonly certificate: CertificateFacts;
  /** JSON Pointer into the chain; empty for an authority of the bundle. */
  readonly path: string;
}

/** The path found, leaf first and authority last, or the reasons why there is none. */
export type PathFinding =
  | { readonly path: readonly Candidate[]; readonly problems?: undefined }
  | { readonly problems: readonly Problem[]; readonly path?: undefined };

interface Search {
  readonly intermediates: readonly Candidate[];
  readonly authorities: readonly Candidate[];
  readonly now: Date;
  /** Why ways that looked possible were not. */
  readonly complaints: Problem[];
  /** Signatures that may still be tried; a hostile chain must not cost more. */
  budget: number;
}

/** As many signatures as are tried at most, however the certificates name each other. */
const MAX_SIGNATURES = 100;

/** Finds a path from the leaf to one of the authorities, each link of it good at `now`. */
export function findPath(
  leaf: Candidate,
  { intermediates, authorities, now }: Pick<Search, "intermediates" | "authorities" | "now">,
): PathFinding {
  const search = { intermediates, authorities, now, complaints: [], budget: MAX_SIGNATURES };
  const path = extend([leaf], search);
  if (path !== undefined) return { path };
  if (search.complaints.length > 0) return { problems: search.complaints };
  const message = `No authority of the bundle stands behind ${quote(leaf.certificate.subject)}` +
    ` (issuer ${quote(leaf.certificate.issuer)})`;
  return { problems: [{ severity: "error", code: "svid/untrusted", message, path: leaf.path }] };
}

function extend(path: readonly Candidate[], search: Search): readonly Candidate[] | undefined {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  for (const authority of search.authorities) {
    if (isLink(path, authority, search)) return [...path, authority];
  }
  for (const issuer of search.intermediates) {
    const isUsed = path.some(({ certificate }) => certificate.sha256 === issuer.certificate.sha256);
    if (isUsed || !isLink(path, issuer, search)) continue;
    const found = extend([...path, issuer], search);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether `issuer` issued the last certificate of `path`, and was allowed to. */
function isLink(path: readonly Candidate[], issuer: Candidate, search: Search): boolean {
  const last = path.at(-1);
  if (last === undefined) return false;
  if (!equalBytes(last.certificate.issuerDer, issuer.certificate.subjectDer)) return false;
  const problem = issuerProblem(issuer, path.length - 1, search.now);
  if (problem !== undefined) {
    search.complaints.push(problem);
    return false;
  }
  if (search.budget-- <= 0) return false;
  if (isSignedBy(last.certificate, issuer.certificate)) return true;
  const message =
    `The signature on ${quote(last.certificate.subject)} was not made by the key of ` +
    `${quote(issuer.certificate.subject)}`;
  search.complaints.push({
    severity: "error",
    code: "svid/signature",
    message,
    path: last.path,
  });
  return false;
}

function issuerProblem(
  { certificate, path }: Candidate,
  intermediates: number,
  now: Date,
): Problem | undefined {
  const [code, complaint] = caComplaint(certificate, intermediates) ??
    validityComplaint(certificate, now) ??
    oddityComplaint(certificate, { isAnchor: path === "" }) ?? [];
  if (code === undefined || complaint === undefined) return undefined;
  const message = `The CA ${quote(certificate.subject)} ${complaint}`;
  return { severity: "error", code, message, path };
}

/** A code and what is wrong. */
export type Complaint = readonly [code: string, complaint: string];

/** Self-issued CAs count too: RFC 5280 leaves them out, Go's verifiers do not. */
function caComplaint(certificate: CertificateFacts, intermediates: number): Complaint | undefined {
  const { isCa, keyUsage, pathLength, uris } = certificate;
  if (!isCa) return ["svid/issuer-not-ca", "is not a CA"];
  if (keyUsage?.keyCertSign === false) {
    return ["svid/issuer-key-usage", "may not sign certificates"];
  }
  if (pathLength !== undefined && intermediates > pathLength) {
    return ["svid/path-length", `allows ${pathLength} CAs below it, not ${intermediates}`];
  }
  // X509-SVID, 3.2: the ID of a signing certificate has no path.
  const hasPath = (uri: string): boolean =>
    spiffeIdComplaint(uri) !== undefined || uri.indexOf("/", 9) >= 0;
  return uris.filter((uri) => uri.startsWith("spiffe://")).some(hasPath)
    ? ["svid/issuer-id", "has a SPIFFE ID that is not that of a trust domain"]
    : undefined;
}

/** Whether a certificate is used in its time. */
export function validityComplaint(
  { notBefore, notAfter }: CertificateFacts,
  now: Date,
): Complaint | undefined {
  if (now < notBefore) {
    return ["svid/not-yet-valid", `is not valid before ${notBefore.toISOString()}`];
  }
  return now > notAfter ? ["svid/expired", `expired at ${notAfter.toISOString()}`] : undefined;
}

/**
 * What this verifier does not understand, and algorithms that prove nothing. An authority
 * of the bundle is trusted for being there: nobody relies on the signature on it.
 */
export function oddityComplaint(
  certificate: CertificateFacts,
  { isAnchor = false } = {},
): Complaint | undefined {
  const [unknown] = certificate.unknownCritical;
  if (unknown !== undefined) {
    return ["svid/critical-extension", `has the critical extension ${unknown}, which is unknown`];
  }
  if (certificate.hasNameConstraints) {
    return ["svid/name-constraints", "has name constraints, which are not judged here"];
  }
  if (!certificate.uris.every(isReadableUri)) {
    return ["svid/uri", "has a URI that Go's verifiers do not read"];
  }
  const complaint = keyComplaint(certificate) ??
    (isAnchor ? undefined : signatureComplaint(certificate));
  return complaint === undefined ? undefined : ["svid/algorithm", complaint];
}
