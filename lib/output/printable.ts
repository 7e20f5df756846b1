/**
 * The gate for text from outside.
 *
 * @module
 */

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/**
 * Makes text from outside safe to print: one line, and no character that a
 * terminal acts on or hides. Server messages, certificate names, key IDs, context
 * names and pod logs all pass through here.
 *
 * @param limit the most characters to keep; what is cut is marked with `…`.
 *
 * @example An escape sequence arrives as text
 * ```ts
 * import { printable } from "./printable.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(printable("\u001b[2Jgone"), "\\u001b[2Jgone");
 * ```
 */
export function printable(text: string, limit = 2000): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(UNPRINTABLE, escape);
}

/** Every character beyond ASCII as `\uXXXX`, so that JSON output is plain ASCII. */
export function ascii(json: string): string {
  return json.replace(/[^\n\x20-\x7e]/g, escape);
}

function escape(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}
