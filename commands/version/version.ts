/**
 * What is running.
 *
 * @module
 */
import type { TextResult } from "../../lib/output/result.ts";

/** The version of this program; deno.json says the same. */
export const VERSION = "0.1.0";

/** The versions, for people and for programs. `navigator` is where the runtime tells its own. */
export function versions(): TextResult {
  const deno = navigator.userAgent.replace(/^Deno\//, "");
  return {
    kind: "Text",
    text: `oc-spirefed ${VERSION}\nDeno ${deno}\n`,
    members: { kind: "Version", version: VERSION, deno },
  };
}
