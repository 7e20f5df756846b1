/**
 * Tables that keep to the width of a terminal.
 *
 * @module
 */
import { printable } from "../printable.ts";

/** One line where the terminal has room for it, else the second half on lines of its own. */
export function fit(first: string, second: string, columns: number, gap = "  "): readonly string[] {
  const whole = `${first}${gap}${second}`;
  if (whole.length <= columns) return [whole.trimEnd()];
  return [first.trimEnd(), ...wrap(second, columns - 6).map((line) => `      ${line}`)];
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Text from outside, short enough for a table. */
export function shown(text: string): string {
  return printable(text, 120);
}

/** The width of the widest. */
export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}
