import assert from "node:assert/strict";
import { type FailedTry, pauseBeforeRetry } from "./retry.ts";

const CLOCK = { now: new Date("2026-11-24T12:00:00Z"), random: 0.5 };

function pause(failed: Partial<FailedTry>): number | undefined {
  return pauseBeforeRetry({ tries: 1, idempotent: true, ...failed }, CLOCK)?.milliseconds;
}

Deno.test("a server that asks for a pause gets it, in seconds or as a date, at most 60 s", () => {
  assert.equal(pause({ status: 429, retryAfter: "8" }), 8400);
  assert.equal(pause({ status: 503, retryAfter: "Tue, 24 Nov 2026 12:00:10 GMT" }), 10_500);
  assert.equal(pause({ status: 429, retryAfter: "3600" }), 60_000);
  assert.equal(pause({ status: 429, retryAfter: "0" }), 0);
});

Deno.test("without such a word pauses double, with jitter, and end after four", () => {
  assert.deepEqual([1, 2, 3, 4, 5].map((tries) => pause({ tries, status: 503 })), [
    500,
    1000,
    2000,
    4000,
    undefined,
  ]);
});

Deno.test("what is not safe to do twice is repeated only when the server turned it away", () => {
  const reset = { code: "net/reset", text: "", maybeDelivered: true } as const;

  assert.equal(pause({ idempotent: false, status: 429, retryAfter: "1" }), 1050);
  assert.equal(pause({ idempotent: false, status: 503, retryAfter: "1" }), undefined);
  assert.equal(pause({ idempotent: false, status: 429 }), undefined);
  assert.equal(pause({ idempotent: false, status: 500 }), undefined);
  assert.equal(pause({ idempotent: false, network: reset }), undefined);
});

Deno.test("refusals that another try cannot mend are not repeated", () => {
  for (const status of [400, 401, 403, 404, 409, 413, 422, 501]) {
    assert.equal(pause({ status }), undefined);
  }
  assert.equal(pause({ status: 500, isRefusal: true }), undefined);
  for (const code of ["net/tls", "net/dns", "net/refused", "net/timeout"] as const) {
    assert.equal(pause({ network: { code, text: "", maybeDelivered: false } }), undefined);
  }
});

Deno.test("a webhook that cannot be reached is tried again twice at most", () => {
  const failed = { status: 500, isWebhookFailure: true };

  assert.equal(pause({ ...failed, tries: 2 }), 1000);
  assert.equal(pause({ ...failed, tries: 3 }), undefined);
});
