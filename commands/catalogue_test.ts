import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { CATALOGUE } from "./catalogue.ts";

Deno.test("every command that has a folder can be typed", async () => {
  const files = await readdir(new URL(".", import.meta.url), { recursive: true });
  const folders = files.filter((file) => file.endsWith("/spec.ts"))
    .map((file) => file.replaceAll("/", " ").replace(/ spec\.ts$/, ""));

  assert.deepEqual(CATALOGUE.map(({ spec }) => spec.path.join(" ")).sort(), folders.sort());
});
