/**
 * Deciding about X.509-SVIDs.
 *
 * @module
 */
import { type CertificateFacts, readCertificate } from "./certificate.ts";
import {
  type Candidate,
  findPath,
  oddityComplaint,
  validityComplaint,
} from "./certification_path.ts";
import type { SvidExpectations, SvidVerdict } from "./model.ts";
import { Problems } from "./problems.ts";
import { quote } from "./quote.ts";
import { judgeId, judgeLeaf, leafId } from "./svid_leaf.ts";
import { spiffeIdComplaint } from "./spiffe_id.ts";

/** More certificates than any chain of SPIRE's has. */
const MAX_CHAIN = 10;

/**
 * Decides whether a chain, leaf first, is an X.509-SVID that the bundle vouches
 * for (X509-SVID, sections 2 to 5; RFC 5280, section 6). It is when `problems`
 * holds no error.
 *
 * The leaf needs one URI, a SPIFFE ID with a path, the usages of section 4, and
 * a path of valid CAs to an authority of this bundle. The intermediates may come
 * in any order and among others. What is not understood is refused: name
 * constraints, unknown critical extensions, SHA-1, RSA keys under 2048 bits.
 *
 * Never throws, whatever the bytes; the private key is not its business.
 */
export function verifySvid(
  chain: readonly Uint8Array[],
  expectations: SvidExpectations,
): SvidVerdict {
  const problems = new Problems();
  const [leaf, ...intermediates] = readChain(chain, problems);
  if (leaf === undefined) return { id: undefined, problems: problems.found };
  if (expectations.bundle.trustDomain !== expectations.trustDomain) {
    const message = `The bundle is that of ${expectations.bundle.trustDomain}`;
    problems.error("svid/other-bundle", message, "");
  }
  const id = leafId(leaf.certificate, problems);
  if (id !== undefined) judgeId(id, expectations, problems);
  judgeLeaf(leaf.certificate, problems);
  judgeOddities(leaf, expectations.now, problems);
  judgePath(leaf, { intermediates, expectations, problems });
  return { id, problems: problems.found };
}

/** Answers nothing unless every certificate could be read. */
function readChain(chain: readonly Uint8Array[], problems: Problems): readonly Candidate[] {
  if (chain.length === 0) problems.error("svid/no-certificate", "There is no certificate", "");
  if (chain.length > MAX_CHAIN) {
    const message = `The chain has ${chain.length} certificates, more than ${MAX_CHAIN}`;
    problems.error("svid/too-long", message, "");
    return [];
  }
  const candidates = chain.flatMap((der, at): Candidate[] => {
    const { certificate, complaint } = readCertificate(der);
    if (certificate !== undefined) return [{ certificate, path: `/${at}` }];
    problems.error("svid/malformed", complaint, `/${at}`);
    return [];
  });
  return problems.hasError ? [] : candidates;
}

function judgeOddities({ certificate, path }: Candidate, now: Date, problems: Problems): void {
  for (const found of [validityComplaint(certificate, now), oddityComplaint(certificate)]) {
    if (found !== undefined) problems.error(found[0], `The leaf ${found[1]}`, path);
  }
}

function judgePath(
  leaf: Candidate,
  { intermediates, expectations, problems }: {
    readonly intermediates: readonly Candidate[];
    readonly expectations: SvidExpectations;
    readonly problems: Problems;
  },
): void {
  const { bundle, now } = expectations;
  const finding = findPath(leaf, { intermediates, authorities: authorities(bundle), now });
  if (finding.path === undefined) {
    for (const { code, message, path } of finding.problems) problems.error(code, message, path);
    return;
  }
  const used = new Set(finding.path.map(({ certificate }) => certificate.sha256));
  for (const { certificate, path } of intermediates) {
    if (used.has(certificate.sha256)) warnAboutId(certificate, { path, expectations, problems });
    else problems.warn("svid/extra-certificate", "The certificate is of no use in the chain", path);
  }
}

/** X509-SVID, 3.2: a signing certificate's ID should be in the trust domain it signs for. */
function warnAboutId(
  { uris, subject }: CertificateFacts,
  { path, expectations, problems }: {
    readonly path: string;
    readonly expectations: SvidExpectations;
    readonly problems: Problems;
  },
): void {
  const own = `spiffe://${expectations.trustDomain}`;
  for (const uri of uris) {
    if (uri === own || spiffeIdComplaint(uri) !== undefined) continue;
    const message = `The CA ${quote(subject)} is of another trust domain: ${quote(uri)}`;
    problems.warn("svid/issuer-trust-domain", message, path);
  }
}

/** Only what parses can be an authority; a bundle that was read here holds nothing else. */
function authorities({ x509Authorities }: SvidExpectations["bundle"]): readonly Candidate[] {
  return x509Authorities.flatMap(({ der }) => {
    const { certificate } = readCertificate(der);
    return certificate === undefined ? [] : [{ certificate, path: "" }];
  });
}
