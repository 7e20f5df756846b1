/**
 * What can go wrong at any call: one fault after the other, and a kill after each write.
 *
 * @module
 */
import { isWrite } from "../../sandbox/calls.ts";
import type { FaultEffect } from "../../sandbox/faults.ts";
import type { Practice } from "./practice.ts";

/** What a call can meet, by the name that tests show. */
export const FAULT_EFFECTS = {
  "401": { status: 401, reason: "Unauthorized" },
  "403": { status: 403, reason: "Forbidden" },
  "409": { status: 409, reason: "Conflict" },
  "422": { status: 422, reason: "Invalid" },
  "500": { status: 500, reason: "InternalError" },
  "503": { status: 503, reason: "ServiceUnavailable" },
  reset: { reset: true },
  "lost reply": { lostReply: true },
  delay: { delayMs: 20_000 },
} as const satisfies Readonly<Record<string, FaultEffect>>;

/** How often a run wrote. */
export function writesOf({ calls }: Practice): number {
  return calls.filter(isWrite).length;
}

/** Interrupts a run so that the call after its nth write finds nobody there any more. */
export function interruptAfterWrite(run: Practice, nth: number): void {
  const { push } = run.calls;
  let seen = 0;
  run.calls.push = (...calls) => {
    if (seen === nth) run.interrupt();
    seen += calls.filter(isWrite).length;
    return push.apply(run.calls, calls);
  };
}
