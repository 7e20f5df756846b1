/**
 * How `unpeer` looks: the clusters, who is concerned, the plan, and a line a direction.
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { Residue, UnpeerEdge, UnpeerImpact, UnpeerResult } from "../change_result.ts";
import { headline, renderChanges } from "./changes.ts";
import { shown, widest } from "./layout.ts";
import { counted, fit } from "./paragraph.ts";

const MARKS: Readonly<Record<UnpeerEdge["state"], string>> = {
  "gone": "✓",
  "planned": "-",
  "remains": "✗",
  "failed": "✗",
  "skipped": "-",
  "not attempted": "-",
};

/** Who is concerned and what would be changed: what a person reads before agreeing. */
export function renderUnpeerPlan(
  { clusters, impact, plan }: UnpeerResult,
  columns: number,
): string {
  const names = widest(clusters.map(({ name }) => shown(name)));
  return [
    ...clusters.map(({ name, trustDomain }) => `  ${shown(name).padEnd(names)}  ${trustDomain}`),
    ...impact.flatMap((one) => renderImpact(one, columns)),
    headline(plan),
    ...renderChanges(plan, columns),
    "",
  ].join("\n");
}

/** The outcome: a line a direction, what stays, and the next command. */
export function renderUnpeer(result: UnpeerResult, columns: number): string {
  const { edges, plan, residue } = result;
  if (edges.some(({ state }) => state === "planned")) return renderUnpeerPlan(result, columns);
  return [
    ...renderEdges(edges, columns),
    ...plan.length > 0 ? [] : ["Nothing was written."],
    ...renderResidue(residue, columns),
    ...nextOf(result).map((next) => `Next: ${next}`),
    "",
  ].join("\n");
}

function renderImpact(
  { cluster, trustDomain, objects, workloads, losesIdentity }: UnpeerImpact,
  columns: number,
): readonly string[] {
  const by = objects.length === 0 ? "" : `, by ${objects.map(shown).join(", ")}`;
  const uses = workloads.length === 1 ? "uses" : "use";
  const loses = losesIdentity === null || losesIdentity.length === 0
    ? ""
    : `; ${counted(losesIdentity.length, "pod")} would have no identity left`;
  return fit(
    `  ${shown(cluster)}:`,
    `${counted(workloads.length, "workload")} ${uses} the keys of ${trustDomain}${by}${loses}`,
    columns,
    " ",
  );
}

function renderEdges(edges: readonly UnpeerEdge[], columns: number): readonly string[] {
  const arrows = edges.map(({ from, to }) => `${shown(from)} → ${shown(to)}`);
  const width = widest(arrows);
  return edges.flatMap((edge, at) =>
    fit(`  ${MARKS[edge.state]} ${(arrows[at] ?? "").padEnd(width)}`, saying(edge), columns, "   ")
  );
}

function saying({ state, proof, remains, reason }: UnpeerEdge): string {
  if (state === "gone") {
    return `gone: ${proof.map((one) => printable(one, 100)).join(", ")}`;
  }
  const why = [
    ...reason === null ? [] : [printable(reason, 500)],
    ...remains.map((one) => printable(one, 300)),
  ].join("; ");
  return why === "" ? state : `${state}: ${why}`;
}

function renderResidue(residue: readonly Residue[], columns: number): readonly string[] {
  if (residue.length === 0) return [];
  const names = widest(residue.map(({ cluster }) => shown(cluster)));
  return [
    "Left as it is:",
    ...residue.flatMap(({ cluster, message }) =>
      fit(`  ${shown(cluster).padEnd(names)}`, printable(message, 500), columns)
    ),
  ];
}

/** The commands that help with what is not gone, each once. */
function nextOf({ edges, residue }: UnpeerResult): readonly string[] {
  const open = [...edges.filter(({ state }) => state !== "gone"), ...residue]
    .flatMap(({ next }) => next === null ? [] : [next]);
  return [...new Set(open)].slice(0, 5).map((next) => printable(next));
}
