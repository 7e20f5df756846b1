/** How the end-to-end suite is spread over its lanes. */
import assert from "node:assert/strict";
import { inOrder, lanes, lanesIn, ownReport, takeFor } from "./e2e/lanes.ts";

const FILES = ["/e2e/access_test.ts", "/e2e/contract_test.ts", "/e2e/mesh_test.ts"];

Deno.test("what few lanes can run goes first, then what takes long", () => {
  assert.deepEqual(inOrder(FILES), [FILES[2], FILES[1], FILES[0]]);
});

Deno.test("a lane takes the first file that it has clusters enough for, and each goes once", () => {
  const [wide, narrow] = lanes();
  assert.ok(wide && narrow);
  const queue = [...inOrder(FILES)];

  const taken = [takeFor(narrow, queue), takeFor(wide, queue), takeFor(narrow, queue)];

  assert.deepEqual(taken, [FILES[1], FILES[2], FILES[0]]);
  assert.equal(takeFor(wide, queue), undefined);
});

Deno.test("each file writes a report of its own", () => {
  assert.equal(
    ownReport("--junit-path=/r/end-to-end.xml", "/e2e/spire_lifecycle_test.ts"),
    "--junit-path=/r/end-to-end-spire-lifecycle.xml",
  );
  assert.equal(ownReport("--fail-fast", "/e2e/mesh_test.ts"), "--fail-fast");
});

Deno.test("lanes are names with numbers of clusters, and what is none is named", () => {
  assert.deepEqual(lanesIn("one:3,b:1"), [{ name: "one", clusters: 3 }, {
    name: "b",
    clusters: 1,
  }]);
  for (const wrong of ["one", "one:", "one:0", "one:2,", ":2", "One:2"]) {
    assert.throws(() => lanesIn(wrong), /SPIREFED_E2E_LANES: ".*" is no lane/);
  }
});
