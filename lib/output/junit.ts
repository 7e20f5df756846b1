/**
 * Checks as JUnit XML, for CI systems: a suite a subject, a case a check.
 *
 * @module
 */
import { count } from "../check/settle.ts";
import type { Finding } from "../check/check.ts";
import { printable } from "./printable.ts";
import type { CheckReportResult } from "./result.ts";

/**
 * One `<testsuites>` document in the form that JUnit readers agree on. Warnings are cases
 * that passed and say so on `<system-out>`: the form knows no third verdict.
 */
export function renderJunit(
  { command, findings }: Pick<CheckReportResult, "command" | "findings">,
): string {
  const suites = [...Map.groupBy(findings, ({ subject }) => subject)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${attribute(`oc-spirefed ${command}`)}" ${counts(findings)}>`,
    ...suites.flatMap(([subject, own]) => [
      `  <testsuite name="${attribute(subject)}" ${counts(own)}>`,
      ...own.flatMap((finding) => testCase(finding)),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
}

function counts(findings: readonly Finding[]): string {
  return `tests="${findings.length}" failures="${count(findings, "fail")}" errors="0" skipped="${
    count(findings, "skip")
  }"`;
}

function testCase({ id, title, subject, outcome }: Finding): readonly string[] {
  const head = `    <testcase classname="${attribute(subject)}" name="${
    attribute(`${id}: ${title}`)
  }"`;
  const said = outcome.detail === undefined ? "" : outcome.detail;
  switch (outcome.status) {
    case "pass":
      return said === "" ? [`${head}/>`] : within(head, `<system-out>${text(said)}</system-out>`);
    case "warn":
      return within(
        head,
        `<system-out>${text(`warning: ${said}; next: ${outcome.remedy}`)}</system-out>`,
      );
    case "fail":
      return within(
        head,
        `<failure message="${attribute(said)}">${text(`next: ${outcome.remedy}`)}</failure>`,
      );
    case "skip":
      return within(head, `<skipped message="${attribute(said)}"/>`);
  }
}

function within(head: string, body: string): readonly string[] {
  return [`${head}>`, `      ${body}`, "    </testcase>"];
}

function attribute(value: string): string {
  return text(value).replaceAll('"', "&quot;");
}

/** No control character reaches XML 1.0, which has no way to write most of them. */
function text(value: string): string {
  return printable(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
