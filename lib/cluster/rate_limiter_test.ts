import assert from "node:assert/strict";
import { RateLimiter } from "./rate_limiter.ts";

const SIGNAL = new AbortController().signal;

/** Time that passes only by sleeping. */
function clock(): { now: () => Date; sleep: (milliseconds: number) => Promise<void> } {
  let time = 0;
  return {
    now: () => new Date(time),
    sleep: (milliseconds) => {
      time += milliseconds;
      return Promise.resolve();
    },
  };
}

Deno.test("RateLimiter lets a burst through at once, then holds the rate in every second", async () => {
  const time = clock();
  const limiter = new RateLimiter({ perSecond: 5, burst: 10, inFlight: 4 }, time);
  const starts: number[] = [];

  for (let at = 0; at < 49; at++) {
    await limiter.run(() => Promise.resolve(starts.push(time.now().getTime())), SIGNAL);
  }

  assert.equal(starts.filter((start) => start === 0).length, 10);
  for (const start of starts.slice(10)) {
    const second = starts.slice(10).filter((each) => each >= start && each < start + 1000);
    assert.ok(second.length <= 5);
  }
  assert.equal(Math.round((starts.at(-1) ?? 0) / 100), 78);
});

Deno.test("RateLimiter never has more under way than it may", async () => {
  const limiter = new RateLimiter({ perSecond: 1000, burst: 1000, inFlight: 4 }, clock());
  let [underWay, most] = [0, 0];

  await Promise.all([...Array(20).keys()].map(() =>
    limiter.run(async () => {
      most = Math.max(most, ++underWay);
      for (let turn = 0; turn < 100; turn++) await Promise.resolve();
      underWay--;
    }, SIGNAL)
  ));

  assert.equal(most, 4);
});

Deno.test("RateLimiter goes on after work that failed and after waiting that was given up", async () => {
  const limiter = new RateLimiter({ perSecond: 5, burst: 10, inFlight: 1 }, clock());

  await assert.rejects(limiter.run(() => Promise.reject(new Error("no")), SIGNAL));
  await assert.rejects(limiter.run(() => Promise.resolve(), AbortSignal.abort()));

  assert.equal(await limiter.run(() => Promise.resolve("yes"), SIGNAL), "yes");
});
