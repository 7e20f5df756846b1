/**
 * Times as they are shown.
 *
 * @module
 */

/**
 * A time in RFC 3339, UTC, to the second: certificates know no finer one.
 *
 * @example
 * ```ts
 * import { rfc3339 } from "./rfc3339.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rfc3339(new Date(0)), "1970-01-01T00:00:00Z");
 * ```
 */
export function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
