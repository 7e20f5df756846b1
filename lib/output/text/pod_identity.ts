/**
 * How a pod's identities look (`svid show --context`).
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { PodIdentityResult } from "../result.ts";
import { paragraph } from "./paragraph.ts";
import { renderSvid } from "./svid.ts";

/** An entry a block; what is missing is said. */
export function renderPodIdentity(result: PodIdentityResult, columns: number): string {
  const { cluster, namespace, pod, mountsWorkloadApi, entries, certificate } = result;
  const where = `${printable(namespace, 63)}/${printable(pod, 253)} in ${printable(cluster, 120)}`;
  return [
    paragraph(where, "", columns),
    entries.length === 0 ? "  no entry: the Workload API answers PermissionDenied to it\n" : "",
    ...entries.map(({ spiffeId, federatesWith, ttlSeconds, hint }) =>
      paragraph(printable(spiffeId, 2048), "  ", columns) +
      paragraph(
        federatesWith.length === 0
          ? "receives no other trust domain's bundle"
          : `receives the bundles of ${
            federatesWith.map((name) => printable(name, 255)).join(", ")
          }`,
        "    ",
        columns,
      ) +
      (ttlSeconds === 0 ? "" : `    each SVID lives for ${ttlSeconds} s\n`) +
      (hint === "default"
        ? "    given by the operator's fallback: no ClusterSPIFFEID of yours chose the pod\n"
        : "")
    ),
    mountsWorkloadApi ? "" : paragraph(
      "it mounts no volume of csi.spiffe.io, so it cannot reach the Workload API",
      "  ",
      columns,
    ),
    certificate === null
      ? paragraph(
        "This is what the SPIRE server gives it. The certificate that it holds now is in its own memory: --file PATH reads one that a helper wrote, test-mtls --existing shows the one that it serves.",
        "",
        columns,
      )
      : renderCertificate(certificate, columns),
  ].join("");
}

function renderCertificate(
  { file, ...svid }: NonNullable<PodIdentityResult["certificate"]>,
  columns: number,
): string {
  return `\n${paragraph(`${printable(file, 500)} in the pod holds`, "", columns)}` +
    renderSvid({ ...svid, kind: "Svid" }, columns);
}
