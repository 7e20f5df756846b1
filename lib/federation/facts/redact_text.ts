/**
 * Takes what looks like a secret out of text that others wrote: logs, messages, events.
 *
 * What is kept of an object is chosen by an allow-list beforehand; this is for the free
 * text that remains in it.
 *
 * @module
 */

const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[key]"],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, "[token]"],
  [/\bsha256~[\w-]{16,}/g, "[token]"],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, "$1 [redacted]"],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, "$1[redacted]@"],
  // A private member of a JWK.
  [/("(?:d|p|q|dp|dq|qi|k)"\s*:\s*")[^"]*"/g, '$1[redacted]"'],
  [
    /((?:^|[^a-z])"?(?:[\w.-]{0,40}[_.-])?(?:token|password|passwd|pwd|secret|authorization|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]key[_-]data)"?\s*[=:]\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&]+)/gim,
    "$1[redacted]",
  ],
];

/**
 * A text without private keys, tokens and passwords.
 *
 * @example
 * ```ts
 * import { redactText } from "./redact_text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(redactText('retry password="hunter2" in 5 s'), "retry password=[redacted] in 5 s");
 * assert.equal(redactText("postgres://spire:pw@db:5432"), "postgres://[redacted]@db:5432");
 * ```
 */
export function redactText(text: string): string {
  return REPLACEMENTS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text);
}
