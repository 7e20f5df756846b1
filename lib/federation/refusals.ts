/**
 * Why a document that parsed, or should have, is not trusted.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { Problem } from "../spiffe/model.ts";

/** Turns the problems of a document into a refusal that names the first of them. */
export function refusedWith(problems: readonly Problem[], message: string): SpirefedError {
  const problem = problems.find(({ severity }) => severity === "error") ?? problems[0];
  const why = problem === undefined
    ? ""
    : `: ${printable(problem.message, 300)}${
      problem.path === "" ? "" : ` (at ${printable(problem.path, 100)})`
    }`;
  return new SpirefedError("refused", `${message}${why}`, {
    code: problem?.code ?? "bundle/refused",
  });
}
