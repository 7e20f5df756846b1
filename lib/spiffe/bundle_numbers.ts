/**
 * The two numbers of a SPIFFE bundle (Trust Domain and Bundle, section 4.1).
 *
 * @module
 */
import type { JsonValue } from "./json_text.ts";
import type { Problems } from "./problems.ts";

type Members = ReadonlyMap<string, JsonValue>;

const MAX_SEQUENCE = 2n ** 64n - 1n;

/** The longest hint, in seconds, that Go can hold as a duration. */
const MAX_HINT = 9_223_372_036n;

/** SPIRE takes a shorter hint for this many seconds. */
const MIN_HINT = 60n;

/** Reads `spiffe_sequence`: a uint64, exact, in decimal digits. */
export function readSequence(members: Members, problems: Problems): bigint | undefined {
  const name = "spiffe_sequence";
  const value = readDigits(members.get(name));
  if (value === undefined || typeof value === "bigint" && value <= MAX_SEQUENCE) return value;
  const message = `"${name}" must be a whole number from 0 to ${MAX_SEQUENCE}, in digits only`;
  problems.error("bundle/sequence", message, `/${name}`);
  return undefined;
}

/** Reads `spiffe_refresh_hint`: whole seconds. */
export function readRefreshHint(members: Members, problems: Problems): number | undefined {
  const name = "spiffe_refresh_hint";
  const value = readDigits(members.get(name));
  if (value === undefined) return undefined;
  if (value === "other" || value > MAX_HINT) {
    const message = `"${name}" must be a whole number of seconds from 0 to ${MAX_HINT}`;
    problems.error("bundle/refresh-hint", message, `/${name}`);
    return undefined;
  }
  if (value < MIN_HINT) {
    const message = `SPIRE takes a refresh hint of ${value} s for ${MIN_HINT} s`;
    problems.warn("bundle/refresh-hint", message, `/${name}`);
  }
  return Number(value);
}

/** The length is looked at first: reading digits into a bigint is not linear. */
function readDigits(value: JsonValue | undefined): bigint | "other" | undefined {
  if (value === undefined) return undefined;
  if (value.kind !== "number" || !/^[0-9]{1,20}$/.test(value.text)) return "other";
  return BigInt(value.text);
}
