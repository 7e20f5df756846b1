/**
 * What has to be known about a bundle before it is kept in a file.
 *
 * @module
 */
import { bootstrapNote } from "../../../lib/federation/bootstrap_note.ts";
import type { Bundle } from "../../../lib/spiffe/model.ts";

/** A line each, printable only after `printable()`. */
export function notesOn(bundle: Bundle, defaultHint: number): readonly string[] {
  const hint = bundle.refreshHint === undefined
    ? [`the bundle had no refresh hint; ${defaultHint} s was written into it`]
    : [];
  const end = bootstrapNote(bundle);
  return end === undefined ? hint : [...hint, end];
}
