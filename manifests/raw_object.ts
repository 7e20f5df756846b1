/**
 * Objects before anything is known of them.
 *
 * @module
 */

/** An object as it was found; nothing of it is known but that it has members. */
export type RawObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object with members, and no list. */
export function isRecord(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
