/**
 * From words to an invocation.
 *
 * @module
 */
import { SpirefedError } from "../lib/errors.ts";
import type { Argument, CommandSpec, Flag, Invocation } from "./command.ts";
import { environmentName, longName } from "./flag_names.ts";
import { takeApart } from "./take_apart.ts";
import { parseChoice, parseValue, type Value } from "./values.ts";

/** The environment, one variable at a time. */
export type Environment = (name: string) => string | undefined;

/**
 * Reads a command line, without the words that named the command. A flag beats
 * its environment twin, and that beats its default.
 *
 * @throws {SpirefedError} `usage`, naming the word or the variable that is wrong.
 */
export function parse<Spec extends CommandSpec>(
  spec: Spec,
  args: readonly string[],
  environment: Environment,
): Invocation<Spec> {
  const flags = Object.entries(spec.flags);
  const given = takeApart(spec, args);
  const values = flags.map(([key, flag]) => [
    key,
    fromCommandLine(key, flag, given.flags.get(key)) ??
      fromEnvironment(key, flag, environment) ??
      fromDefault(key, flag),
  ]);
  spec.arguments.forEach((argument, at) => requireChoice(argument, given.args[at]));
  return { args: given.args, flags: Object.fromEntries(values) } as Invocation<Spec>;
}

function requireChoice({ name, choices }: Argument, text: string | undefined): void {
  if (choices !== undefined && text !== undefined) parseChoice(choices, text, name);
}

function fromCommandLine(
  key: string,
  flag: Flag,
  given: readonly string[] | undefined,
): boolean | Value | readonly string[] | undefined {
  if (given === undefined) return undefined;
  if (flag.type === "switch") return parseSwitch(given.at(-1) ?? "", longName(key));
  return flag.type === "list" ? given : parseValue(flag, given.at(-1) ?? "", longName(key));
}

function fromEnvironment(
  key: string,
  flag: Flag,
  environment: Environment,
): boolean | Value | readonly string[] | undefined {
  const name = environmentName(key, flag);
  const text = name === undefined ? undefined : environment(name)?.trim();
  if (name === undefined || text === undefined || text === "") return undefined;
  if (flag.type === "switch") return parseSwitch(text, name);
  return flag.type === "list" ? text.split(/[\s,]+/).filter(Boolean) : parseValue(flag, text, name);
}

function fromDefault(key: string, flag: Flag): boolean | Value | readonly string[] | undefined {
  if (flag.type === "switch") return false;
  if (flag.type === "list") return [];
  return flag.default === undefined ? undefined : parseValue(flag, flag.default, longName(key));
}

function parseSwitch(text: string, given: string): boolean {
  if (/^(true|false|1|0)$/i.test(text)) return /^(true|1)$/i.test(text);
  throw new SpirefedError("usage", `${given} takes true or false, not "${text}"`);
}
