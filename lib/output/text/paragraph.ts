/**
 * Text that keeps to the width of a terminal.
 *
 * @module
 */

/**
 * Breaks text between words so that no line is longer than `columns`, each line
 * after `indent`. A word that is too long has a line of its own.
 */
export function paragraph(text: string, indent: string, columns: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || indent.length + last.length + 1 + word.length > columns) {
      lines.push(word);
    } else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => `${indent}${line}\n`).join("");
}

/** `1 root`, `2 roots`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
