/**
 * Turns an answer into the text for stdout. The only place that lays out output;
 * it is pure, so a golden file covers every layout.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { Terminal } from "../context.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import type { Format, Result } from "./result.ts";
import { renderBundleChange } from "./text/bundle_change.ts";
import { renderBundleVerdict } from "./text/bundle_verdict.ts";
import { renderCheckReport } from "./text/check_report.ts";
import { renderCleanup } from "./text/cleanup.ts";
import { renderGather } from "./text/gather.ts";
import { renderInstall } from "./text/install.ts";
import { renderLintReport } from "./text/lint_report.ts";
import { renderMtlsReport } from "./text/mtls_report.ts";
import { renderManifestsJson, renderManifestsYaml } from "./text/manifests.ts";
import { renderPodIdentity } from "./text/pod_identity.ts";
import { renderPeer } from "./text/peer.ts";
import { renderStatus } from "./text/status.ts";
import { renderSvid } from "./text/svid.ts";
import { renderUnpeer } from "./text/unpeer.ts";
import { renderStatusPage } from "./html/status_page.ts";
import { statusFindings } from "./status_findings.ts";

/** An answer in the format wanted; ends with a line break. */
export function render(
  result: Result,
  format: Format,
  { columns }: Pick<Terminal, "columns">,
): string {
  switch (format) {
    case "text":
      return renderText(result, columns);
    case "json":
      return result.kind === "Manifests" ? renderManifestsJson(result) : renderJson(result);
    case "yaml":
      if (result.kind === "Manifests") return renderManifestsYaml(result);
      throw noSuchForm(result, "is no Kubernetes object: there is no YAML");
    case "junit":
      if (result.kind === "CheckReport" || result.kind === "MtlsReport") return renderJunit(result);
      if (result.kind === "StatusReport") {
        return renderJunit({ command: "status", findings: statusFindings(result) });
      }
      throw noSuchForm(result, "holds no checks: there is no JUnit");
    case "html":
      if (result.kind === "StatusReport") return renderStatusPage(result);
      throw noSuchForm(result, "is no page: there is no HTML");
  }
}

function noSuchForm({ kind }: Result, why: string): SpirefedError {
  return new SpirefedError("usage", `A ${kind} ${why}`);
}

function renderText(result: Result, columns: number): string {
  switch (result.kind) {
    case "Bundle":
      return result.bundle;
    case "BundleChange":
      return renderBundleChange(result, columns);
    case "BundleVerdict":
      return renderBundleVerdict(result, columns);
    case "CheckReport":
      return renderCheckReport(result, columns);
    case "CleanupResult":
      return renderCleanup(result, columns);
    case "GatherReport":
      return renderGather(result, columns);
    case "InstallResult":
      return renderInstall(result, columns);
    case "LintReport":
      return renderLintReport(result, columns);
    case "Manifests":
      return renderManifestsYaml(result);
    case "MtlsReport":
      return renderMtlsReport(result, columns);
    case "PeerResult":
      return renderPeer(result, columns);
    case "StatusReport":
      return renderStatus(result, columns);
    case "PodIdentity":
      return renderPodIdentity(result, columns);
    case "Svid":
      return renderSvid(result, columns);
    case "Text":
      return result.text;
    case "UnpeerResult":
      return renderUnpeer(result, columns);
  }
}
