/** What `cleanup` takes of a federation, on the sides that are named. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { declaredByHand, storing } from "./support/ailments.ts";
import { practice, told } from "./support/practice.ts";

const WEST = "apps.west.example";

Deno.test("cleanup --only federation ends what this program made, and nobody else's", async () => {
  const run = await practice({
    clusters: ["east", "west", "north"],
    patch: declaredByHand("east", "north", "theirs"),
  });
  assert.equal(await main(["peer", "east", "west", "--static", "--yes"], run.context), 0);

  const line = ["cleanup", "east", "west", "--only", "federation", "--yes"];
  assert.equal(await main(line, run.context), 0, told(run));

  for (const [name, left] of [["east", ["apps.north.example"]], ["west", []]] as const) {
    const { stored, dynamic, static: listed } = run.mount.cluster(name).spire;
    assert.deepEqual([...stored.keys()], left);
    assert.deepEqual([...dynamic.keys()], left);
    assert.deepEqual([...listed.keys()], []);
  }
});

Deno.test("cleanup of one side says that the other still trusts it", async () => {
  const run = await practice();
  await main(["peer", "east", "west"], run.context);

  assert.equal(await main(["cleanup", "east", "--only", "federation"], run.context), 0, told(run));

  assert.match(told(run), /trust of apps\.west\.example in east/);
});

Deno.test("stored keys that nothing declares go only after asking", async () => {
  const healthy = await practice();
  await main(["peer", "east", "west"], healthy.context);
  const keys = healthy.mount.cluster("east").spire.stored.get(WEST);
  const patch = storing("east", WEST, keys);
  const line = ["cleanup", "east", "--only", "federation"];
  const alone = await practice({ patch });
  const agreed = await practice({ patch, answers: ["yes"] });

  assert.equal(await main(line, alone.context), 4);
  assert.equal(await main(line, agreed.context), 0, told(agreed));

  assert.equal(alone.writes(), 0);
  assert.equal(agreed.mount.cluster("east").spire.stored.size, 0);
});
