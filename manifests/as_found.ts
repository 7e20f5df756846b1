/**
 * Objects read whole, for those who compare or copy what a schema would leave out.
 *
 * @module
 */
import * as v from "valibot";
import type { Manifest, Resource } from "./manifest.ts";
import { isRecord } from "./raw_object.ts";
import { metadataSchema, reader } from "./reading.ts";

const schema = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject(metadataSchema.entries),
});

/** The same kind, read with every member that it has. */
export function asFound(
  { apiVersion, kind, plural, namespaced }: Omit<Resource<unknown>, "parse">,
): Resource<Manifest> {
  return { apiVersion, kind, plural, namespaced, parse: (object) => read(object) as Manifest };
}

const read = reader(schema);

/**
 * Whether `held` says all that `wanted` says: members that `wanted` leaves out may be
 * anything, since defaults and other managers fill them in. Lists are compared whole.
 *
 * @example
 * ```ts
 * import { saysAll } from "./as_found.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(saysAll({ size: "1Gi", accessMode: "ReadWriteOnce" }, { size: "1Gi" }));
 * assert.ok(!saysAll({ size: "1Gi" }, { size: "2Gi" }));
 * ```
 */
export function saysAll(held: unknown, wanted: unknown): boolean {
  return differences(held, wanted).length === 0;
}

/** One member that is held otherwise than wanted. */
export interface Difference {
  /** As a person writes it: `spec.persistence.size`. */
  readonly path: string;
  /** `undefined` when it is not held at all. */
  readonly held: unknown;
  readonly wanted: unknown;
}

/** Where `held` says otherwise than `wanted`, or nothing. */
export function differences(held: unknown, wanted: unknown, path = ""): readonly Difference[] {
  if (wanted === undefined) return [];
  if (isRecord(wanted)) {
    return Object.entries(wanted).flatMap(([name, value]) =>
      differences(
        isRecord(held) ? held[name] : undefined,
        value,
        path === "" ? name : `${path}.${name}`,
      )
    );
  }
  return JSON.stringify(held) === JSON.stringify(wanted) ? [] : [{ path, held, wanted }];
}
