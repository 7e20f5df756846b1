/**
 * How `install` looks: the plan a cluster, and a line a cluster when it is over.
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { InstallCluster, InstallResult } from "../change_result.ts";
import { counted, hanging, paragraph } from "./paragraph.ts";

const MARKS: Readonly<Record<InstallCluster["state"], string>> = {
  ready: "✓",
  unchanged: "=",
  planned: "+",
  failed: "✗",
  unfinished: "!",
};

/** What would be changed: what a person reads before agreeing. */
export function renderInstallPlan({ clusters, plan }: InstallResult, columns: number): string {
  const width = Math.max(0, ...plan.map(({ object }) => object.length));
  return clusters.map(({ name, trustDomain }) => {
    const own = plan.filter(({ cluster }) => cluster === name);
    const head = own.length === 0 ? "nothing to change" : counted(own.length, "change");
    const lines = own.map(({ action, object, why }) =>
      hanging(
        `  ${action === "create" ? "+" : "~"} ${printable(object, 120).padEnd(width)}  `,
        action === "create" ? "" : printable(why),
        columns,
      )
    );
    return `${printable(name, 120)}  trust domain ${printable(trustDomain, 260)}: ${head}\n${
      lines.join("")
    }`;
  }).join("");
}

/** The outcome: a line a cluster, and the next command. */
export function renderInstall(result: InstallResult, columns: number): string {
  const { clusters } = result;
  if (clusters.every(({ state }) => state === "planned")) return renderInstallPlan(result, columns);
  const width = Math.max(...clusters.map(({ name }) => printable(name, 120).length));
  const lines = clusters.map((cluster) =>
    hanging(
      `  ${MARKS[cluster.state]} ${printable(cluster.name, 120).padEnd(width)}  `,
      `${cluster.state}: ${printable(toldOf(cluster))}`,
      columns,
    )
  );
  const next = nextOf(clusters);
  return [...lines, next === undefined ? "" : paragraph(`Next: ${printable(next)}`, "", columns)]
    .join("");
}

function toldOf({ reason, trustDomain, version, endpoint }: InstallCluster): string {
  if (reason !== null) return reason;
  return [
    ...version === null ? [] : [version],
    `trust domain ${trustDomain}`,
    ...endpoint === null ? [] : [`endpoint verified at ${endpoint}`],
  ].join(", ");
}

function nextOf(clusters: readonly InstallCluster[]): string | undefined {
  const open = clusters.find(({ next }) => next !== null);
  if (open?.next) return open.next;
  const names = clusters.filter(({ endpoint }) => endpoint !== null).map(({ name }) => name);
  if (names.length > 1) return `oc spirefed peer ${names.join(" ")}`;
  return names.length === 1 ? `oc spirefed peer ${names[0]} OTHER` : undefined;
}
