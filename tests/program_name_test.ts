import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Context } from "../lib/context.ts";
import { practice } from "./support/practice.ts";

/** What a user of kubectl is told by a command line: stdout and stderr. */
async function told(
  words: readonly string[],
  parts: Partial<Context> = {},
): Promise<{ readonly out: string; readonly err: string }> {
  const { context } = await practice();
  await main(words, { ...context, program: "kubectl spirefed", ...parts });
  return { out: context.out.join(""), err: context.err.join("") };
}

Deno.test("results, errors and help name the program as it was called", async () => {
  const peered = await told(["peer", "east", "west"]);
  const alone = await told(["peer", "east"]);
  const help = await told(["peer", "--help"]);

  assert.match(peered.out, /^Next: kubectl spirefed /m);
  assert.match(alone.err, /^ {2}next: kubectl spirefed peer /m);
  assert.match(help.out, /^ {2}kubectl spirefed peer east west$/m);
  for (const { out, err } of [peered, alone, help]) {
    assert.doesNotMatch(out + err, /\boc spirefed\b/);
  }
});

Deno.test("JSON and documents are the same whatever the program was called", async () => {
  const json = await told(["peer", "east", "west", "-o", "json"]);
  const yaml = await told(["cfdt", "gen", "--context", "east"]);
  const usual = await told(["cfdt", "gen", "--context", "east"], { program: "oc spirefed" });

  assert.doesNotMatch(json.out, /kubectl spirefed/);
  assert.equal(yaml.out, usual.out);
});
