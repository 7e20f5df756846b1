/**
 * Certificates, spoilt element by element.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { type CertificateFacts, readCertificate } from "../../lib/spiffe/certificate.ts";
import { isReadableUri } from "../../lib/spiffe/certificate_uri.ts";
import { spoilDer } from "./der_mutations.ts";
import { Dice } from "./dice.ts";
import type { Answer } from "./reference.ts";
import type { Case } from "./suite.ts";
import { someCertificates } from "./svid_suite.ts";

/** Seeded certificates. */
export async function certificateCases(count: number, seed: number): Promise<readonly Case[]> {
  const dice = new Dice(seed);
  const originals = await someCertificates();
  const cases = originals.map(certificateCase);
  while (cases.length < count) cases.push(certificateCase(spoilDer(dice.pick(originals), dice)));
  return cases;
}

function certificateCase(bytes: Uint8Array): Case {
  const { certificate, complaint } = readCertificate(bytes);
  return {
    question: { kind: "certificate", bytes },
    part: "crypto/x509",
    refusal: complaint?.replace(/ \([0-9.]+\)/, "") ?? uriRefusal(certificate),
    contradictions: (answer) =>
      certificate === undefined ? [] : contradictions(certificate, answer),
  };
}

/** Go judges URIs when it reads a certificate, lib/spiffe where it relies on one. */
function uriRefusal(certificate: CertificateFacts | undefined): string | undefined {
  return certificate?.uris.every(isReadableUri) ? undefined : "A URI is odd";
}

function contradictions(certificate: CertificateFacts, answer: Answer): readonly string[] {
  const ours = {
    sha256: certificate.sha256,
    serial: certificate.serial.replace(/^0+(?=.)/, ""),
    notBefore: certificate.notBefore.toISOString().replace(".000", ""),
    notAfter: certificate.notAfter.toISOString().replace(".000", ""),
    isCa: certificate.isCa,
    uris: certificate.uris,
    ski: certificate.subjectKeyId?.toHex() ?? "",
  };
  const theirs = answer["crypto/x509"]?.facts;
  if (isDeepStrictEqual(theirs, ours)) return [];
  return [`crypto/x509 finds ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`];
}
