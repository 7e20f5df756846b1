/**
 * Bundles from plain lists of roots.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { certificateAuthority } from "./authorities.ts";
import { readCertificate } from "./certificate.ts";
import { judgeBundle, sortedBundle } from "./judge_bundle.ts";
import type { ParsedBundle, X509Authority } from "./model.ts";
import { type BundleReading, MAX_BUNDLE_BYTES, MAX_KEYS } from "./parse_bundle.ts";
import { type PemCertificate, pemCertificates } from "./pem.ts";
import { Problems } from "./problems.ts";

/**
 * Makes a bundle of X.509 roots in PEM, such as the ConfigMap `spire-bundle`
 * holds. It has neither JWT authorities nor a sequence nor a refresh hint. A
 * problem's path is the number of the certificate, from `/0`.
 */
export function bundleFromPem(bytes: Uint8Array, reading: BundleReading): ParsedBundle {
  const problems = new Problems();
  const found = new Map<string, X509Authority>();
  for (const [at, { der }] of readBlocks(bytes, problems).entries()) {
    const path = `/${at}`;
    const { certificate, complaint } = readCertificate(der);
    if (certificate === undefined) {
      problems.error("bundle/certificate", complaint, path);
      continue;
    }
    const authority = certificateAuthority(certificate, { ...reading, path, problems });
    if (authority !== undefined) found.set(authority.sha256, authority);
  }
  if (problems.hasError) {
    const verdict = { installs: false, refreshes: false };
    return { bundle: undefined, verdict, problems: problems.found };
  }
  const bundle = sortedBundle({
    trustDomain: reading.trustDomain,
    x509Authorities: [...found.values()],
    jwtAuthorities: [],
    sequence: undefined,
    refreshHint: undefined,
  });
  return judgeBundle(bundle, { now: reading.now, refreshes: true, problems });
}

function readBlocks(bytes: Uint8Array, problems: Problems): readonly PemCertificate[] {
  if (bytes.length > MAX_BUNDLE_BYTES) {
    problems.error("bundle/too-large", `More than ${MAX_BUNDLE_BYTES} bytes`, "");
    return [];
  }
  try {
    const blocks = pemCertificates(bytes);
    if (blocks.length <= MAX_KEYS) return blocks;
    problems.error("bundle/too-many-keys", `${blocks.length} roots, more than ${MAX_KEYS}`, "");
    return [];
  } catch (error) {
    if (!(error instanceof SpirefedError)) throw error;
    problems.error(error.code ?? "pem/malformed", error.message, "");
    return [];
  }
}
