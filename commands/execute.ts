/**
 * Parses, runs and renders one command.
 *
 * @module
 */
import type { Context } from "../lib/context.ts";
import { EXIT_CODES, SpirefedError } from "../lib/errors.ts";
import { asCalled } from "../lib/output/program_name.ts";
import type { Format, Result } from "../lib/output/result.ts";
import type { Entry } from "./catalogue.ts";
import type { Answer, CommandSpec, Invocation } from "./command.ts";
import { explain } from "./explain.ts";
import { usageLine } from "./help.ts";
import { within } from "./limits.ts";
import { needsOf } from "./needs.ts";
import { parse } from "./parse.ts";

const FORMATS: readonly Format[] = ["text", "json", "yaml", "junit", "html"];

/** Runs a command to its end, within its `--timeout`; answers the exit code. */
export async function execute(
  { spec, load }: Entry,
  args: readonly string[],
  context: Context,
): Promise<number> {
  let invocation: Invocation<CommandSpec>;
  try {
    invocation = parse(spec, args, context.env);
  } catch (error) {
    return explain(error, context, {
      usage: usageLine(spec, context.program),
      remedy: `${context.program} ${spec.path.join(" ")} --help`,
    });
  }
  context.begin?.(needsOf(spec, invocation));
  const settings = settingsOf(invocation);
  const run = await load();
  const terminal = { ...context.terminal, color: context.terminal.color && settings.color };
  const { answer, reason } = await within(
    settings.timeout,
    context.signal,
    (signal) => run(invocation, { ...context, terminal, signal }),
  );
  try {
    await print(answer, settings.format, { ...context, terminal });
  } catch (error) {
    throw mayHaveWritten(invocation) ? afterTheWork(error, context.program) : error;
  }
  if (answer.failure === undefined) return 0;
  return reason === undefined ? EXIT_CODES[answer.failure] : explain(reason, context);
}

/** Whether the command is one that changes clusters, and was let do so. */
function mayHaveWritten({ flags: { dryRun, fix } }: Invocation<CommandSpec>): boolean {
  return dryRun === false && fix !== false;
}

/** The work is done, and only the answer is lost. */
function afterTheWork(error: unknown, program: string): unknown {
  if (!(error instanceof SpirefedError)) return error;
  const { message, code, cause } = error;
  const remedy = `what was done stands: ${program} status shows it`;
  return new SpirefedError("partial", message, { code, cause, remedy });
}

/** Answers whose text is a document for other programs: not a letter of it is changed. */
const DOCUMENTS: ReadonlySet<Result["kind"]> = new Set(["Bundle", "Manifests"]);

async function print(
  { result }: Answer,
  format: Format,
  { stdout, terminal, program }: Pick<Context, "stdout" | "terminal" | "program">,
): Promise<void> {
  if (result === undefined) return;
  const { render } = await import("../lib/output/render.ts");
  const text = render(result, format, terminal);
  stdout(format === "text" && !DOCUMENTS.has(result.kind) ? asCalled(text, program) : text);
}

/** The flags that concern every command. */
function settingsOf({ flags }: Invocation<CommandSpec>): {
  readonly format: Format;
  readonly timeout: number;
  readonly color: boolean;
} {
  const { output, timeout, noColor } = flags;
  return {
    format: FORMATS.find((format) => format === output) ?? "text",
    timeout: typeof timeout === "number" ? timeout : 0,
    color: noColor !== true,
  };
}
