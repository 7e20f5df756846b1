/**
 * Every fault, at the first, the middle and the last cluster, among two, three and five:
 * nothing is lost, nothing is half-told, and the same command mends it. The invariants
 * are those of docs/faults.md.
 */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { clusterNames } from "../sandbox/healthy.ts";
import { storeKey } from "../sandbox/kinds.ts";
import { edgesTold } from "./support/edges_told.ts";
import { holdsBundleOf } from "./support/holding.ts";
import { API_FAULTS } from "./support/faults/api_servers.ts";
import type { FaultCase, Place } from "./support/faults/case.ts";
import { ENDPOINT_FAULTS } from "./support/faults/endpoints.ts";
import { WORLD_FAULTS } from "./support/faults/worlds.ts";
import { federated } from "./support/ailments.ts";
import { type Practice, practice, type WorldPatch } from "./support/practice.ts";

/** Trusts the first cluster, and is trusted by it, all along; nobody names it. */
const BYSTANDER = "partner";
/** By the World's clock: no run may take longer than its own `--timeout`. */
const LONGEST_MS = 305_000;

for (const fault of [...ENDPOINT_FAULTS, ...API_FAULTS, ...WORLD_FAULTS]) {
  Deno.test(`${fault.id}: ${fault.what}`, async (test) => {
    for (const place of placesOf()) {
      const where = `${place.struck} of ${place.names.length}`;
      await test.step(where, () => survives(fault, place));
    }
  });
}

function* placesOf(): Generator<Omit<Place, "run" | "call">> {
  for (const count of [2, 3, 5]) {
    const names = clusterNames(count);
    for (const index of count === 5 ? [1, 4] : Array.from(Array(count).keys())) {
      const [struck = "", other = ""] = [names[index], names[(index + 1) % count]];
      const write = 1 + Math.min(index, count - 2);
      yield { names, struck, other, write };
    }
  }
}

async function survives(fault: FaultCase, where: Omit<Place, "run" | "call">): Promise<void> {
  const under: { run?: Practice } = {};
  const place: Place = {
    ...where,
    call: await callOf(where),
    run: () => under.run ?? assert.fail("not under way"),
  };
  const { args = [], faults = [], patch = [] } = fault.stage(place);
  const line = ["peer", ...place.names, "-o", "json", ...args];
  const run = await practiceOf(place, { faults, patch });
  under.run = run;
  const before = { standing: standing(run, place), others: others(run, place) };
  const began = run.mount.now;

  const code = await main(line, run.context);

  const told = run.context.err.join("") + run.context.out.join("");
  assert.ok(fault.codes.includes(code), `exit ${code}\n${told}`);
  assert.match(told, fault.says);
  assert.ok(run.mount.now - began <= LONGEST_MS, "bounded");
  assert.deepEqual(others(run, place), before.others, "nothing of others lost");
  if (code === 4 || code === 5) {
    assert.deepEqual(standing(run, place), before.standing, "nothing written");
  }
  assertTruthful(run, { place, code, spares: fault.spares === true });
  assertErrorsNamed(run, place);
  await assertMended(fault, { place, run });
}

async function practiceOf(
  { names }: Pick<Place, "names">,
  { faults, patch }: Required<Pick<Parameters<typeof practice>[0] & object, "faults" | "patch">>,
): Promise<Practice> {
  const [first = ""] = names;
  const patches: readonly WorldPatch[] = typeof patch === "function" ? [patch] : patch;
  return await practice({
    clusters: [...names, BYSTANDER],
    faults,
    patch: [federated(first, BYSTANDER), ...patches],
  });
}

const healthyCalls = new Map<string, Promise<Practice["calls"]>>();

/** Which of all calls to the struck cluster its chosen write is, when nothing goes wrong. */
async function callOf({ names, struck, write }: Omit<Place, "run" | "call">): Promise<number> {
  const key = names.join(" ");
  const calls = await (healthyCalls.get(key) ?? healthy(names));
  const own = calls.filter(({ cluster }) => cluster === struck);
  const writes = own.flatMap(({ verb, dryRun }, index) =>
    verb === "apply" && !dryRun ? [index] : []
  );
  return 1 + (writes[write - 1] ?? assert.fail(`no write ${write} to ${struck}`));
}

