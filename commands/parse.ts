/**
 * From words to an invocation. commander takes the command line apart; what the
 * parts mean comes from the spec.
 *
 * @module
 */
import { Command, CommanderError, Option } from "commander";
import { SpirefedError } from "../lib/errors.ts";
import type { Argument, CommandSpec, Flag, Invocation } from "./command.ts";
import { environmentName, longName } from "./flag_names.ts";
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
  const given = takeApart(spec, spellOut(spec, args));
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

interface Given {
  readonly args: readonly string[];
  /** Each use of a flag, by key; a switch is given as `true` or `false`. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

function takeApart(spec: CommandSpec, args: readonly string[]): Given {
  const given = new Map<string, string[]>();
  // Every level of a commander tree has to be told not to print and not to exit: here
  // there is but one level, since the words were resolved before.
  const program = new Command(spec.path.join(" "))
    .helpOption(false).helpCommand(false).exitOverride().allowExcessArguments(false)
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} })
    .action(() => {});
  for (const { name, required, variadic } of spec.arguments) {
    const word = variadic ? `${name}...` : name;
    program.argument(required ? `<${word}>` : `[${word}]`);
  }
  for (const [key, flag] of Object.entries(spec.flags)) {
    const note = (text: string): void => void given.set(key, [...given.get(key) ?? [], text]);
    const option = optionFor(key, flag);
    program.addOption(option);
    program.on(`option:${option.name()}`, (text?: string | null) => note(text ?? "true"));
    if (flag.type !== "switch") continue;
    program.addOption(new Option(`${longName(key)}${OFF}`).hideHelp());
    program.on(`option:${option.name()}${OFF}`, () => note("false"));
  }
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) throw new SpirefedError("usage", complaint(error));
    throw error;
  }
  return { args: program.args, flags: given };
}

function optionFor(key: string, flag: Flag): Option {
  const short = flag.short ? `-${flag.short}, ` : "";
  const value = flag.type === "switch" ? "" : ` <${flag.value}>`;
  return new Option(`${short}${longName(key)}${value}`);
}

function complaint({ message }: CommanderError): string {
  const text = message.replace(/^error: /, "")
    .replace(/\n\(Did you mean (.*)\?\)$/s, "; did you mean $1?")
    .replace(/^unknown option/, "unknown flag")
    .replace(/^option '(.*)' argument missing$/, "'$1' needs a value");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** kubectl's spellings that commander does not have: `-o=json`, `--dry-run=false`. */
function spellOut(spec: CommandSpec, args: readonly string[]): readonly string[] {
  const flags = Object.entries(spec.flags);
  const isName = (word: string | undefined): boolean =>
    flags.some(([key, { type, short }]) =>
      type !== "switch" && (word === longName(key) || word === `-${short}`)
    );
  const end = args.indexOf("--") < 0 ? args.length : args.indexOf("--");
  return args.map((word, at) => at >= end || isName(args[at - 1]) ? word : spellWord(flags, word));
}

function spellWord(flags: readonly (readonly [string, Flag])[], word: string): string {
  const [, name = "", value = ""] = /^(--?[^=]+)=(.*)$/s.exec(word) ?? [];
  for (const [key, flag] of flags) {
    if (flag.type === "switch" && name === longName(key)) {
      return parseSwitch(value, name) ? name : `${name}${OFF}`;
    }
    if (flag.type !== "switch" && flag.short && name === `-${flag.short}` && value) {
      return `${name}${value}`;
    }
  }
  return word;
}

/** What a switch that is given as `=false` is spelled with for commander. */
const OFF = ":false";

function fromCommandLine(
  key: string,
  flag: Flag,
  given: readonly string[] | undefined,
): boolean | Value | readonly string[] | undefined {
  if (given === undefined) return undefined;
  if (flag.type === "switch") return given.at(-1) === "true";
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
