/** `status` that goes on: until all is well, or until it is interrupted. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { declaredByHand, federated, routerDown } from "./support/ailments.ts";
import { practice } from "./support/practice.ts";

Deno.test("status --wait ends when all is well", async () => {
  const run = await practice({
    patch: [declaredByHand("east", "west"), declaredByHand("west", "east")],
  });

  assert.equal(await main(["status", "east", "west", "--wait"], run.context), 0);

  assert.match(run.context.out.join(""), /2 trusted/);
});

Deno.test("status --wait says every 10 s what is missing, and ends with --timeout", async () => {
  const run = await practice({ patch: [federated("east", "west"), routerDown("west")] });
  await run.tick(80_000);

  const words = ["status", "east", "west", "--wait", "--timeout", "600ms"];
  assert.equal(await main(words, run.context), 124);

  const said = run.context.err.filter((line) => line.startsWith("waiting for"));
  assert.ok(said.length > 0);
  assert.match(said[0] ?? "", /east → west: refresh fails: .*connection refused/);
  assert.match(run.context.out.join(""), /✗ east → west/);
});

Deno.test("status --watch goes on until it is interrupted", async () => {
  const run = await practice({ patch: federated("east", "west") });
  const context = {
    ...run.context,
    sleep: (): Promise<void> => {
      if (run.context.out.length >= 2) run.interrupt();
      run.context.signal.throwIfAborted();
      return Promise.resolve();
    },
  };

  assert.equal(await main(["status", "east", "west", "--watch"], context), 130);

  assert.equal(run.context.out.length, 2);
});
