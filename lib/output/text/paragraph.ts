/**
 * Text that keeps to the width of a terminal.
 *
 * @module
 */

/**
 * Breaks text between words so that no line is longer than `columns`, each line
 * after `indent`, or all but the first after `hang`. A word that is too long has a
 * line of its own.
 */
export function paragraph(text: string, indent: string, columns: number, hang = indent): string {
  return asText(broken(text, { indent, columns, hang }));
}

/** Text beside a head where it fits, else below it. */
export function hanging(head: string, text: string, columns: number): string {
  return asText(fit(head, text, columns, ""));
}

/** One line where there is room for it, else the second half on lines of its own. */
export function fit(first: string, second: string, columns: number, gap = "  "): readonly string[] {
  const whole = `${first}${gap}${second}`.trimEnd();
  if (whole.length <= columns) return [whole];
  return [
    ...broken(first.trimEnd(), { indent: "", columns, hang: "        " }),
    ...second === "" ? [] : broken(second, { indent: "      ", columns, hang: "      " }),
  ];
}

function broken(
  text: string,
  { indent, columns, hang }: {
    readonly indent: string;
    readonly columns: number;
    readonly hang: string;
  },
): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const room = columns - (lines.length > 1 ? hang : indent).length;
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line, at) => `${at === 0 ? indent : hang}${line}`);
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** What there is to say where none of the contexts is of concern. */
export const NO_CLUSTER = "No cluster was found that runs the operator: nothing was looked at";

/** `1 root`, `2 roots`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
