/**
 * The words of SPIFFE: names, bundles, SVIDs. Everything here is pure.
 *
 * @module
 */
export * from "./model.ts";
export { bundleFromPem } from "./bundle_from_pem.ts";
export { certificateFacts, sha256Hex } from "./certificate.ts";
export type { CertificateFacts } from "./certificate.ts";
export { compareBundles } from "./compare_bundles.ts";
export { normalizeFingerprint } from "./fingerprint.ts";
export { MAX_BUNDLE_BYTES, parseBundle } from "./parse_bundle.ts";
export { derToPem, pemCertificates } from "./pem.ts";
export type { PemCertificate } from "./pem.ts";
export { printBundle } from "./print_bundle.ts";
export { parseSpiffeId, pathOf, trustDomainOf } from "./spiffe_id.ts";
export { parseTrustDomain } from "./trust_domain.ts";
export { verifySvid } from "./verify_svid.ts";
