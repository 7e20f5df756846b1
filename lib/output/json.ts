/**
 * Answers as JSON, for programs.
 *
 * @module
 */
import { ascii } from "./printable.ts";
import type { CheckReportResult, MtlsReportResult, Result } from "./result.ts";

/**
 * One object, `{apiVersion, kind, …}`, plain ASCII, indented by two. Integers beyond
 * 53 bits are decimal strings, and a time is in RFC 3339.
 */
export function renderJson(result: Result): string {
  const document = { apiVersion: "spirefed/v1", ...members(result) };
  return `${ascii(JSON.stringify(document, wireForm, 2))}\n`;
}

function members(result: Result): object {
  switch (result.kind) {
    case "Bundle":
      return { ...result, bundle: JSON.parse(result.bundle, exactly) };
    case "CheckReport":
    case "MtlsReport":
      return checkReport(result);
    case "Text":
      return result.members;
    default:
      return result;
  }
}

/** A finding is flat: `{id, subject, title, status, detail, remedy, because}`. */
function checkReport(
  { findings, brief: _brief, ...report }: CheckReportResult | MtlsReportResult,
): object {
  const items = findings.map(({ id, subject, title, outcome, because }) => {
    const { status, detail } = outcome;
    return { id, subject, title, status, detail, remedy: remedyOf(outcome), because };
  });
  return { ...report, ok: items.every(({ status }) => status !== "fail"), items };
}

function remedyOf(outcome: CheckReportResult["findings"][number]["outcome"]): string | null {
  return "remedy" in outcome ? outcome.remedy : null;
}

/** What JSON cannot say: a bigint becomes a decimal string, and a member that is unknown `null`. */
function wireForm(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value === undefined ? null : value;
}

/** The digits of a document's own numbers, which may need 64 bits. */
function exactly(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const isLossy = typeof value === "number" && !Number.isSafeInteger(value);
  return isLossy && source !== undefined ? rawJson(source) : value;
}

/** A number as its digits stand there (ECMAScript 2026, 25.5.3); the type library lacks it yet. */
function rawJson(source: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source);
}
