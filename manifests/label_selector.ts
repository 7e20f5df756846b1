/**
 * Label selectors, as Kubernetes reads them.
 *
 * @module
 */
import * as v from "valibot";

/** The schema of a selector. */
export const labelSelectorSchema = v.looseObject({
  matchLabels: v.exactOptional(v.record(v.string(), v.string())),
  matchExpressions: v.exactOptional(
    v.array(v.looseObject({
      key: v.string(),
      operator: v.string(),
      values: v.exactOptional(v.array(v.string()), []),
    })),
  ),
});

/** A selector; an absent one selects everything. */
export type LabelSelector = v.InferOutput<typeof labelSelectorSchema>;

/**
 * Whether a selector selects an object with these labels.
 *
 * @example
 * ```ts
 * import { selects } from "./label_selector.ts";
 * import assert from "node:assert/strict";
 *
 * const notKube = { matchExpressions: [{ key: "name", operator: "NotIn", values: ["kube"] }] };
 * assert.equal(selects(notKube, { name: "shop" }), true);
 * assert.equal(selects({ matchLabels: { app: "shop" } }, { app: "bank" }), false);
 * ```
 */
export function selects(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return Object.entries(matchLabels).every(([key, value]) => valueOf(labels, key) === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const held = valueOf(labels, key);
      switch (operator) {
        case "In":
          return held !== undefined && values.includes(held);
        case "NotIn":
          return held === undefined || !values.includes(held);
        case "Exists":
          return held !== undefined;
        case "DoesNotExist":
          return held === undefined;
        default:
          return false;
      }
    });
}

function valueOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
