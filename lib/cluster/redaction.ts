/**
 * Takes our own secrets out of what others say: a debugging proxy, say, that
 * repeats the headers of a request.
 *
 * @module
 */
import type { Headers } from "./impersonation.ts";

/** Shorter ones would be found in harmless words. */
const SHORTEST = 6;

/**
 * A text without the secrets that these headers carry.
 *
 * @example
 * ```ts
 * import { redact } from "./redaction.ts";
 * import assert from "node:assert/strict";
 *
 * const headers = { authorization: "Bearer abc.def.ghi" };
 *
 * assert.equal(redact("you sent abc.def.ghi", headers), "you sent [redacted]");
 * ```
 */
export function redact(text: string, headers: Headers): string {
  const [scheme, secret = ""] = String(headers["authorization"] ?? "").split(" ");
  const password = scheme === "Basic" ? passwordOf(secret) : "";
  return [secret, password]
    .filter((each) => each.length >= SHORTEST)
    .reduce((rest, each) => rest.replaceAll(each, "[redacted]"), text);
}

function passwordOf(basic: string): string {
  const pair = new TextDecoder().decode(Uint8Array.fromBase64(basic));
  return pair.slice(pair.indexOf(":") + 1);
}
