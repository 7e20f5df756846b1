/**
 * Who an https_spiffe endpoint is (SPIFFE Federation, section 5.2.2; X509-SVID,
 * sections 4 and 5): an SVID with one exact ID, under the authorities given and
 * no others.
 *
 * @module
 */
import { printable } from "../output/printable.ts";
import { certificateAuthority } from "../spiffe/authorities.ts";
import { type CertificateFacts, certificateFacts, readCertificate } from "../spiffe/certificate.ts";
import type { Bundle, TrustDomain } from "../spiffe/model.ts";
import { Problems } from "../spiffe/problems.ts";
import { parseSpiffeId, trustDomainOf } from "../spiffe/spiffe_id.ts";
import { verifySvid } from "../spiffe/verify_svid.ts";
import type { EndpointDiagnosis, EndpointProfile } from "./endpoint.ts";

/** What an https_spiffe endpoint is judged by. */
export type SvidProfile = Extract<EndpointProfile, { readonly type: "https_spiffe" }>;

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE = "2.5.29.37.0";

const OTHER_PARTY_REMEDY = "Make the route passthrough (oc get route spire-server -o " +
  "jsonpath='{.spec.tls.termination}'), and lead around proxies that inspect TLS";
const OTHER_ID_REMEDY = "Check the endpoint's URL and the SPIFFE ID that is declared for it";
const TIME_REMEDY = "Check the clock here; if it is right, look at the log of the SPIRE server: " +
  "it renews its SVID every half hour";
const MISISSUED_REMEDY = "Have the SPIRE server of that trust domain serve its own X.509-SVID";

/**
 * Judges the certificates that a server sent, and answers what is wrong with them first.
 * `undefined` means that this is the endpoint.
 */
export function judgeChain(
  chain: readonly Uint8Array[],
  { profile, now }: { readonly profile: SvidProfile; readonly now: Date },
): EndpointDiagnosis | undefined {
  const [leaf] = chain;
  if (leaf === undefined) {
    return finding("no_certificate", "it shows no certificate", OTHER_PARTY_REMEDY);
  }
  const { certificate, complaint } = readCertificate(leaf);
  if (certificate === undefined) return finding("malformed", complaint, MISISSUED_REMEDY);
  return judgeProfile(certificate) ?? judgeTime(certificate, now) ??
    judgeTrust(chain, { certificate, profile, now }) ?? judgeId(certificate, profile);
}

/** Judges all of a leaf but its signature and its time: what no TLS library looks at. */
export function judgeLeaf(leaf: Uint8Array, profile: SvidProfile): EndpointDiagnosis | undefined {
  const { certificate, complaint } = readCertificate(leaf);
  if (certificate === undefined) return finding("malformed", complaint, MISISSUED_REMEDY);
  return judgeProfile(certificate) ?? judgeId(certificate, profile);
}

/** Whether a certificate is valid at a time; the text names the time it was judged by. */
export function judgeTime(
  { notBefore, notAfter }: Pick<CertificateFacts, "notBefore" | "notAfter">,
  now: Date,
): EndpointDiagnosis | undefined {
  const clock = `the clock here says ${iso(now)}`;
  if (now < notBefore) {
    return finding(
      "not_yet_valid",
      `its certificate begins at ${iso(notBefore)}; ${clock}`,
      TIME_REMEDY,
    );
  }
  if (now > notAfter) {
    return finding("expired", `its certificate ended at ${iso(notAfter)}; ${clock}`, TIME_REMEDY);
  }
  return undefined;
}

/** RFC 3339, UTC, whole seconds. */
export function iso(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

function judgeProfile(leaf: CertificateFacts): EndpointDiagnosis | undefined {
  const { uris, isCa, keyUsage, extendedKeyUsage: purposes } = leaf;
  if (uris.length === 0) {
    const detail = "its certificate carries no SPIFFE ID, so this is not the SPIRE server but a " +
      "router or proxy that ends TLS before it";
    return finding("no_uri_san", detail, OTHER_PARTY_REMEDY);
  }
  if (uris.length > 1) {
    const detail = `its certificate carries ${uris.length} URIs where an SVID has one`;
    return finding("uri_san", detail, MISISSUED_REMEDY);
  }
  if (isCa) return finding("leaf_ca", "its certificate is a CA, not an SVID", MISISSUED_REMEDY);
  if (!keyUsage?.digitalSignature || keyUsage.keyCertSign || keyUsage.cRLSign) {
    const detail = "its certificate's key usage is not that of an SVID: digitalSignature, " +
      "and neither keyCertSign nor cRLSign";
    return finding("key_usage", detail, MISISSUED_REMEDY);
  }
  if (purposes && !purposes.includes(SERVER_AUTH) && !purposes.includes(ANY_PURPOSE)) {
    const detail = "its certificate is not for servers: extended key usage lacks serverAuth";
    return finding("eku", detail, MISISSUED_REMEDY);
  }
  return undefined;
}

function judgeTrust(
  chain: readonly Uint8Array[],
  { certificate, profile, now }: {
    readonly certificate: CertificateFacts;
    readonly profile: SvidProfile;
    readonly now: Date;
  },
): EndpointDiagnosis | undefined {
  const trustDomain = trustDomainOf(parseSpiffeId(profile.endpointSPIFFEID));
  const bundle = bundleOf(profile.authorities, { trustDomain, now });
  const { problems } = verifySvid([...chain], { bundle, trustDomain, now });
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem === undefined) return undefined;
  const [shown = ""] = certificate.uris;
  const detail = `it shows ${printable(shown, 300)}, for which the ${trustDomain} authorities ` +
    `known here do not vouch: ${printable(problem.message, 300)}`;
  return finding(
    "untrusted",
    detail,
    "Compare the roots known here with those of the peer's API: " +
      "oc spirefed bundle fetch --context PEER",
  );
}

function judgeId(leaf: CertificateFacts, profile: SvidProfile): EndpointDiagnosis | undefined {
  const [shown] = leaf.uris;
  if (shown === profile.endpointSPIFFEID) return undefined;
  const detail = `it is ${printable(shown ?? "nobody", 300)}, not ${profile.endpointSPIFFEID}`;
  return finding("id_mismatch", detail, OTHER_ID_REMEDY);
}

function finding(problem: string, detail: string, remedy?: string): EndpointDiagnosis {
  return { problem, detail, remedy };
}

/** The bundle that vouches: the authorities given, of the trust domain of the endpoint's ID. */
function bundleOf(
  authorities: readonly Uint8Array[],
  { trustDomain, now }: { readonly trustDomain: TrustDomain; readonly now: Date },
): Bundle {
  return {
    trustDomain,
    x509Authorities: authorities.flatMap((der) => {
      const place = { trustDomain, now, path: "", problems: new Problems() };
      return certificateAuthority(certificateFacts(der), place) ?? [];
    }),
    jwtAuthorities: [],
    sequence: undefined,
    refreshHint: undefined,
  };
}

/** A certificate as TLS options take it. */
export function pemOf(der: Uint8Array): string {
  const lines = der.toBase64().replace(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
