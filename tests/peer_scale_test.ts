/** Many clusters at once: what grows with them, and what must not. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { clusterNames } from "../sandbox/healthy.ts";
import { edgesTold } from "./support/edges_told.ts";
import { practice } from "./support/practice.ts";

const NAMES = clusterNames(12);
const MESH = ["peer", ...NAMES, "--topology", "mesh", "-o", "json"];
const DIRECTIONS = 12 * 11;

Deno.test("a mesh costs a fetch and a dry run a cluster, a write a direction, and then nothing", async () => {
  const run = await practice({ clusters: NAMES });

  assert.equal(await main(MESH, run.context), 0, run.context.err.join(""));
  assert.deepEqual([run.fetches(), run.dryRuns(), run.writes()], [12, 12, DIRECTIONS]);
  const lists = run.calls.filter(({ verb }) => verb === "list").length;
  assert.equal(lists, 2 * 12, "objects are listed once a look, never asked for one by one");

  run.calls.length = 0;
  assert.equal(await main(MESH, run.context), 0, run.context.err.join(""));
  assert.deepEqual([run.fetches(), run.dryRuns(), run.writes()], [12, 0, 0]);
});

Deno.test("a cluster that is lost after preflight costs its own directions only", async () => {
  const healthy = await practice({ clusters: NAMES });
  await main(MESH, healthy.context);
  const calls = healthy.calls.filter(({ cluster }) => cluster === "c7");
  const nth = 1 + calls.findIndex(({ verb, dryRun }) => verb === "apply" && !dryRun);
  const run = await practice({
    clusters: NAMES,
    faults: [{ cluster: "c7", verb: "*", nth, onward: true, reset: true }],
  });

  assert.equal(await main(MESH, run.context), 3);

  const edges = edgesTold(run);
  const trusted = edges.filter(({ state }) => state === "trusted");
  assert.equal(trusted.length, 11 * 11);
  assert.deepEqual(
    edges.filter(({ from }) => from === "c7").map(({ state }) => state),
    ["missing", ...Array.from({ length: 10 }, () => "not attempted")],
    "a cluster that does not answer is not asked eleven times",
  );
  assert.ok(run.calls.filter(({ cluster }) => cluster === "c7").length <= nth + 2);
});
