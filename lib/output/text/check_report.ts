/**
 * How findings look: a block a subject, the worst first, what passed in one line.
 *
 * @module
 */
import type { Finding } from "../../check/check.ts";
import { count } from "../../check/settle.ts";
import { printable } from "../printable.ts";
import type { CheckReportResult } from "../result.ts";
import { counted, hanging, NO_CLUSTER, paragraph } from "./paragraph.ts";

const MARKS = { pass: "✓", warn: "!", fail: "✗", skip: "-" } as const;
const RANKS = { fail: 0, warn: 1, pass: 2, skip: 3 } as const;

/** Beyond so many subjects only those of which there is something to say are told. */
const FULL_SUBJECTS = 12;

function isFine({ outcome, because }: Finding): boolean {
  return outcome.status === "pass" || (outcome.status === "skip" && because === undefined);
}

/** The whole report; ends with the count and the next command. */
export function renderCheckReport(report: CheckReportResult, columns: number): string {
  const { findings, next, brief = false } = report;
  const subjects = [...Map.groupBy(findings, ({ subject }) => subject)];
  const told = brief && subjects.length > FULL_SUBJECTS
    ? subjects.filter(([, own]) => !own.every(isFine))
    : subjects;
  const blocks = told.map(([subject, own]) =>
    `${printable(subject, 120)}\n${block(own, { all: findings, brief, columns })}`
  );
  if (told.length < subjects.length) {
    blocks.push(`  ✓ nothing to say of ${subjects.length - told.length} others\n`);
  }
  const remedy = findings.flatMap(({ outcome }) =>
    outcome.status === "fail" ? [outcome.remedy] : []
  );
  const after = remedy.at(0) ?? next;
  return [
    ...blocks,
    paragraph(summary(findings), "", columns),
    after === null ? "" : `Next: ${printable(after)}\n`,
  ].join("");
}

interface Layout {
  readonly all: readonly Finding[];
  /** Count what passed instead of telling it one by one. */
  readonly brief: boolean;
  readonly columns: number;
}

/** Consequences stand folded under their cause; they are counted there, not told one by one. */
function block(findings: readonly Finding[], { all, brief, columns }: Layout): string {
  const asked = findings.filter(({ because }) => because === undefined);
  const told = brief
    ? asked.filter(({ outcome }) => outcome.status === "fail" || outcome.status === "warn")
    : asked;
  return [
    ...told.toSorted((a, b) => RANKS[a.outcome.status] - RANKS[b.outcome.status])
      .map((finding) => line(finding, consequencesOf(finding, all).length, columns)),
    ...brief ? unanswered(asked, columns) : [],
    ...brief ? [passed(asked)] : [],
    causedElsewhere(findings, columns),
  ].join("");
}

/** In the same subject a cause is named by its id, in another with its subject in front. */
function consequencesOf({ id, subject }: Finding, all: readonly Finding[]): readonly Finding[] {
  return all.filter(({ because, subject: other }) =>
    because !== undefined &&
    ((because === id && other === subject) || because === `${subject}: ${id}`)
  );
}

function causedElsewhere(findings: readonly Finding[], columns: number): string {
  const causes = Map.groupBy(
    findings.filter(({ because }) => because?.includes(": ")),
    ({ because = "" }) => because,
  );
  return [...causes].map(([cause, own]) =>
    paragraph(
      `- ${counted(own.length, "check")} not asked: ${printable(cause)} comes first`,
      "  ",
      columns,
      "    ",
    )
  ).join("");
}

/** Questions without an answer, by the reason why. */
function unanswered(findings: readonly Finding[], columns: number): readonly string[] {
  const reasons = Map.groupBy(
    findings.filter(({ outcome }) => outcome.status === "skip"),
    ({ outcome }) => outcome.detail ?? "",
  );
  return [...reasons].map(([reason, own]) =>
    paragraph(
      `- ${own.length === 1 ? own[0]?.id : counted(own.length, "check")} skipped: ${
        printable(reason)
      }`,
      "  ",
      columns,
      "    ",
    )
  );
}

function passed(findings: readonly Finding[]): string {
  const count = findings.filter(({ outcome }) => outcome.status === "pass").length;
  return count === 0 ? "" : `  ✓ ${counted(count, "check")} passed\n`;
}

function line({ id, title, outcome }: Finding, folded: number, columns: number): string {
  const { status, detail } = outcome;
  const head = `  ${MARKS[status]} ${id.padEnd(24)}  `;
  if (status === "pass") {
    const said = detail === undefined ? title : detail;
    return hanging(head, printable(said), columns);
  }
  if (status === "skip") return hanging(head, `skipped: ${printable(detail)}`, columns);
  return hanging(head, printable(detail), columns) +
    paragraph(`next: ${printable(outcome.remedy)}`, "      ", columns) +
    (folded === 0 ? "" : `      ${counted(folded, "check")} not asked because of this\n`);
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return NO_CLUSTER;
  const skipped = count(findings, "skip");
  return [
    `${count(findings, "pass")} passed`,
    counted(count(findings, "warn"), "warning"),
    `${count(findings, "fail")} failed`,
    ...skipped === 0 ? [] : [`${skipped} skipped`],
  ].join(", ");
}
