/**
 * Where every command line begins and ends.
 *
 * What this module imports statically is on the path of `--help`, `version` and
 * <TAB>: no package, no `node:` module. All else is loaded when it is needed.
 *
 * @module
 */
import type { Context } from "../lib/context.ts";
import { EXIT_CODES, SpirefedError } from "../lib/errors.ts";
import { asCalled } from "../lib/output/program_name.ts";
import { explain } from "./explain.ts";
import { help } from "./help.ts";
import { known, resolve } from "./resolve.ts";
import { versions } from "./version/version.ts";

/** Runs one command line and answers its exit code. Never throws, never exits. */
export async function main(args: readonly string[], context: Context): Promise<number> {
  const { program, stderr, ask } = context;
  const talk: Context = {
    ...context,
    stderr: (text) => stderr(asCalled(text, program)),
    ask: (question) => ask(asCalled(question, program)),
  };
  try {
    return await answer(args, talk);
  } catch (error) {
    return explain(context.signal.aborted ? context.signal.reason : error, talk);
  }
}

async function answer(args: readonly string[], context: Context): Promise<number> {
  if (args[0] === "complete") {
    context.begin?.({ writes: false, clusters: "none" });
    const { complete } = await import("./completion/complete.ts");
    context.stdout(await complete(args.slice(1), context));
    return 0;
  }
  const topic = helpTopic(args);
  if (topic !== undefined) {
    context.stdout(help(known(resolve(topic), context.program), context.program));
    return 0;
  }
  const target = known(resolve(args), context.program);
  if (target.kind === "command") {
    if (args.length === 1 && args[0] === "version") {
      context.stdout(versions().text);
      return 0;
    }
    const { execute } = await import("./execute.ts");
    return await execute(target.entry, target.rest, context);
  }
  const stray = args.find((argument) => argument.startsWith("-") && argument !== "--");
  if (stray !== undefined) {
    throw new SpirefedError("usage", `${stray} stands without a command`, {
      remedy: `${context.program} ${stray === "--version" ? "version" : "--help"}`,
    });
  }
  const bare = target.kind === "root";
  (bare ? context.stdout : context.stderr)(help(target, context.program));
  return bare ? 0 : EXIT_CODES.usage;
}

/** The words that help is asked for, if it is: `help peer`, `peer --help`, `-h`. */
function helpTopic(args: readonly string[]): readonly string[] | undefined {
  const end = args.indexOf("--") < 0 ? args.length : args.indexOf("--");
  const words = args.slice(0, end);
  const isFlag = (word: string): boolean => word === "-h" || word === "--help";
  if (words[0] === "help") return words.slice(1).filter((word) => !isFlag(word));
  return words.some(isFlag) ? words.filter((word) => !isFlag(word)) : undefined;
}
