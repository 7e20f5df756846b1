/** Every staged failure is named first, and nothing is named where nothing is wrong. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { BROKEN_WORLDS, NOT_STAGED } from "./support/broken_worlds/catalogue.ts";
import { HEALTHY_WORLDS } from "./support/broken_worlds/healthy.ts";
import { practice, type PracticeOptions } from "./support/practice.ts";

interface Named {
  readonly id: string;
  readonly subject: string;
  readonly status: string;
  readonly detail: string;
}

/** What troubleshoot names, first causes first. */
export async function named(
  options: PracticeOptions,
  names: readonly string[],
): Promise<readonly Named[]> {
  const run = await practice(options);
  await main(["troubleshoot", ...names, "-o", "json"], run.context);
  const { items } = JSON.parse(run.context.out.join("")) as { items: readonly Named[] };
  return items.filter(({ status }) => status === "fail" || status === "warn");
}

for (const { id, what, names, patch, clusters = ["east", "west"] } of BROKEN_WORLDS) {
  Deno.test(`troubleshoot names ${id} first: ${what}`, async () => {
    const found = await named({ patch, clusters }, ["east", "west"]);

    assert.ok(
      names.includes(found[0]?.id ?? ""),
      `named ${
        found.map((one) => `${one.subject}: ${one.id}: ${one.detail}`).join("\n") || "nothing"
      }`,
    );
  });
}

for (const { what, patch, clusters = ["east", "west"] } of HEALTHY_WORLDS) {
  Deno.test(`troubleshoot raises no alarm over ${what}`, async () => {
    const looked = clusters.map((one) => typeof one === "string" ? one : one.name)
      .filter((name) => what !== "a peer whom nobody has a context for" || name !== "north");

    const found = await named({ patch, clusters }, looked);

    assert.deepEqual(found, []);
  });
}

Deno.test("every failure mode is staged, but for a few with a reason", () => {
  const staged = new Set(BROKEN_WORLDS.map(({ id }) => id.split(" ")[0]));
  const known = Array.from({ length: 52 }, (_, index) => `F${index + 1}`);

  assert.deepEqual(known.filter((id) => !staged.has(id) && !NOT_STAGED.has(id)), []);
  assert.ok(NOT_STAGED.size <= 8 && HEALTHY_WORLDS.length >= 20);
});
