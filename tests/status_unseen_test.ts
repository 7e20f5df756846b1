/** What `status` says where there was nothing to be seen: it claims nothing. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Fault } from "../sandbox/faults.ts";
import { declaredByHand, federated } from "./support/ailments.ts";
import { practice } from "./support/practice.ts";

Deno.test("status and troubleshoot say so where no cluster runs the operator", async () => {
  for (const command of ["status", "troubleshoot"]) {
    const run = await practice({ clusters: [{ name: "east", operator: false }] });

    assert.equal(await main([command], run.context), 0);

    assert.equal(
      run.context.out.join(""),
      "No cluster was found that runs the operator: nothing was looked at\n",
    );
  }
});

Deno.test("status keeps to 80 columns, also of a direction that is not well", async () => {
  const run = await practice({ patch: declaredByHand("east", "west") });

  assert.equal(await main(["status", "east", "west"], run.context), 3);

  // The last line is there to be pasted, and stays in one piece.
  const lines = run.context.out.join("").split("\n").filter((line) => !line.startsWith("Next: "));
  assert.deepEqual(lines.filter(({ length }) => length > 80), []);
  assert.match(run.context.out.join(""), /^ {6}✗Declared .*Symmetric\n {6}\S?UsedByWorkloads$/m);
});

Deno.test("status claims nothing of whom an unread cluster trusts, and who trusts it", async () => {
  const dead: Fault = { cluster: "north", verb: "*", reset: true };
  const clusters = ["east", "west", "north"];
  const mesh = await practice({ clusters, faults: [dead], patch: federated("east", "west") });
  const pair = await practice({ clusters, faults: [dead] });

  assert.equal(await main(["status", ...clusters], mesh.context), 3);
  assert.equal(await main(["status", "east", "north"], pair.context), 3);

  const told = mesh.context.out.join("");
  assert.match(told, /^north {2}✗\n {6}create SelfSubjectAccessReview: /m);
  assert.doesNotMatch(told, /\[north\]/, "it is named once");
  assert.match(told, /^2 directions: 2 trusted, 1 cluster not read$/m);
  assert.match(told, /^ {3}1 east {4}─ {2}✓ {2}\?\n.*\n {3}3 north {3}\? {2}\? {2}─$/m);
  assert.match(pair.context.out.join(""), /^2 clusters, 1 of them not read: no trust was seen$/m);
});

Deno.test("status only warns of a dead cluster that nobody named", async () => {
  const faults = [{ cluster: "south", verb: "*", reset: true } as const];
  const clusters = ["east", "west", "south"];
  const run = await practice({ clusters, patch: federated("east", "west"), faults });
  const strict = await practice({ clusters, patch: federated("east", "west"), faults });

  assert.equal(await main(["status"], run.context), 0, run.context.out.join(""));
  assert.equal(await main(["status", "--fail-on", "warn"], strict.context), 6);

  assert.match(run.context.out.join(""), /! south: whether it runs SPIRE is unknown/);
});
