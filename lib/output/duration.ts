/**
 * Lengths of time as people say them.
 *
 * @module
 */

/**
 * `45 s`, `6 min`, `6 h 12 min`, `3 d 4 h`: two units at most.
 *
 * @example
 * ```ts
 * import { duration } from "./duration.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(duration(75), "75 s");
 * assert.equal(duration(22_320), "6 h 12 min");
 * ```
 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return two(hours, "h", minutes % 60, "min");
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** As {@linkcode duration}, with a digit after the point below ten seconds. */
export function moment(seconds: number): string {
  const positive = Math.max(0, seconds);
  return positive < 10 ? `${Number(positive.toFixed(1))} s` : duration(positive);
}

function two(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}
