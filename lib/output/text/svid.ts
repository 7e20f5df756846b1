/**
 * How a certificate chain looks (`svid show`).
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { SvidResult } from "../result.ts";
import { paragraph } from "./paragraph.ts";
import { renderProblems } from "./problems.ts";

/** Whose it is, whether it is vouched for, each certificate, and what is wrong. */
export function renderSvid(result: SvidResult, columns: number): string {
  const { spiffeId, serial, notBefore, notAfter, chain, problems } = result;
  return [
    paragraph(spiffeId === null ? "No SPIFFE ID" : printable(spiffeId, 2048), "", columns) +
    `${verdict(result)}\n` +
    `serial ${printable(serial, 64)}, ${notBefore} until ${notAfter}\n`,
    chain.map(renderCertificate).join(""),
    renderProblems(problems, { columns }),
  ].filter(Boolean).join("\n");
}

function verdict({ vouched, trustDomain }: SvidResult): string {
  if (vouched === null) return "not judged: no bundle was given";
  return vouched
    ? `the bundle of ${printable(trustDomain ?? "")} vouches for it`
    : "the bundle does not vouch for it";
}

function renderCertificate(
  { sha256, subject, issuer, notBefore, notAfter }: SvidResult["chain"][number],
  at: number,
): string {
  return `${String(at).padEnd(2)} ${sha256}\n` +
    `   ${subject === "" ? "no subject" : printable(subject, 76)}\n` +
    `   issued by ${printable(issuer, 66)}\n` +
    `   ${notBefore} until ${notAfter}\n`;
}
