/**
 * What goes wrong while `cleanup` works, at every place where it can: whatever the fault,
 * nothing is told as gone that is there, and the same command goes on from what is left.
 */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Fault, FaultVerb } from "../sandbox/faults.ts";
import { everythingIn } from "./support/everything.ts";
import { FAULT_EFFECTS } from "./support/everywhere.ts";
import { installedHere } from "./support/installed.ts";
import { type Practice, practice } from "./support/practice.ts";

const LINE = ["cleanup", "east", "--all", "--crds", "--yes", "-o", "json"];

const { 422: _invalid, 503: _unavailable, ...EFFECTS } = FAULT_EFFECTS;

/** Which calls: looks, questions, dry runs, each sort of write, waits, proofs, the last look. */
const PLACES: readonly (readonly [FaultVerb, readonly number[], boolean?])[] = [
  ["get", [1, 20, 100]],
  ["list", [1, 12, 30]],
  ["can", [1]],
  ["delete", [1, 12], true],
  ["delete", [1, 3, 6, 8, 11, 13, 21], false],
  ["exec", [1, 4, 7]],
];

/** A practice in which `east` was installed and peered by this program. */
async function fresh(faults: readonly Fault[]): Promise<Practice> {
  const first = await practice({ patch: installedHere("east") });
  assert.equal(await main(["peer", "east", "west"], first.context), 0);
  return await inTheSameWorld(first, faults);
}

async function inTheSameWorld(
  { mount }: Practice,
  faults: readonly Fault[] = [],
): Promise<Practice> {
  const again = await practice({ faults });
  again.mount.world = mount.world;
  return again;
}

async function survives(fault: Fault): Promise<void> {
  const run = await fresh([fault]);
  const [before, west] = [everythingIn(run, "east"), everythingIn(run, "west")];

  const code = await main(LINE, run.context);
  const told = run.context.err.join("") + run.context.out.join("");

  assert.ok([0, 3, 4, 5].includes(code), `exit ${code}\n${told}`);
  if (code === 4 || code === 5) assert.deepEqual(everythingIn(run, "east"), before, told);
  else assertTrue(run);
  for (const [, first] of run.context.err.join("").matchAll(/^error: (.*)$/gm)) {
    assert.match(first ?? "", /^\[\w+\]|failures; nothing was written/);
  }
  const again = await inTheSameWorld(run);
  assert.equal(await main(LINE, again.context), 0, `re-run: ${again.context.err.join("")}`);
  const writes = again.writes();
  assert.equal(await main(LINE, again.context), 0, "third run");
  assert.equal(again.writes(), writes, "the third run writes nothing");
  assert.deepEqual(everythingIn(again, "west"), west, "the other cluster was not named");
}

/** What is told as gone is gone. */
function assertTrue({ context, mount }: Practice): void {
  const { items }: { items: readonly { object: string; state: string }[] } = JSON.parse(
    context.out.join(""),
  );
  const there = [...mount.cluster("east").objects.values()]
    .map(({ manifest: { kind, metadata } }) => `${kind}/${metadata.name}`);
  const lies = items.filter(({ object, state }) => state === "gone" && there.includes(object));
  assert.deepEqual(lies, []);
}

for (const [name, effect] of Object.entries(EFFECTS)) {
  Deno.test(`cleanup survives ${name} at every kind of call, and a re-run goes on`, async () => {
    for (const [verb, turns, dryRun] of PLACES) {
      for (const nth of turns) {
        const place = { ...dryRun === undefined ? {} : { dryRun }, nth };
        await survives({ ...effect, cluster: "east", verb, ...place }).catch((cause) => {
          throw new Error(`${name} at ${verb} ${nth}, dry run ${dryRun}`, { cause });
        });
      }
    }
  });
}
