/**
 * How the difference between two bundles looks (`bundle diff`).
 *
 * @module
 */
import type { AuthorityName } from "../../spiffe/model.ts";
import { printable } from "../printable.ts";
import type { BundleChangeResult } from "../result.ts";
import { paragraph } from "./paragraph.ts";
import { renderProblems } from "./problems.ts";

const SENTENCES: Readonly<Record<BundleChangeResult["change"], string>> = {
  "same": "Nothing changed.",
  "added": "Authorities were added.",
  "removed": "Authorities were removed.",
  "rotated": "Authorities were rotated.",
  "metadata-only": "The authorities are the same; sequence or refresh hint differ.",
  "rolled-back": "The new bundle is older than the old one.",
  "disjoint": "No X.509 authority is in both: nothing connects the new bundle with the old one.",
  "revoked-all": "The new bundle holds no authority: every SVID of the trust domain is revoked.",
};

const ADVICE: Readonly<Record<BundleChangeResult["advice"], string>> = {
  nothing: "Nothing to do.",
  apply: "It may be applied.",
  confirm: "Confirm it with whoever runs the trust domain before it is applied.",
};

/** What changed, what to make of it, and each authority with a sign before it. */
export function renderBundleChange(result: BundleChangeResult, columns: number): string {
  const { change, advice, sequence, added, removed, kept, problems } = result;
  return [
    paragraph(`${change}: ${SENTENCES[change]} ${ADVICE[advice]}`, "", columns) +
    `sequence ${sequence.old ?? "unknown"} → ${sequence.new ?? "unknown"}\n`,
    [
      ...removed.map((name) => renderName("-", name)),
      ...added.map((name) => renderName("+", name)),
      ...kept.map((name) => renderName(" ", name)),
    ].join(""),
    renderProblems(problems, { columns }),
  ].filter(Boolean).join("\n");
}

function renderName(sign: string, name: AuthorityName): string {
  return name.use === "x509-svid"
    ? `${sign} X.509  ${name.sha256}\n`
    : `${sign} JWT    ${printable(name.kid, 64)}\n`;
}
