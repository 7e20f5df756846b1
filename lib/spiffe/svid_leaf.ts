/**
 * What makes a certificate an X.509-SVID that may authenticate somebody.
 *
 * @module
 */
import type { CertificateFacts } from "./certificate.ts";
import type { SpiffeId, SvidExpectations } from "./model.ts";
import type { Problems } from "./problems.ts";
import { quote } from "./quote.ts";
import { pathOf, spiffeIdComplaint, trustDomainOf } from "./spiffe_id.ts";

const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE = "2.5.29.37.0";

/** Where the leaf stands in a chain, as a JSON Pointer. */
const LEAF = "/0";

/** Reads the SPIFFE ID of a leaf (X509-SVID, section 2): its one URI. */
export function leafId({ uris }: CertificateFacts, problems: Problems): SpiffeId | undefined {
  const [uri, ...more] = uris;
  if (uri === undefined || more.length > 0) {
    problems.error("svid/uri", `The leaf must have one URI, not ${uris.length}`, LEAF);
    return undefined;
  }
  const complaint = spiffeIdComplaint(uri);
  if (complaint === undefined) return uri as SpiffeId;
  problems.error("svid/id", `The leaf's URI ${quote(uri)} is not a SPIFFE ID: ${complaint}`, LEAF);
  return undefined;
}

/** Judges whose ID it is (X509-SVID, sections 3.1 and 5.2). */
export function judgeId(
  id: SpiffeId,
  { trustDomain, expectedId }: SvidExpectations,
  problems: Problems,
): void {
  if (pathOf(id) === "") {
    problems.error("svid/id-without-path", `The ID ${quote(id)} is that of a trust domain`, LEAF);
  }
  if (trustDomainOf(id) !== trustDomain) {
    const message = `The ID ${quote(id)} is not in the trust domain ${trustDomain}`;
    problems.error("svid/other-trust-domain", message, LEAF);
  }
  if (expectedId !== undefined && id !== expectedId) {
    const message = `The ID is ${quote(id)}, not ${quote(expectedId)}`;
    problems.error("svid/other-id", message, LEAF);
  }
}

/** Judges what the leaf may be used for (X509-SVID, sections 4 and 5.2). */
export function judgeLeaf(leaf: CertificateFacts, problems: Problems): void {
  const { keyUsage } = leaf;
  if (leaf.isCa) problems.error("svid/leaf-is-ca", "The leaf is a CA", LEAF);
  if (keyUsage?.digitalSignature !== true) {
    problems.error("svid/key-usage", "The leaf's key usage lacks digitalSignature", LEAF);
  }
  if (keyUsage?.keyCertSign === true || keyUsage?.cRLSign === true) {
    problems.error("svid/key-usage", "The leaf may sign certificates or revocation lists", LEAF);
  }
  if (keyUsage?.isCritical === false) {
    problems.warn("svid/key-usage", "The leaf's key usage is not marked critical", LEAF);
  }
  if (!mayAuthenticate(leaf.extendedKeyUsage)) {
    const message =
      "The leaf's extended key usage must allow both server and client authentication";
    problems.error("svid/extended-key-usage", message, LEAF);
  }
}

/** X509-SVID, section 4.4: when it is there, both purposes must be. */
function mayAuthenticate(purposes: readonly string[] | undefined): boolean {
  if (purposes === undefined || purposes.includes(ANY_PURPOSE)) return true;
  return purposes.includes(SERVER_AUTHENTICATION) && purposes.includes(CLIENT_AUTHENTICATION);
}
