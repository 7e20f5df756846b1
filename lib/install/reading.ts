/**
 * What came of reading something that may be absent, unknown or forbidden: a fact like
 * any other.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";

/** The outcome of one read. */
export type Reading<T> =
  | { readonly state: "read"; readonly value: T }
  /** There is no such object. */
  | { readonly state: "absent" }
  /** The cluster does not know its kind. */
  | { readonly state: "no-kind" }
  | { readonly state: "unreadable"; readonly why: string };

/** Makes a fact of a read; only what stops the whole program is thrown. */
export async function reading<T>(call: Promise<T | undefined>): Promise<Reading<T>> {
  try {
    const value = await call;
    return value === undefined ? { state: "absent" } : { state: "read", value };
  } catch (error) {
    if (!(error instanceof SpirefedError) || error.kind !== "preflight") throw error;
    if (error.code === "http/404-kind") return { state: "no-kind" };
    return { state: "unreadable", why: error.message };
  }
}

/** What was read, if it was. */
export function valueOf<T>(reading: Reading<T>): T | undefined {
  return reading.state === "read" ? reading.value : undefined;
}

/** The items of a list, none where it could not be read. */
export function itemsOf<T>(
  reading: Reading<{ readonly items: readonly T[] }>,
): readonly T[] {
  return valueOf(reading)?.items ?? [];
}
