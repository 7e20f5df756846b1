import assert from "node:assert/strict";
import { redact } from "./redaction.ts";

Deno.test("redact() takes a token out wherever a server repeats it", () => {
  const headers = { authorization: "Bearer abcdef123" };

  assert.equal(redact("abcdef123 and abcdef123", headers), "[redacted] and [redacted]");
});

Deno.test("redact() takes the password of basic authentication out, bare and encoded", () => {
  const encoded = btoa("admin:hunter:22");
  const headers = { authorization: `Basic ${encoded}` };

  assert.equal(redact(`hunter:22 or ${encoded}`, headers), "[redacted] or [redacted]");
});
