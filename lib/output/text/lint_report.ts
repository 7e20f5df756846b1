/**
 * How the judgement of ClusterFederatedTrustDomains looks (`cfdt lint`).
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { LintReportResult } from "../result.ts";
import { counted } from "./paragraph.ts";
import { renderProblems } from "./problems.ts";

/** A line an object, its problems under it, and the count. */
export function renderLintReport({ items }: LintReportResult, columns: number): string {
  if (items.length === 0) return "No ClusterFederatedTrustDomain in the input.\n";
  const bad = items.filter(({ ok }) => !ok).length;
  const lines = items.map(({ name, trustDomain, ok, problems }) => {
    const shown = name === "" ? "(no name)" : printable(name, 255);
    const domain = trustDomain === name || trustDomain === ""
      ? ""
      : `  ${printable(trustDomain, 255)}`;
    return `${ok ? "✓" : "✗"} ${shown}${domain}\n` +
      renderProblems(problems, { indent: "    ", columns });
  });
  const verdict = bad === 0 ? "all ok" : `${bad} not ok`;
  return `${lines.join("")}${counted(items.length, "object")}, ${verdict}\n`;
}
