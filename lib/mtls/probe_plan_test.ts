import assert from "node:assert/strict";
import { ordersFor } from "./probe_plan.ts";
import { TRIAL } from "./testing_facts.ts";

Deno.test("a caller tries for 20 s, but not where a side is known to store no bundle", () => {
  const answerMs = (stores: boolean | undefined): unknown => {
    const caller = { ...TRIAL.caller, storesPeer: stores };
    const orders = ordersFor({ ...TRIAL, caller }, "caller");
    return "answerMs" in orders ? orders.answerMs : undefined;
  };

  assert.deepEqual([true, undefined, false].map(answerMs), [20_000, 20_000, 3_000]);
});
