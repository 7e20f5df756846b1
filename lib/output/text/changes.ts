/**
 * How a plan looks, whatever it is for.
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { PlannedChange } from "../change_result.ts";
import { shown, widest } from "./layout.ts";
import { fit } from "./paragraph.ts";

const MARKS: Readonly<Record<PlannedChange["action"], string>> = {
  create: "+",
  update: "~",
  patch: "~",
  delete: "-",
  exec: "~",
};

/** How much a plan changes, and whether servers restart. */
export function headline(plan: readonly PlannedChange[]): string {
  if (plan.length === 0) return "Plan: nothing to change";
  const restarts = plan.filter(restartsServer).length;
  const changes = plan.length === 1 ? "1 change" : `${plan.length} changes`;
  return `Plan: ${changes}, ${
    restarts === 0 ? "no restarts" : restarts === 1 ? "1 restart" : `${restarts} restarts`
  }`;
}

/** The server reads its configuration when it starts. */
function restartsServer({ action, object }: PlannedChange): boolean {
  return action === "patch" && object.startsWith("SpireServer/");
}

/** The changes of a plan, one to a line where there is room. */
export function renderChanges(plan: readonly PlannedChange[], columns: number): readonly string[] {
  const names = widest(plan.map(({ cluster }) => shown(cluster)));
  const objects = widest(plan.map(({ object }) => shown(object)));
  return plan.flatMap(({ cluster, action, object, why }) =>
    fit(
      `  ${MARKS[action]} ${shown(cluster).padEnd(names)}  ${shown(object).padEnd(objects)}`,
      printable(why),
      columns,
    )
  );
}
