/**
 * When a failed request is sent again. Only what is safe to do twice is repeated:
 * reads, and server-side apply, which says the same thing again.
 *
 * @module
 */
import type { NetworkFailure } from "./network_failure.ts";

/** How a try ended. */
export interface FailedTry {
  /** How many tries there were, this one included. */
  readonly tries: number;
  /** Whether doing it twice is the same as doing it once. */
  readonly idempotent: boolean;
  readonly status?: number | undefined;
  /** The `Retry-After` header: seconds or a date. */
  readonly retryAfter?: string | undefined;
  /** The server could not reach an admission webhook. */
  readonly isWebhookFailure?: boolean | undefined;
  /** A 500 that says no: what was applied does not fit the schema. */
  readonly isRefusal?: boolean | undefined;
  readonly network?: NetworkFailure | undefined;
}

/** How long to wait before the next try, and on whose word. */
export interface Pause {
  readonly milliseconds: number;
  readonly why: "the server asked" | "the server failed" | "the connection was cut";
}

const TRIES = 5;
const WEBHOOK_TRIES = 3;
const LONGEST_MS = 60_000;
const FIRST_MS = 500;

/**
 * The pause before the next try, `undefined` when there is none.
 *
 * @example
 * ```ts
 * import { pauseBeforeRetry } from "./retry.ts";
 * import assert from "node:assert/strict";
 *
 * const clock = { now: new Date(0), random: 0 };
 * const busy = { tries: 1, idempotent: false, status: 429, retryAfter: "8" };
 *
 * assert.equal(pauseBeforeRetry(busy, clock)?.milliseconds, 8000);
 * assert.equal(pauseBeforeRetry({ tries: 1, idempotent: false, status: 500 }, clock), undefined);
 * ```
 */
export function pauseBeforeRetry(
  { tries, idempotent, status, retryAfter, isWebhookFailure, isRefusal, network }: FailedTry,
  { now, random }: { readonly now: Date; readonly random: number },
): Pause | undefined {
  if (tries >= TRIES) return undefined;
  const asked = retryAfter === undefined ? undefined : milliseconds(retryAfter, now);
  // A 429 was turned away before anything was done, so any verb may come again.
  if (asked !== undefined && (status === 429 || (status === 503 && idempotent))) {
    const spread = asked * 0.1 * random;
    return { milliseconds: Math.min(asked + spread, LONGEST_MS), why: "the server asked" };
  }
  if (!idempotent || isRefusal) return undefined;
  const backoff = FIRST_MS * 2 ** (tries - 1) * (0.75 + random / 2);
  if (network?.code === "net/reset") {
    return { milliseconds: backoff, why: "the connection was cut" };
  }
  const isTransient = status !== undefined && [429, 500, 502, 503, 504].includes(status);
  if (!isTransient || (isWebhookFailure && tries >= WEBHOOK_TRIES)) return undefined;
  return { milliseconds: backoff, why: "the server failed" };
}

function milliseconds(retryAfter: string, now: Date): number | undefined {
  if (/^\d{1,6}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000;
  const time = Date.parse(retryAfter);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now.getTime());
}
