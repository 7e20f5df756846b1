/**
 * What tables are made of.
 *
 * @module
 */
import { printable } from "../printable.ts";

/** Text from outside, short enough for a table. */
export function shown(text: string): string {
  return printable(text, 120);
}

/** The width of the widest. */
export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}
