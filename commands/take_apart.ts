/**
 * Takes a command line apart: which words are operands, and which flag has which
 * text. What the texts mean is not asked here.
 *
 * @module
 */
import { SpirefedError } from "../lib/errors.ts";
import type { CommandSpec, Flag } from "./command.ts";
import { longName } from "./flag_names.ts";
import { didYouMean, suggest } from "./suggest.ts";

/** The parts of a command line. */
export interface Given {
  readonly args: readonly string[];
  /** Each use of a flag, in order, by key; a switch without a text is `true`. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

/**
 * Takes a command line apart as kubectl does: flags stand anywhere before `--`, a value
 * follows as the next word or after `=`, and one letter may have it attached (`-v6`).
 *
 * @throws {SpirefedError} `usage`, naming the word that is wrong or missing.
 */
export function takeApart(spec: CommandSpec, words: readonly string[]): Given {
  const args: string[] = [];
  const flags = new Map<string, string[]>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      args.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      args.push(word);
      continue;
    }
    const { name, key, flag, text } = readFlag(spec, word);
    const value = text ?? (flag.type === "switch" ? "true" : words[++at]);
    if (value === undefined) throw new SpirefedError("usage", `${name} needs a value`);
    flags.set(key, [...flags.get(key) ?? [], value]);
  }
  requireCount(spec, args);
  return { args, flags };
}

interface FlagUse {
  /** As it was spelled. */
  readonly name: string;
  readonly key: string;
  readonly flag: Flag;
  /** What came with it in the same word. */
  readonly text: string | undefined;
}

function readFlag(spec: CommandSpec, word: string): FlagUse {
  const { flags } = spec;
  const [, long, inline] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const name = long ?? word.slice(0, 2);
  const found = Object.entries(flags).find(([key, { short }]) =>
    long === undefined ? `-${short}` === name : longName(key) === name
  );
  if (found === undefined) throw unknown(name, spec);
  const [key, flag] = found;
  if (long !== undefined) return { name, key, flag, text: inline };
  const attached = word.slice(2);
  if (attached === "") return { name, key, flag, text: undefined };
  if (flag.type === "switch" && !attached.startsWith("=")) throw unknown(word, spec);
  return { name, key, flag, text: attached.replace(/^=/, "") };
}

function unknown(name: string, { arguments: wanted, flags }: CommandSpec): SpirefedError {
  if (name === "--context" && wanted.some(({ completes }) => completes === "context")) {
    return new SpirefedError("usage", "Unknown flag --context: name clusters as arguments here");
  }
  const keys = Object.keys(flags);
  const near = name.startsWith("--") ? suggest(name, [...keys.map(longName), "--help"]) : [];
  return new SpirefedError("usage", `Unknown flag ${name}${didYouMean(near)}`);
}

function requireCount({ path, arguments: wanted }: CommandSpec, args: readonly string[]): void {
  const missing = wanted.find(({ required }, at) => required && args[at] === undefined);
  if (missing !== undefined) {
    throw new SpirefedError("usage", `${missing.name} is missing: ${missing.summary}`);
  }
  const surplus = wanted.at(-1)?.variadic ? undefined : args[wanted.length];
  if (surplus === undefined) return;
  const taken = ["no argument", "one argument"][wanted.length] ?? `${wanted.length} arguments`;
  throw new SpirefedError("usage", `"${surplus}" is too much: ${path.join(" ")} takes ${taken}`);
}
