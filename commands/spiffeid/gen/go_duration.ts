/**
 * Durations as Kubernetes objects spell them.
 *
 * @module
 */

const UNITS = [["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]] as const;

/**
 * Milliseconds as Go's `time.ParseDuration` reads them.
 *
 * @example
 * ```ts
 * import { goDuration } from "./go_duration.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(goDuration(5_400_000), "1h30m");
 * ```
 */
export function goDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.join("") || "0s";
}
