/** What only many calls show: servers that are busy at random, and what a long run holds on to. */
import assert from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { main } from "../commands/main.ts";
import type { FaultVerb } from "../sandbox/faults.ts";
import { startSandbox } from "../sandbox/tls/sandbox.ts";
import { contextOver } from "./support/practice_over_tls.ts";

const WAITING = /: waiting [\d.]+ s \(the server (asked|failed)\)$/gm;
/** SPIREFED_TEST_ROUNDS=50 makes a soak of it. */
const ROUNDS = Number(Deno.env.get("SPIREFED_TEST_ROUNDS") ?? 6);
const PEER = ["peer", "east", "west", "north"];

/** Numbers that look random and are the same each time. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const BUSY: readonly (readonly [how: string, verbs: readonly FaultVerb[], retryAfter?: string])[] =
  [
    ["and say when to come again", ["get", "list", "apply", "logs", "exec"], "1"],
    // Without that word only what may be done twice is tried again.
    ["and do not say when to come again", ["get", "list", "apply", "logs"]],
  ];

for (const [how, verbs, retryAfter] of BUSY) {
  Deno.test(`peer gets there while servers turn one call in twenty away ${how}`, async () => {
    const busy = { status: 429, reason: "TooManyRequests", message: "slow down" };
    const faults = verbs.map((verb) => ({
      ...busy,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      cluster: "*",
      verb,
      share: 0.05,
    }));
    let turnedAway = 0;
    const dice = sequence(7);
    const random = (): number => {
      const rolled = dice();
      if (rolled < 0.05) turnedAway++;
      return rolled;
    };
    await using sandbox = await startSandbox({ clusters: 3, faults, random });

    for (let run = 1; run <= 5; run++) {
      const context = contextOver(sandbox);
      const before = turnedAway;

      const code = await main(PEER, context);

      const [out, err] = [context.out.join(""), context.err.join("")];
      assert.equal(code, 0, err);
      assert.equal(out.match(/ {3}trusted: /g)?.length, 6, out);
      assert.equal(err.match(WAITING)?.length ?? 0, turnedAway - before, "each wait is told of");
      assert.ok(Math.max(0, ...context.waits) <= 5_000, "no wait is long");
    }

    assert.ok(turnedAway >= 5, `${turnedAway} calls were turned away`);
  });
}

Deno.test("peer and status, again and again in one process, hold on to nothing", async () => {
  await using sandbox = await startSandbox();
  const seen: { readonly mebibytes: number; readonly files: number }[] = [];

  for (let round = 1; round <= ROUNDS; round++) {
    for (const line of [["peer", "east", "west"], ["status", "east", "west", "--refresh"]]) {
      const context = contextOver(sandbox);
      assert.equal(await main(line, context), 0, context.err.join("") + context.out.join(""));
    }
    if (round % (ROUNDS / 2) === 0) seen.push({ mebibytes: heapMiB(), files: openFiles() });
  }

  const [half, whole] = seen;
  assert.ok(half !== undefined && whole !== undefined);
  assert.ok(whole.files <= half.files + 2, JSON.stringify(seen));
  assert.ok(whole.mebibytes < half.mebibytes + 4, JSON.stringify(seen));
});

/** What is held on to, after all else was let go. */
function heapMiB(): number {
  v8.setFlagsFromString("--expose-gc");
  vm.runInNewContext("gc")();
  return Deno.memoryUsage().heapUsed / 1024 / 1024;
}

/** Files and sockets; where the machine does not tell, the test runner still finds what leaks. */
function openFiles(): number {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return 0;
  }
}
