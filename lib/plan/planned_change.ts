/**
 * What an answer says of a step.
 *
 * @module
 */
import type { PlannedChange } from "../output/change_result.ts";
import { objectOf, type Step, verbOf } from "./plan.ts";

/** The step as every command that plans answers it. */
export function plannedChange(step: Step): PlannedChange {
  return {
    cluster: step.cluster,
    action: verbOf(step),
    object: objectOf(step),
    why: step.why,
    ask: step.asks.length === 0 ? null : step.asks.map(({ question }) => question).join(" "),
  };
}
