/**
 * How a test of mutual TLS looks: what it makes, then a block a direction.
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { MtlsReportResult } from "../result.ts";
import { renderCheckReport } from "./check_report.ts";
import { paragraph } from "./paragraph.ts";

/** What will be made, before it is. */
export function renderMtlsPlan(
  lines: readonly { readonly subject: string; readonly objects: string }[],
  columns: number,
): string {
  return "Makes, and removes at the end:\n" +
    lines.map(({ subject, objects }) =>
      `  ${printable(subject, 200)}\n${paragraph(printable(objects), "    ", columns)}`
    ).join("");
}

/** The report; what got through stands above everything else. */
export function renderMtlsReport(report: MtlsReportResult, columns: number): string {
  if (report.directions.length === 0) return "A dry run: nothing was made, nothing is proven\n";
  return [
    ...report.directions.flatMap((direction) => alarm(direction)),
    renderCheckReport({ ...report, kind: "CheckReport" }, columns),
    ...report.directions.map((direction) => verdict(direction)),
  ].join("");
}

function alarm(
  { caller, server, breaches }: MtlsReportResult["directions"][number],
): readonly string[] {
  if (breaches.length === 0) return [];
  const bar = "!".repeat(72);
  const what = breaches.map((name) => `!!  ${name}\n`).join("");
  return [
    `${bar}\n!!  ${shown(caller.cluster)} → ${
      shown(server.cluster)
    }: WHAT MUST BE REFUSED GOT THROUGH\n${what}${bar}\n`,
  ];
}

function verdict(
  { caller, server, passed, breaches, existing }: MtlsReportResult["directions"][number],
): string {
  const good = existing === null
    ? "passed"
    : "passed, from outside: its application was asked nothing";
  const state = breaches.length > 0 ? "BROKEN" : passed ? good : "failed";
  return `${shown(caller.cluster)} → ${shown(server.cluster)}: ${state}\n`;
}

function shown(text: string): string {
  return printable(text, 120);
}
