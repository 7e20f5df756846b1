/**
 * How the verdict on a bundle looks (`bundle verify`).
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { BundleVerdictResult, X509AuthorityReport } from "../result.ts";
import { counted } from "./paragraph.ts";
import { renderProblems } from "./problems.ts";

/** The verdict, what the bundle holds, and what is wrong with it. */
export function renderBundleVerdict(result: BundleVerdictResult, columns: number): string {
  const { x509Authorities, jwtAuthorities, problems } = result;
  const authorities = [
    ...x509Authorities.map(renderX509),
    ...jwtAuthorities.map(({ kid, kty }) =>
      `JWT    ${printable(kid, 64)} (${printable(kty, 16)})\n`
    ),
  ];
  return [
    `${printable(result.trustDomain)}: ${verdict(result)}\n`,
    `${facts(result)}\n`,
    authorities.join(""),
    renderProblems(problems, { columns }),
  ].filter(Boolean).join("\n");
}

function verdict({ installs, refreshes }: BundleVerdictResult): string {
  if (installs && refreshes) return "installs, and refreshes";
  if (installs) return "installs, but will not refresh: SPIRE refuses it when polling";
  return `does not install${refreshes ? ", though SPIRE would take it when polling" : ""}`;
}

function facts(result: BundleVerdictResult): string {
  const { sequence, refreshHint, x509Authorities, jwtAuthorities } = result;
  return [
    counted(x509Authorities.length, "X.509 authority", "X.509 authorities"),
    counted(jwtAuthorities.length, "JWT authority", "JWT authorities"),
    sequence === null ? "no sequence" : `sequence ${sequence}`,
    refreshHint === null ? "no refresh hint" : `refresh hint ${refreshHint} s`,
  ].join(", ");
}

function renderX509({ sha256, ski, subject, notBefore, notAfter }: X509AuthorityReport): string {
  const name = subject === "" ? "no subject" : printable(subject, 72);
  return `X.509  ${sha256}\n` +
    `       ${name}\n` +
    (ski === null ? "" : `       key ID ${ski}\n`) +
    `       ${notBefore} until ${notAfter}\n`;
}
