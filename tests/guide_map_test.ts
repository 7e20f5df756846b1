/** docs/guide-map.md leaves out no step of the manual guide, and names only what there is. */
import assert from "node:assert/strict";
import { CATALOGUE } from "../commands/catalogue.ts";

const STEPS = ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "4.1"]
  .concat(["4.2", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.2.1", "5.2.2", "5.2.3", "5.3", "5.4"])
  .concat(["5.5", "5.7", "Troubleshooting", "Cleanup", "Quick reference", "Prerequisites"]);

const text = await Deno.readTextFile(new URL("../docs/guide-map.md", import.meta.url));
const rows = text.split("\n").filter((line) => line.startsWith("| ")).slice(2)
  .map((line) => line.split("|").map((cell) => cell.trim()));

Deno.test("every step of the manual guide is mapped", () => {
  const first = rows.map(([, step = ""]) => step).join("\n");

  assert.deepEqual(STEPS.filter((step) => !first.includes(step)), []);
});

Deno.test("every command that a step is mapped to exists", () => {
  const known = CATALOGUE.map(({ spec }) => spec.path.join(" "));
  const named = rows.flatMap(([, , now = ""]) => [...now.matchAll(/`([a-z][^`]*)`/g)])
    .map(([, words = ""]) => words.split(/ (?=-|east)/)[0] ?? "");

  assert.ok(named.length > 20);
  assert.deepEqual(named.filter((words) => !known.includes(words)), []);
});

Deno.test("every page that it links to exists", async () => {
  for (const [, page = ""] of text.matchAll(/\]\(([^)#]+)/g)) {
    await Deno.stat(new URL(`../docs/${page}`, import.meta.url));
  }
});
