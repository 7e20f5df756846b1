/**
 * Golden files: what a person reads, kept word for word.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

/** Compares text with tests/golden/<name>; `UPDATE_GOLDEN=1` rewrites the file. */
export function assertGolden(name: string, actual: string): void {
  const file = new URL(`../golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, actual);
  assert.equal(actual, readFileSync(file, "utf8"), `differs from tests/golden/${name}`);
}
