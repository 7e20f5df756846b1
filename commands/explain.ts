/**
 * How a failure is told on stderr.
 *
 * @module
 */
import type { Context } from "../lib/context.ts";
import { EXIT_CODES, SpirefedError } from "../lib/errors.ts";
import { printable } from "../lib/output/printable.ts";
import { asCalled } from "../lib/output/program_name.ts";

/** What to add to a failure that does not say it itself. */
export interface Hints {
  readonly usage?: string;
  readonly remedy?: string;
}

/** Tells what failed, why, and what to do next; answers the exit code. */
export function explain(
  error: unknown,
  context: Pick<Context, "stderr" | "program">,
  hints: Hints = {},
): number {
  if (error instanceof SpirefedError) {
    context.stderr(failureLines(error, context.program, hints).join("\n") + "\n");
    return error.exitCode;
  }
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  const lines = stack.split("\n").map((line) => printable(line));
  context.stderr(`Bug in oc-spirefed, please report it:\n${lines.join("\n")}\n`);
  return EXIT_CODES.internal;
}

/** The lines of a failure: what, the causes, the next command; those of each cluster first. */
function failureLines(error: SpirefedError, program: string, hints: Hints): readonly string[] {
  const next = error.remedy ?? hints.remedy;
  return [
    ...error.all.flatMap((one) => failureLines(one, program, {})),
    `error: ${printable(error.message)}`,
    ...causes(error).map((cause) => `  cause: ${printable(cause)}`),
    ...hints.usage === undefined ? [] : [`  usage: ${hints.usage}`],
    ...next === undefined ? [] : [`  next: ${printable(asCalled(next, program))}`],
  ];
}

/** The messages beneath, outermost first; one that is already said is not said again. */
function causes(error: Error): readonly string[] {
  const messages: string[] = [];
  let said = error.message;
  for (let cause = error.cause, depth = 0; depth < 4 && cause instanceof Error; depth++) {
    if (cause.message !== "" && !said.includes(cause.message)) messages.push(cause.message);
    said += cause.message;
    cause = cause.cause;
  }
  return messages;
}
