/**
 * What tests of `install` have in common.
 *
 * @module
 */
import { main } from "../../commands/main.ts";
import { objectIn } from "./ailments.ts";
import { type Practice, practice, type PracticeOptions, told } from "./practice.ts";

/** Two clusters without anything of the operator. */
export const EMPTY = ["east", "west"].map((name) => ({ name, operator: false }));
const [EAST] = EMPTY;

/** A run, and all that it said. */
export interface Tried {
  readonly run: Practice;
  readonly code: number;
  readonly told: string;
}

/** `install` on one empty cluster. */
export async function install(
  options: PracticeOptions,
  ...words: readonly string[]
): Promise<Tried> {
  const run = await practice({ clusters: EAST === undefined ? [] : [EAST], ...options });
  const code = await main(["install", "east", ...words], run.context);
  return { run, code, told: told(run) };
}

/** The spec of an object in east. */
export function specIn(
  run: Practice,
  plural: string,
  at = "cluster",
  inside?: string,
): Record<string, unknown> {
  return objectIn(run, "east", plural, at, inside)?.["spec"] as Record<string, unknown>;
}
