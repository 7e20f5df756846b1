/**
 * From the text a user gave for a flag to its value.
 *
 * @module
 */
import { SpirefedError } from "../lib/errors.ts";
import type { ValueFlag } from "./command.ts";
import { didYouMean, suggest } from "./suggest.ts";

/** The value of a flag that takes one. */
export type Value = string | number | Date;

/**
 * Reads the value of a flag.
 *
 * @param given how the user gave it: `--timeout` or `SPIREFED_TIMEOUT`; it starts the message.
 * @throws {SpirefedError} `usage`, naming what was given and what is wanted.
 */
export function parseValue(flag: ValueFlag, text: string, given: string): Value {
  switch (flag.type) {
    case "string":
      return flag.choices === undefined ? text : parseChoice(flag.choices, text, given);
    case "integer":
      if (/^\d{1,15}$/.test(text)) return Number(text);
      throw unfit(given, text, "a whole number");
    case "duration":
      return parseDuration(text) ?? fail(unfit(given, text, "a duration such as 30s, 5m or 1h30m"));
    case "time":
      return parseTime(text) ??
        fail(unfit(given, text, "a time in RFC 3339 such as 2026-01-31T12:00:00Z"));
  }
}

/**
 * One of some words.
 *
 * @throws {SpirefedError} `usage`, with the words there are.
 */
export function parseChoice(choices: readonly string[], text: string, given: string): string {
  if (choices.includes(text)) return text;
  const wanted = choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`;
  throw unfit(given, text, wanted, didYouMean(suggest(text, choices)));
}

/** Milliseconds in one of each unit that Go's `time.ParseDuration` knows. */
const UNITS = new Map([
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ns", 1e-6],
]);
const DURATION = /^(?:\d{1,12}(?:\.\d{1,9})?(?:h|ms|m|s|us|µs|μs|ns))+$/;
const PART = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|μs|ns)/g;
/** What timers can wait; more would fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Reads a duration as Go and kubectl spell them, in milliseconds: `30s`, `5m`,
 * `1h30m`; a bare number is seconds, and `0` is no limit.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./values.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseDuration("1h30m"), 5_400_000);
 * assert.equal(parseDuration("5"), 5000);
 * assert.equal(parseDuration("5 minutes"), undefined);
 * ```
 */
export function parseDuration(text: string): number | undefined {
  const milliseconds = /^\d{1,12}$/.test(text)
    ? Number(text) * 1000
    : DURATION.test(text)
    ? [...text.matchAll(PART)].reduce((sum, [, n, unit]) => sum + Number(n) * unitOf(unit), 0)
    : undefined;
  if (milliseconds === undefined || milliseconds > LONGEST) return undefined;
  return milliseconds === 0 ? 0 : Math.max(1, Math.round(milliseconds));
}

function unitOf(name: string | undefined): number {
  return UNITS.get(name ?? "") ?? NaN;
}

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Reads a time in RFC 3339; a day that does not exist is none. */
export function parseTime(text: string): Date | undefined {
  const parts = RFC_3339.exec(text)?.slice(1, 4).map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, day = 0] = parts;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const time = new Date(text.toUpperCase());
  return day <= days && !Number.isNaN(time.getTime()) ? time : undefined;
}

function unfit(given: string, text: string, wanted: string, hint = ""): SpirefedError {
  return new SpirefedError("usage", `${given} takes ${wanted}, not "${text}"${hint}`);
}

function fail(error: SpirefedError): never {
  throw error;
}
