/**
 * Text in a page: nothing in it is markup, and nothing in it is acted on.
 *
 * @module
 */
import { printable } from "../printable.ts";

/** Makes text safe between tags and in quoted attributes. */
export function html(text: string, limit = 2_000): string {
  return printable(text, limit).replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
