/**
 * Texts that a person reads, kept as plain files.
 *
 * @module
 */
import assert from "node:assert/strict";

/** Compares text with tests/golden/<name>; `UPDATE_GOLDEN=1` rewrites the file. */
export async function assertGolden(name: string, actual: string): Promise<void> {
  const file = new URL(`../golden/${name}`, import.meta.url);
  if (Deno.env.get("UPDATE_GOLDEN")) {
    await Deno.mkdir(new URL(".", file), { recursive: true });
    await Deno.writeTextFile(file, actual);
  }
  assert.equal(actual, await Deno.readTextFile(file), `differs from tests/golden/${name}`);
}
