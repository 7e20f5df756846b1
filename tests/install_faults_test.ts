/**
 * What goes wrong while `install` works, at every place where it can: whatever the fault,
 * nothing is half-told, and the same command goes on from what is there.
 */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Fault, FaultVerb } from "../sandbox/faults.ts";
import type { World } from "../sandbox/model.ts";
import { FAULT_EFFECTS } from "./support/everywhere.ts";
import { type Practice, practice, told } from "./support/practice.ts";

const EMPTY = ["east", "west"].map((name) => ({ name, operator: false }));
const FLAGS = ["--approval", "manual", "--yes"];
const LINE = ["install", "east", "west", ...FLAGS];
const ONE = ["install", "east", ...FLAGS];

/** The others ask nothing of `install` that these do not. */
const { 422: _invalid, 503: _unavailable, ...EFFECTS } = FAULT_EFFECTS;

const PLACES: readonly (readonly [FaultVerb, number, boolean | undefined])[] = [
  ["get", 1, undefined],
  ["get", 60, undefined],
  ["get", 80, undefined],
  ["list", 1, undefined],
  ["list", 12, undefined],
  ["can", 1, undefined],
  ["apply", 1, true],
  ["apply", 4, true],
  ...[1, 2, 3, 4, 5, 8].map((nth) => ["apply", nth, false] as const),
  ["patch", 1, undefined],
  ["fetch", 1, undefined],
];

/** The same command brings it to an end, and then changes nothing any more. */
async function assertConverges(run: Practice, line = LINE): Promise<void> {
  assert.equal(await main(line, run.context), 0, `re-run: ${told(run)}`);
  const writes = run.writes();
  assert.equal(await main(line, run.context), 0, "third run");
  assert.equal(run.writes(), writes, "the third run writes nothing");
  for (const { objects } of run.world.clusters.values()) {
    const kinds = [...objects.values()].map(({ manifest }) => manifest.kind);
    assert.equal(kinds.filter((kind) => kind === "OperatorGroup").length, 1);
    assert.equal(kinds.filter((kind) => kind === "Subscription").length, 1);
  }
}

for (const [name, effect] of Object.entries(EFFECTS)) {
  Deno.test(`install survives ${name} at every kind of call, and a re-run goes on`, async () => {
    for (const [verb, nth, dryRun] of PLACES) {
      const place = dryRun === undefined ? { nth } : { nth, dryRun };
      const fault: Fault = { ...effect, cluster: "east", verb, ...place };
      const run = await practice({ clusters: EMPTY.slice(0, 1), faults: [fault] });
      const where = `${name} at ${verb} ${nth}, dry run ${dryRun}`;

      const code = await main(ONE, run.context);

      assert.ok([0, 3, 4, 5].includes(code), `${where}: exit ${code}\n${told(run)}`);
      const lands = "lostReply" in effect && dryRun === false ? 1 : 0;
      if (code === 5 || code === 4) {
        assert.ok(run.writes() <= lands + 1, `${where}: written at ${code}`);
      }
      if (code === 3) assert.match(told(run), /failed: \[east\]/, where);
      await assertConverges(run, ONE).catch((cause) => {
        throw new Error(where, { cause });
      });
    }
  });
}

/** A practice whose clusters are as another left them when it was killed. */
async function after(world: World): Promise<Practice> {
  const run = await practice({ clusters: EMPTY });
  run.mount.world = world;
  return run;
}

/** Hands out the World right after each write for good; a killed process leaves no more than that. */
async function writing(
  onWrite: (run: Practice, count: number) => void,
): Promise<{ readonly run: Practice; readonly code: number }> {
  const run = await practice({ clusters: EMPTY });
  let count = 0;
  const { openCluster } = run.context;
  const context = {
    ...run.context,
    openCluster: async (...words: Parameters<typeof openCluster>) => {
      const cluster = await openCluster(...words);
      return new Proxy(cluster, {
        get(target, verb, receiver): unknown {
          const found: unknown = Reflect.get(target, verb, receiver);
          if (typeof found !== "function") return found;
          if (verb !== "apply" && verb !== "patch") return found.bind(target);
          return async (...args: readonly unknown[]) => {
            const written: unknown = await found.apply(target, args);
            const options = args.at(-1) as { readonly dryRun?: boolean } | undefined;
            if (options?.dryRun !== true) onWrite(run, count += 1);
            return written;
          };
        },
      });
    },
  };
  return { run, code: await main(LINE, context) };
}

Deno.test("install killed after any of its writes converges when it is run again", async () => {
  const worlds: World[] = [];
  const { code } = await writing((run) => void worlds.push(run.world));

  assert.equal(code, 0);
  assert.equal(worlds.length, 18);
  for (const [at, world] of worlds.entries()) {
    await assertConverges(await after(world)).catch((cause) => {
      throw new Error(`killed after write ${at + 1}`, { cause });
    });
  }
});

Deno.test("install interrupted in the middle says what stands, and a re-run goes on", async () => {
  const { run, code } = await writing((run, count) => count === 9 ? run.interrupt() : undefined);

  assert.equal(code, 130);
  assert.match(told(run), /unfinished: .*before it was ready/s);
  assert.match(told(run), /Next: oc spirefed install .*goes on from\s+what is there/);
  assert.doesNotMatch(told(run), /✓/);
  await assertConverges(await after(run.world));
});

Deno.test("install ends at --timeout with 124", async () => {
  const run = await practice({
    clusters: EMPTY,
    faults: [{ cluster: "west", verb: "get", delayMs: 60_000 }],
  });

  assert.equal(await main([...LINE, "--timeout", "1ms"], run.context), 124);
  assert.equal(run.writes(), 0);
});
