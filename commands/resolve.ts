/**
 * Which command a command line calls.
 *
 * @module
 */
import { CATALOGUE, type Entry, GROUP_WORDS } from "./catalogue.ts";
import type { Flag } from "./command.ts";
import { longName } from "./flag_names.ts";
import { SpirefedError } from "../lib/errors.ts";
import { didYouMean, suggest } from "./suggest.ts";

/** What a command line is about. */
export type Target =
  | { readonly kind: "root" }
  | { readonly kind: "group"; readonly word: string }
  /** `rest` is the command line without the words that named the command. */
  | { readonly kind: "command"; readonly entry: Entry; readonly rest: readonly string[] }
  | { readonly kind: "unknown"; readonly words: string; readonly near: readonly string[] };

/** Finds the command that the words before any `--` name; flags may stand before and between. */
export function resolve(args: readonly string[]): Target {
  const first = nextWord(args, 0);
  const word = args[first];
  if (word === undefined) return { kind: "root" };
  const single = find([word]);
  if (single) return { kind: "command", entry: single, rest: args.toSpliced(first, 1) };
  if (!GROUP_WORDS.has(word)) {
    return { kind: "unknown", words: word, near: suggest(word, firstWords()) };
  }
  const second = nextWord(args, first + 1);
  const subject = args[second];
  if (subject === undefined) return { kind: "group", word };
  const entry = find([word, subject]);
  if (!entry) {
    const near = suggest(subject, secondWords(word)).map((name) => `${word} ${name}`);
    return { kind: "unknown", words: `${word} ${subject}`, near };
  }
  return { kind: "command", entry, rest: args.toSpliced(second, 1).toSpliced(first, 1) };
}

/**
 * The target, if it is known.
 *
 * @throws {SpirefedError} `usage`, with the command that was probably meant.
 */
export function known(target: Target, program: string): Exclude<Target, { kind: "unknown" }> {
  if (target.kind !== "unknown") return target;
  const [nearest] = target.near;
  throw new SpirefedError("usage", `Unknown command "${target.words}"${didYouMean(target.near)}`, {
    remedy: `${program} ${nearest === undefined ? "--help" : `${nearest} --help`}`,
  });
}

/** The first words that can be typed. */
function firstWords(): readonly string[] {
  return [...new Set(CATALOGUE.flatMap(namesOf).flatMap(([word = ""]) => word))];
}

/** What can follow `bundle`, `cfdt` and their like. */
function secondWords(word: string): readonly string[] {
  return CATALOGUE.flatMap(namesOf).filter(([first]) => first === word)
    .flatMap(([, second]) => second ?? []);
}

/** Whether the word after this flag is its value. */
export function takesNextWord(argument: string): boolean {
  return valueFlags.has(argument);
}

const valueFlags = new Set(CATALOGUE.flatMap(({ spec }) => spellings(spec.flags)));

function spellings(flags: Readonly<Record<string, Flag>>): readonly string[] {
  return Object.entries(flags).filter(([, flag]) => flag.type !== "switch")
    .flatMap(([key, { short }]) => short ? [longName(key), `-${short}`] : [longName(key)]);
}

function nextWord(args: readonly string[], from: number): number {
  let at = from;
  while (at < args.length) {
    const argument = args[at] ?? "";
    if (argument === "--") return args.length;
    if (!argument.startsWith("-") || argument === "-") return at;
    at += takesNextWord(argument) ? 2 : 1;
  }
  return args.length;
}

function find(words: readonly string[]): Entry | undefined {
  return CATALOGUE.find((entry) => namesOf(entry).some((name) => same(name, words)));
}

function namesOf({ spec: { path, aliases = [] } }: Entry): readonly (readonly string[])[] {
  return [path, ...aliases.map((alias) => [...path.slice(0, -1), alias])];
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}
