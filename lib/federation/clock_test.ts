import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import { judgeClock } from "./clock.ts";

function cluster(aheadSeconds: number | undefined): Parameters<typeof judgeClock>[0] {
  const local = new Date("2026-11-24T12:00:00Z");
  const server = new Date(local.getTime() + (aheadSeconds ?? 0) * 1000);
  return {
    name: "west",
    server: {
      url: "https://api.west.example",
      insecure: false,
      fingerprint: "",
      clock: () => aheadSeconds === undefined ? undefined : { server, local },
    },
  };
}

Deno.test("judgeClock() is silent about a minute, and before any answer", () => {
  assert.equal(judgeClock(cluster(60)), undefined);
  assert.equal(judgeClock(cluster(undefined)), undefined);
});

Deno.test("judgeClock() warns beyond a minute and says which clock is behind", () => {
  assert.match(judgeClock(cluster(90)) ?? "", /^\[west\] clocks differ: .*90 s behind here$/);
  assert.match(judgeClock(cluster(-90)) ?? "", /90 s ahead here$/);
});

Deno.test("judgeClock() refuses beyond five minutes: certificates cannot be judged", () => {
  assert.throws(() => judgeClock(cluster(301)), (error: SpirefedError) => error.exitCode === 4);
});
