/**
 * What goes wrong while `unpeer` works, at every place where it can: whatever the fault,
 * nobody else's trust suffers, nothing is half-told, and the same command mends it.
 */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { CLASS_NAME } from "../sandbox/healthy.ts";
import type { Fault, FaultVerb } from "../sandbox/faults.ts";
import { federated, holding, staticPeer } from "./support/ailments.ts";
import { everythingIn } from "./support/everything.ts";
import { FAULT_EFFECTS, interruptAfterWrite, writesOf } from "./support/everywhere.ts";
import { type Practice, practice, type WorldPatch } from "./support/practice.ts";

const NAMES = ["east", "west", "north"];
const LINE = ["unpeer", "east", "west", "--yes"];

const { 422: _invalid, 503: _unavailable, delay: _late, ...EFFECTS } = FAULT_EFFECTS;

/** Everything that can speak of a peer: an object, a static entry, a reference, entries. */
const PATCH: readonly WorldPatch[] = [
  federated(...NAMES),
  staticPeer("east", "west"),
  holding("east", {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "shop" },
    spec: {
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}",
      className: CLASS_NAME,
      federatesWith: ["apps.west.example", "apps.north.example"],
    },
  }),
  ({ clockwork }) => clockwork.advance(2_000),
];

async function fresh(faults: readonly Fault[] = []): Promise<Practice> {
  return await practice({ clusters: NAMES, patch: PATCH, faults });
}

/** The next run finds what the last one left, and no fault. */
async function inTheSameWorld({ mount }: Practice): Promise<Practice> {
  const again = await practice({ clusters: NAMES });
  again.mount.world = mount.world;
  return again;
}

/** The end that every way has to lead to. */
function assertApart(run: Practice, north: unknown): void {
  for (const [holder, peer] of [["east", "west"], ["west", "east"]] as const) {
    const { stored, dynamic, static: listed, entries } = run.mount.cluster(holder).spire;
    const trustDomain = `apps.${peer}.example`;
    for (const held of [stored, dynamic, listed]) assert.ok(!held.has(trustDomain));
    assert.ok(entries.every(({ federatesWith }) => !federatesWith.includes(trustDomain)));
    assert.ok(stored.has("apps.north.example"));
  }
  assert.deepEqual(run.mount.cluster("east").spire.entries.length, 1);
  assert.deepEqual(everythingIn(run, "north"), north);
}

async function survives(fault: Fault): Promise<void> {
  const run = await fresh([fault]);
  const [before, north] = [everythingIn(run, "east"), everythingIn(run, "north")];

  const code = await main(LINE, run.context);
  const told = run.context.err.join("") + run.context.out.join("");

  assert.ok([0, 3, 4, 5].includes(code), `exit ${code}\n${told}`);
  if (code === 4 || code === 5) assert.deepEqual(everythingIn(run, "east"), before, told);
  if (code === 0) assert.equal(told.match(/gone: /g)?.length, 2, told);
  if (code === 3) assert.match(told, /✗|- east|- west/);
  for (const [, first] of run.context.err.join("").matchAll(/^error: (.*)$/gm)) {
    assert.match(first ?? "", /^\[\w+\]|failures; nothing was written/);
  }
  const again = await inTheSameWorld(run);
  assert.equal(await main(LINE, again.context), 0, `re-run: ${again.context.err.join("")}`);
  assertApart(again, north);
  const writes = again.writes();
  assert.equal(await main(LINE, again.context), 0, "third run");
  assert.equal(again.writes(), writes, "the third run writes nothing");
}

/** Which calls, to which cluster: looks, questions, dry runs, writes, proofs. */
const PLACES: readonly (readonly [cluster: string, FaultVerb, readonly number[]])[] = [
  ["east", "get", [1, 30]],
  ["east", "list", [1, 9]],
  ["east", "can", [1]],
  ["east", "patch", [1, 3, 4]],
  ["east", "delete", [1, 2]],
  ["east", "exec", [1, 7, 9, 11, 13]],
  ["west", "delete", [2]],
  ["west", "exec", [9, 12]],
];

for (const [name, effect] of Object.entries(EFFECTS)) {
  Deno.test(`unpeer survives ${name} at every kind of call, and a re-run mends it`, async () => {
    for (const [cluster, verb, turns] of PLACES) {
      for (const nth of turns) {
        await survives({ ...effect, cluster, verb, nth }).catch((cause) => {
          throw new Error(`${name} at ${verb} ${nth} of ${cluster}`, { cause });
        });
      }
    }
  });
}

Deno.test("unpeer killed after any of its writes converges when it is run again", async () => {
  const whole = await fresh();
  const north = everythingIn(whole, "north");
  assert.equal(await main(LINE, whole.context), 0);
  const boundaries = writesOf(whole);
  assert.ok(boundaries >= 6, `${boundaries} writes`);

  for (let nth = 1; nth <= boundaries; nth++) {
    const run = await fresh();
    interruptAfterWrite(run, nth);
    assert.equal(await main(LINE, run.context), 130, `write ${nth}`);

    const again = await inTheSameWorld(run);
    assert.equal(await main(LINE, again.context), 0, again.context.err.join(""));
    assertApart(again, north);
  }
});

Deno.test("unpeer stops before it takes the bundle where the controller does nothing", async () => {
  const run = await practice({ patch: federated("east", "west") });
  const { mount } = run;
  const { spire } = mount.cluster("east");
  const idle = { ...spire.controller, idleUntil: Infinity };
  const clusters = new Map(mount.world.clusters);
  clusters.set("east", { ...mount.cluster("east"), spire: { ...spire, controller: idle } });
  mount.world = { ...mount.world, clusters };

  assert.equal(await main(LINE, run.context), 3);

  const told = run.context.err.join("") + run.context.out.join("");
  assert.match(told, /waited 60 s in vain for the relationship with\s+apps\.west\.example to go/);
  assert.match(told, /✓ west → east/);
  assert.ok(mount.cluster("east").spire.stored.has("apps.west.example"));
});
