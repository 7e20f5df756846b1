/**
 * The first page of a gathered archive: what is wrong, and what lies where.
 *
 * @module
 */
import { withoutCluster } from "../../errors.ts";
import type { Finding } from "../../check/check.ts";
import type { StatusReportResult } from "../status_result.ts";
import { counted } from "../text/paragraph.ts";
import { html } from "./escape.ts";
import { page } from "./page.ts";

/** What the page tells. */
export interface ArchiveIndex {
  readonly takenAt: string;
  readonly version: string;
  readonly status: StatusReportResult;
  readonly findings: readonly Finding[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** The page; its links lead to the other members of the archive. */
export function renderIndexPage(
  { takenAt, version, status, findings, files }: ArchiveIndex,
): string {
  const wrong = findings.filter(({ outcome }) =>
    outcome.status === "fail" || outcome.status === "warn"
  );
  const body = `<header><h1>${counted(status.clusters.length, "cluster")}, gathered ${
    html(takenAt)
  }</h1>
<p>by oc-spirefed ${
    html(version)
  } · <a href="status.html">status</a> · <a href="findings.txt">findings</a></p></header>
<main>
<section><h2>${
    wrong.length === 0
      ? "Nothing is wrong that was looked at"
      : "What is wrong, the first cause first"
  }</h2>
<table>${wrong.map(row).join("")}</table></section>
<section><h2>Clusters</h2><ol>${
    status.clusters.map(({ name, trustDomain, problem }) =>
      `<li>${html(name)} ${
        html(problem === null ? trustDomain ?? "" : withoutCluster(problem))
      }</li>`
    ).join("")
  }</ol></section>
<section><h2>Files</h2><ul>${
    files.map(({ name, bytes }) =>
      `<li><a href="${html(name)}">${html(name)}</a> ${Math.ceil(bytes / 1024)} KiB</li>`
    ).join("")
  }</ul><p>oc spirefed status --from FILE and troubleshoot --from FILE judge this archive again, offline.</p></section>
</main>`;
  return page(`Gathered ${takenAt}`, body);
}

function row({ id, subject, outcome }: Finding): string {
  const remedy = "remedy" in outcome ? `<br><code>${html(outcome.remedy)}</code>` : "";
  const state = outcome.status === "fail" ? "failed" : "progressing";
  return `<tr class="${state}"><th scope="row">${html(subject)}</th><td>${html(id)}</td><td>${
    html(outcome.detail ?? "")
  }${remedy}</td></tr>`;
}
