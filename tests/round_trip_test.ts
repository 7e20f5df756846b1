/** From nothing to a federation and back: every command after the other, over a practice World. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { holding } from "./support/ailments.ts";
import { everythingIn } from "./support/everything.ts";
import { practice } from "./support/practice.ts";

const EMPTY = [{ name: "east", operator: false }, { name: "west", operator: false }];

const NAMESPACE = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: OPERATOR_NAMESPACE, labels: { team: "security" } },
};

Deno.test("install and cleanup leave a namespace that was there before", async () => {
  const run = await practice({ clusters: EMPTY, patch: holding("east", NAMESPACE) });
  const before = everythingIn(run, "east");

  for (const words of [["install", "east"], ["cleanup", "east", "--all", "--crds"]]) {
    assert.equal(
      await main([...words, "--yes"], run.context),
      0,
      run.context.err.join("") + run.context.out.join(""),
    );
  }

  assert.deepEqual(everythingIn(run, "east"), before);
});

Deno.test("preflight, install, peer, unpeer and cleanup leave two empty clusters as they were", async () => {
  const run = await practice({ clusters: EMPTY });
  const before = [everythingIn(run, "east"), everythingIn(run, "west")];

  for (
    const words of [
      ["preflight", "east", "west"],
      ["install", "east", "west", "--yes"],
      ["peer", "east", "west", "--yes"],
      ["unpeer", "east", "west", "--yes"],
      ["cleanup", "east", "west", "--all", "--crds", "--yes"],
    ]
  ) {
    const told = (): string => run.context.err.join("") + run.context.out.join("");
    assert.equal(await main(words, run.context), 0, `${words.join(" ")}: ${told()}`);
  }

  assert.deepEqual([everythingIn(run, "east"), everythingIn(run, "west")], before);
});
