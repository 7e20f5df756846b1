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
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const room = columns - (lines.length > 1 ? hang : indent).length;
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line, at) => `${at === 0 ? indent : hang}${line}\n`).join("");
}

/** Text beside a head where it fits, else below it. */
export function hanging(head: string, text: string, columns: number): string {
  const line = `${head}${text}`.trimEnd();
  if (line.length <= columns) return `${line}\n`;
  return `${head.trimEnd()}\n${paragraph(text, "      ", columns)}`;
}

/** `1 root`, `2 roots`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