function healthy(names: readonly string[]): Promise<Practice["calls"]> {
  const calls = practiceOf({ names }, { faults: [], patch: [] }).then(async (run) => {
    await main(["peer", ...names], run.context);
    return run.calls;
  });
  healthyCalls.set(names.join(" "), calls);
  return calls;
}

/** All that a refusal must leave as it was. */
function standing({ mount }: Practice, { names }: Place): unknown {
  return names.map((name) => {
    const { objects, spire } = mount.cluster(name);
    return [
      [...objects].filter(([key]) => /^(clusterfed|spireservers)/.test(key))
        .map(([key, { manifest }]) => [key, manifest["spec"]]),
      [...spire.dynamic],
    ];
  });
}

/** I1: what others declare and store is as it was, and so is what others are held for. */
function others({ mount }: Practice, { names: [first = ""] }: Place): unknown {
  const [{ objects, spire }, partner] = [mount.cluster(first), mount.cluster(BYSTANDER)];
  return [
    [...partner.objects.values()].map(({ manifest }) => manifest["spec"]),
    [...partner.spire.dynamic],
    [...partner.spire.stored.keys()],
    objects.get(storeKey("clusterfederatedtrustdomains", `federation-to-${BYSTANDER}`)),
    spire.dynamic.get(partner.trustDomain),
    spire.stored.get(partner.trustDomain),
  ];
}

/** I2, I6, I8: what is told of directions is what stands, and one cluster spoils only its own. */
function assertTruthful(
  run: Practice,
  { place: { names, struck }, code, spares }: {
    readonly place: Place;
    readonly code: number;
    readonly spares: boolean;
  },
): void {
  const edges = edgesTold(run);
  if (code === 4 || code === 5) return;
  assert.equal(edges.length, names.length * (names.length - 1));
  const trusted = edges.filter(({ state }) => state === "trusted");
  for (const { from, to } of trusted) {
    assert.ok(holdsBundleOf(run, from, to), `${from} does not hold what ${to} serves`);
  }
  assert.equal(code === 0, trusted.length === edges.length, `exit ${code}`);
  for (const { state, reason, next } of edges) {
    assert.ok(state === "trusted" || (reason && next), "says why, and what next");
  }
  const apart = edges.filter(({ from, to }) => from !== struck && to !== struck);
  if (spares) assert.ok(apart.every(({ state }) => state === "trusted"), JSON.stringify(apart));
}

/** I3: each error begins with the cluster it is about, and says what to run next. */
function assertErrorsNamed({ context }: Practice, { names }: Place): void {
  const text = context.err.join("");
  for (const [, line = ""] of text.matchAll(/^error: (.*)$/gm)) {
    const [, name] = /^\[([^\]]+)\] /.exec(line) ?? [];
    const isSummary = /failures?; nothing was written$|^Stopped by/.test(line);
    assert.ok(isSummary || names.includes(name ?? ""), line);
  }
}

/** I4: the same command, once the fault has passed, ends well; a third run writes nothing. */
async function assertMended(
  { heal, again = [], stage }: FaultCase,
  { place, run }: { readonly place: Place; readonly run: Practice },
): Promise<void> {
  await heal?.(place)(run);
  const next = await practiceOf(place, { faults: [], patch: [] });
  next.mount.world = run.mount.world;
  await next.tick(1_000);
  const line = ["peer", ...place.names, ...again, ...stage(place).args ?? []];
  assert.equal(await main(line, next.context), 0, `re-run: ${next.context.err.join("")}`);
  next.calls.length = 0;
  assert.equal(await main(line, next.context), 0, `third run: ${next.context.err.join("")}`);
  assert.equal(next.writes(), 0, "the third run writes nothing");
}
