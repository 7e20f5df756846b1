/** `install` and `cleanup` in pieces, ended by SIGKILL after every write on a real cluster. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import { onBareClusters } from "./bare.ts";
import { openClusters, type TestCluster } from "./clusters.ts";
import { assertEverything, everythingIn } from "./everything.ts";
import { killedAfterEachWrite, kindOf } from "./writes.ts";

const last = (await openClusters()).at(-1) as TestCluster;
const { site: { name, trustDomain } } = last;

/** The kinds of the stack as paths have them, in the order in which they are made. */
const STACK = [
  "zerotrustworkloadidentitymanagers",
  "spireservers",
  "spireagents",
  "spiffecsidrivers",
  "spireoidcdiscoveryproviders",
];

Deno.test("install, cleanup of the stack and of the operator converge, killed after every write", async () => {
  await onBareClusters([last], async () => {
    const before = await everythingIn(last);

    const { written, said } = await goOn("install", "--approval", "manual");
    assert.deepEqual(written, [
      ...["namespaces", "operatorgroups", "subscriptions", "installplans"],
      ...STACK,
    ]);
    const { clusters: [{ state, endpoint }] } = said;
    assert.deepEqual([state, endpoint], ["unchanged", `https://federation.${trustDomain}`]);

    const stack = await goOn("cleanup", "--only", "stack");
    assert.deepEqual(stack.written, [
      ...STACK.toReversed(),
      ...["routes", "persistentvolumeclaims"],
    ]);
    const operator = await goOn("cleanup", "--only", "operator", "--crds");
    assert.deepEqual(operator.written, [
      ...["subscriptions", "clusterserviceversions", "operatorgroups"],
      ...["customresourcedefinitions", "namespaces"],
    ]);
    assert.deepEqual(operator.said.leftovers, []);

    await assertEverything(last, before);
  });
});

/** Runs a command line until it has nothing left to write; answers what was written, and its last word. */
async function goOn(
  command: string,
  ...options: readonly string[]
): Promise<{ readonly written: readonly string[]; readonly said: Json }> {
  const words = [command, name, ...options, "--yes", "-o", "json"];
  const { writes, last: { code, stdout, stderr } } = await killedAfterEachWrite(words, [last]);
  assert.equal(code, 0, `${words.join(" ")} after ${writes.join(", ")}: ${stderr}${stdout}`);
  const kinds = writes.map(kindOf);
  return { written: kinds.filter((kind, at) => kind !== kinds[at - 1]), said: JSON.parse(stdout) };
}
