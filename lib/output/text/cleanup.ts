/**
 * How `cleanup` looks: the plan, a line for each thing that went, and what is left.
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { CleanupItem, CleanupResult, Leftover } from "../change_result.ts";
import { headline, renderChanges } from "./changes.ts";
import { shown, widest } from "./layout.ts";
import { fit } from "./paragraph.ts";

const MARKS: Readonly<Record<CleanupItem["state"], string>> = {
  "gone": "✓",
  "planned": "-",
  "remains": "✗",
  "failed": "✗",
  "not attempted": "-",
};

/** What would be taken away, and what would be left: what a person reads before agreeing. */
export function renderCleanupPlan(
  { clusters, plan, leftovers }: CleanupResult,
  columns: number,
): string {
  const names = widest(clusters.map(({ name }) => shown(name)));
  return [
    ...clusters.map(({ name, server }) => `  ${shown(name).padEnd(names)}  ${shown(server)}`),
    headline(plan),
    ...renderChanges(plan, columns),
    ...renderLeftovers("Will be left:", leftovers, columns),
    "",
  ].join("\n");
}

/** The outcome: a line for each thing, what is left, and the next command. */
export function renderCleanup(result: CleanupResult, columns: number): string {
  const { items, plan, leftovers } = result;
  if (items.some(({ state }) => state === "planned")) return renderCleanupPlan(result, columns);
  const open = [...items, ...leftovers].flatMap(({ next }) => next === null ? [] : [next]);
  return [
    ...renderItems(items, columns),
    ...plan.length > 0 ? [] : ["Nothing that this program made is there. Nothing was written."],
    ...renderLeftovers("Left:", leftovers, columns),
    ...[...new Set(open)].slice(0, 5).map((next) => `Next: ${printable(next)}`),
    "",
  ].join("\n");
}

function renderItems(items: readonly CleanupItem[], columns: number): readonly string[] {
  const names = widest(items.map(({ cluster }) => shown(cluster)));
  return items.flatMap(({ cluster, object, state, reason }) => {
    const line = `  ${MARKS[state]} ${shown(cluster).padEnd(names)}  ${shown(object)}`;
    return reason === null
      ? fit(line, "", columns)
      : fit(`${line}  ${state}:`, printable(reason, 500), columns, " ");
  });
}

function renderLeftovers(
  title: string,
  leftovers: readonly Leftover[],
  columns: number,
): readonly string[] {
  if (leftovers.length === 0) return [];
  const names = widest(leftovers.map(({ cluster }) => shown(cluster)));
  return [
    title,
    ...leftovers.flatMap(({ cluster, object, why }) =>
      fit(
        `  ${shown(cluster).padEnd(names)}  ${shown(object)}`,
        `(${printable(why, 300)})`,
        columns,
      )
    ),
  ];
}
