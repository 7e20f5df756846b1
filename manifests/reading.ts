/**
 * How schemas read what a cluster sent: members that matter are checked, all
 * others are left alone.
 *
 * @module
 */
import * as v from "valibot";

const stringMap = v.record(v.string(), v.string());

/** `metadata` as an API server sends it. */
export const metadataSchema = v.object({
  name: v.string(),
  namespace: v.exactOptional(v.string()),
  uid: v.exactOptional(v.string()),
  resourceVersion: v.exactOptional(v.string()),
  generation: v.exactOptional(v.number()),
  creationTimestamp: v.exactOptional(v.string()),
  labels: v.exactOptional(stringMap),
  annotations: v.exactOptional(stringMap),
});

/** The members that every object has. */
export const objectEntries = {
  apiVersion: v.string(),
  kind: v.string(),
  metadata: metadataSchema,
};

/** One entry of `status.conditions`. */
export const conditionSchema = v.object({
  type: v.string(),
  status: v.string(),
  reason: v.exactOptional(v.string()),
  message: v.exactOptional(v.string()),
});

/** A condition of an object, as it reports it. */
export type Condition = v.InferOutput<typeof conditionSchema>;

/** Makes a reader of a schema whose error names the member that is not as it should be. */
export function reader<const S extends v.GenericSchema>(
  schema: S,
): (object: unknown) => v.InferOutput<S> {
  return (object) => {
    const result = v.safeParse(schema, object);
    if (result.success) return result.output;
    const [issue] = result.issues;
    const path = v.getDotPath(issue);
    throw new Error(path === null ? issue.message : `${path}: ${issue.message}`);
  };
}
