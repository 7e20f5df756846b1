/**
 * What a gathered archive holds, by name. Everything in it comes from the facts, which hold
 * nothing secret by construction.
 *
 * @module
 */
import type { Finding } from "../../check/check.ts";
import { renderIndexPage } from "../../output/html/index_page.ts";
import { renderStatusPage } from "../../output/html/status_page.ts";
import { renderJson } from "../../output/json.ts";
import { ascii } from "../../output/printable.ts";
import type { StatusReportResult } from "../../output/status_result.ts";
import { renderCheckReport } from "../../output/text/check_report.ts";
import { diagnose } from "../checks/diagnose.ts";
import { reportOf } from "../checks/troubleshoot.ts";
import type { ClusterFacts, Snapshot } from "../facts/facts.ts";
import { reportOn } from "../status/report.ts";
import type { TarFile } from "./tar.ts";

/** The member that everything else can be computed from. */
export const FACTS = "facts.json";

/** All members of an archive. */
export function archiveOf(snapshot: Snapshot): readonly TarFile[] {
  const status = reportOn(snapshot, { expiresWithin: { share: 0.2 }, unnamed: false });
  const findings = diagnose(snapshot);
  const report = reportOf(findings, {});
  const logs = snapshot.clusters.flatMap((facts, index) => logFiles(facts, index));
  const files: readonly TarFile[] = [
    text(FACTS, `${ascii(JSON.stringify(withoutLogs(snapshot), null, 1))}\n`),
    text("status.json", renderJson(status)),
    text("status.html", renderStatusPage(status)),
    text("findings.json", renderJson(report)),
    text("findings.txt", renderCheckReport(report, 80)),
    ...logs,
  ];
  return [text("index.html", indexOf(snapshot, { status, findings, files })), ...files];
}

function indexOf(
  { takenAt, version }: Snapshot,
  { status, findings, files }: {
    readonly status: StatusReportResult;
    readonly findings: readonly Finding[];
    readonly files: readonly TarFile[];
  },
): string {
  return renderIndexPage({
    takenAt,
    version,
    status,
    findings,
    files: files.map(({ name, content }) => ({ name, bytes: content.length })),
  });
}

function text(name: string, content: string): TarFile {
  return { name, content: new TextEncoder().encode(content) };
}

function withoutLogs({ clusters, ...snapshot }: Snapshot): Snapshot {
  return {
    ...snapshot,
    clusters: clusters.map((facts) => ({
      ...facts,
      logs: Object.fromEntries(
        Object.entries(facts.logs).filter(([, log]) => log.state === "unread"),
      ),
    })),
  };
}

function logFiles({ logs }: ClusterFacts, index: number): readonly TarFile[] {
  return Object.entries(logs).flatMap(([name, log]) =>
    log.state === "read" ? [text(logName(index, name), log.text)] : []
  );
}

/** Where a log lies: the cluster by its number, since contexts may be called anything. */
export function logName(cluster: number, name: string): string {
  const hex = [...new TextEncoder().encode(name)].map((byte) =>
    /[A-Za-z0-9.-]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `_${byte.toString(16).padStart(2, "0")}`
  ).join("");
  return `logs/${cluster + 1}/${hex.slice(0, 80)}.log`;
}

/** The log that lies there. */
export function logOf(
  path: string,
): { readonly cluster: number; readonly name: string } | undefined {
  const [, number, hex] = /^logs\/(\d+)\/(.+)\.log$/.exec(path) ?? [];
  if (number === undefined || hex === undefined) return undefined;
  const name = hex.replace(
    /_([0-9a-f]{2})/g,
    (_, byte: string) => String.fromCharCode(parseInt(byte, 16)),
  );
  return { cluster: Number(number) - 1, name };
}
