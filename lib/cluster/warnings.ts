/**
 * `Warning` headers (RFC 7234, section 5.5), by which an API server speaks to the
 * person behind a request.
 *
 * @module
 */
import { printable } from "../output/printable.ts";

const LIMIT = 20;

/** The texts of all `299` warnings of an answer, printable, at most 20. */
export function warningsOf(rawHeaders: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== "warning") continue;
    for (const [, quoted] of (rawHeaders[at + 1] ?? "").matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      texts.push(printable((quoted ?? "").replace(/\\(.)/g, "$1"), 500));
    }
  }
  return texts.slice(0, LIMIT);
}
