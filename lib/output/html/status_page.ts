/**
 * The state of a federation as one page that needs nothing beside itself: no script, no
 * font, no request.
 *
 * @module
 */
import { withoutCluster } from "../../errors.ts";
import { duration } from "../duration.ts";
import type { StatusCluster, StatusDirection, StatusReportResult } from "../status_result.ts";
import { counted } from "../text/paragraph.ts";
import { html } from "./escape.ts";
import { page } from "./page.ts";
import { topology } from "./topology.ts";

/** The page. */
export function renderStatusPage(report: StatusReportResult): string {
  const { at, ok, clusters, items, warnings, next } = report;
  const body = `<header>
<h1>${ok ? "The federation is well" : "The federation is not well"}</h1>
<p>${html(at)} · ${counted(clusters.length, "cluster")} · ${
    count(items, "trusted")
  } of ${items.length} directions trusted${
    next === null ? "" : ` · next: <code>${html(next)}</code>`
  }</p>
</header>
<main>
<section class="drawing">
${topology(report)}
<p class="legend"><span class="trusted">trusted</span><span class="broken">broken</span><span class="unproven">not proven</span><span class="missing">missing</span><span class="hint">dashed: one-way · clock: time until lock-out</span></p>
</section>
${warnings.length === 0 ? "" : warningsSection(report)}
<section><h2>Directions</h2>
${items.length === 0 ? "<p>Nobody trusts anybody yet.</p>" : items.map(directionArticle).join("\n")}
</section>
<section><h2>Clusters</h2>
${clusters.map(clusterArticle).join("\n")}
</section>
</main>`;
  return page(`Federation: ${ok ? "well" : "not well"}`, body);
}

function count(items: readonly StatusDirection[], verdict: StatusDirection["verdict"]): number {
  return items.filter((item) => item.verdict === verdict).length;
}

function warningsSection({ warnings }: StatusReportResult): string {
  const rows = warnings.map(({ subject, message, remedy }) =>
    `<li><b>${html(subject)}</b> ${html(message)} <code>${html(remedy)}</code></li>`
  );
  return `<section><h2>Warnings</h2><ul>${rows.join("")}</ul></section>`;
}

function directionArticle(item: StatusDirection): string {
  const { from, to, verdict, reason, next, conditions, lastRefresh, nextRefresh, lockOut } = item;
  const label = verdict === "unproven" ? "not proven" : verdict;
  const rows = conditions.map(({ type, status, evidence, remedy }) =>
    `<tr class="${status}"><th scope="row">${type}</th><td>${status}</td><td>${html(evidence)}${
      remedy === null ? "" : `<br><code>${html(remedy)}</code>`
    }</td></tr>`
  );
  const times = [
    lastRefresh === null ? "no refresh seen" : `last refresh ${html(lastRefresh)}`,
    nextRefresh === null ? "" : `next ${html(nextRefresh)}`,
    lockOut === null
      ? ""
      : `locks out in ${duration(lockOut.inSeconds)} if the endpoint stays down`,
  ].filter((part) => part !== "").join(" · ");
  return `<details class="${verdict}"${verdict === "trusted" ? "" : " open"}>
<summary><b>${html(from)} → ${html(to)}</b> <span class="badge ${verdict}">${label}</span>${
    reason === null ? "" : ` ${html(reason)}`
  }</summary>
<p>${times}</p>
<table>${rows.join("")}</table>
${next === null || verdict === "trusted" ? "" : `<p>Next: <code>${html(next)}</code></p>`}
</details>`;
}

function clusterArticle(cluster: StatusCluster): string {
  const { name, problem, trustDomain, version, operands, authorities, endpoint } = cluster;
  if (problem !== null) {
    return `<details open class="broken"><summary><b>${html(name)}</b> ${
      html(withoutCluster(problem))
    }</summary></details>`;
  }
  const parts = operands.map(({ name: operand, state, detail }) =>
    `<tr class="${state}"><th scope="row">${html(operand)}</th><td>${state}</td><td>${
      html(detail ?? "")
    }</td></tr>`
  );
  const keys = authorities.map(({ sha256, ski, phase, expiresInSeconds }) =>
    `<tr><th scope="row">${phase}</th><td><code>${html(sha256)}</code><br>SKI <code>${
      html(ski ?? "none")
    }</code></td><td>${
      expiresInSeconds > 0 ? `expires in ${duration(expiresInSeconds)}` : "expired"
    }</td></tr>`
  );
  const failed = operands.some(({ state }) => state === "failed");
  return `<details${failed ? ' open class="broken"' : ""}><summary><b>${html(name)}</b> ${
    html(trustDomain ?? "trust domain unknown")
  }${version === null ? "" : ` · SPIRE ${html(version)}`}</summary>
<p>${
    endpoint === null
      ? "no bundle endpoint"
      : `endpoint <code>${html(endpoint.url)}</code> ${endpoint.state}${
        endpoint.detail === null ? "" : `: ${html(endpoint.detail)}`
      }`
  }</p>
<table>${parts.join("")}</table>
<table>${keys.join("")}</table>
</details>`;
}
