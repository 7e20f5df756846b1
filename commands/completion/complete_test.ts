import assert from "node:assert/strict";
import type { Context } from "../../lib/context.ts";
import { complete } from "./complete.ts";

/** Two kubeconfigs; whatever else is asked of the world fails. */
const CONTEXT: Pick<Context, "kubeContexts" | "env"> = {
  env: () => undefined,
  kubeContexts: ({ kubeconfig }) => {
    if (kubeconfig === undefined) {
      return Promise.resolve({ names: ["east", "west"], current: "east" });
    }
    if (kubeconfig === "other") return Promise.resolve({ names: ["north"], current: undefined });
    return Promise.reject(new Error("no such file"));
  },
};

async function completed(...words: readonly string[]): Promise<readonly string[]> {
  return (await complete(["--", ...words], CONTEXT)).trimEnd().split("\n")
    .map((line) => line.split("\t")[0] ?? "");
}

Deno.test("completion offers commands, and what follows the first word of a pair", async () => {
  assert.deepEqual(await completed("pe"), ["peer", ":4"]);
  assert.deepEqual(await completed("bundle", ""), ["fetch", "verify", "diff", ":4"]);
  assert.deepEqual(await completed("help", "bundle", "f"), ["fetch", ":4"]);
  assert.deepEqual(await completed("nonsense", ""), [":4"]);
});

Deno.test("completion offers contexts that were not named yet", async () => {
  assert.deepEqual(await completed("peer", ""), ["east", "west", ":4"]);
  assert.deepEqual(await completed("peer", "east", ""), ["west", ":4"]);
  assert.deepEqual(await completed("peer", "--skip", "e"), ["east", ":4"]);
  assert.deepEqual(await completed("bundle", "fetch", "--context=w"), ["west", ":4"]);
});

Deno.test("completion offers the contexts of a file, and of another kubeconfig", async () => {
  assert.deepEqual(await completed("peer", "other#"), ["other#north", ":4"]);
  assert.deepEqual(await completed("peer", "--kubeconfig", "other", ""), ["north", ":4"]);
  assert.deepEqual(await completed("peer", "--kubeconfig=none", ""), [":0"]);
});

Deno.test("completion offers flags with what they are for, and their values", async () => {
  const flags = await complete(["peer", "--dry"], CONTEXT);

  assert.match(flags, /^--dry-run\t\S.*\n:4\n$/);
  assert.deepEqual(await completed("peer", "--source", ""), ["endpoint", "api", ":4"]);
  assert.deepEqual(await completed("peer", "-o", "j"), ["json", ":4"]);
  assert.deepEqual(await completed("cleanup", "--only", "st"), ["stack", ":4"]);
  assert.deepEqual(await completed("cleanup", "--only=stack,o"), ["stack,operator", ":4"]);
  assert.deepEqual(await completed("completion", ""), ["bash", "zsh", "fish", ":4"]);
  assert.deepEqual(await completed("bundle", "verify", ""), [":0"]);
});

Deno.test("completion hides names that would act on a terminal", async () => {
  const context = {
    ...CONTEXT,
    kubeContexts: () => Promise.resolve({ names: ["\u001b[2Jx", "y"], current: undefined }),
  };

  assert.equal(await complete(["peer", ""], context), "y\n:4\n");
});
