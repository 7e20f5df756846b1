/**
 * What a command is: data that help, completion, the reference and the parser are
 * made from, and a function that is loaded only when the command runs.
 *
 * This module and all `spec.ts` files import types only: they are on the path of
 * `--help`, which must cost nothing.
 *
 * @module
 */
import type { Context } from "../lib/context.ts";
import type { FailureKind } from "../lib/errors.ts";
import type { Result } from "../lib/output/result.ts";

/** One flag, as data. The key it stands under is its camelCase name. */
export type Flag = SwitchFlag | ValueFlag | ListFlag;

interface FlagBase {
  readonly summary: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** Gives consent, so it has no environment twin and cannot be given by accident. */
  readonly consent?: boolean;
  /** The heading it stands under in help. @default {"Options"} */
  readonly group?: "Options" | "Trust" | "Network" | "Global";
}

/** Present or absent. */
export interface SwitchFlag extends FlagBase {
  readonly type: "switch";
}

/** Takes one value. */
export interface ValueFlag extends FlagBase {
  readonly type: "string" | "integer" | "duration" | "time";
  /** The word for the value in help, e.g. `CTX`. */
  readonly value: string;
  readonly choices?: readonly string[];
  /** What a value that is a list with commas may hold; completion offers them one by one. */
  readonly parts?: readonly string[];
  /** Shown in help and used when neither flag nor environment gives one. */
  readonly default?: string;
  /** What completion offers. */
  readonly completes?: Completes;
}

/** May be given several times; commas do not split. */
export interface ListFlag extends FlagBase {
  readonly type: "list";
  readonly value: string;
  readonly completes?: Completes;
}

/** What a word stands for, for completion. */
export type Completes = "context" | "file" | "nothing";

/** A positional argument. */
export interface Argument {
  /** As help shows it: `CTX`, `FILE`. */
  readonly name: string;
  readonly summary: string;
  readonly required: boolean;
  /** Takes all that remain; only the last may. */
  readonly variadic?: boolean;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

/** Headings of `--help`. */
export type CommandGroup =
  | "Set up"
  | "Federate"
  | "Pieces"
  | "Troubleshoot"
  | "Clean up"
  | "Practise"
  | "Other";

/** A command as data. */
export interface CommandSpec<
  Flags extends Readonly<Record<string, Flag>> = Readonly<Record<string, Flag>>,
> {
  /** The words that call it: `["bundle", "fetch"]`. */
  readonly path: readonly string[];
  readonly aliases?: readonly string[];
  readonly group: CommandGroup;
  /** One line, no full stop. */
  readonly summary: string;
  /** What a user must know beyond the summary; lines of at most 78 characters. */
  readonly description?: string;
  readonly arguments: readonly Argument[];
  readonly flags: Flags;
  /** Pasteable lines without the program's name in front, each with what it does. */
  readonly examples: readonly { readonly run: string; readonly does: string }[];
  /** Where it writes files on this machine; no other command has the permission to. */
  readonly writes?: "temporary folder" | "anywhere";
  /** The exit codes this command can give beside 0, 1, 2, 124, 130 and 143. */
  readonly exits: readonly { readonly code: number; readonly when: string }[];
}

/** The value each kind of flag parses to. */
export type FlagValue<F extends Flag> = F extends SwitchFlag ? boolean
  : F extends ListFlag ? readonly string[]
  : F extends { readonly type: "integer" }
    ? (F extends { readonly default: string } ? number : number | undefined)
  : F extends { readonly type: "duration" } // milliseconds
    ? (F extends { readonly default: string } ? number : number | undefined)
  : F extends { readonly type: "time" } ? Date | undefined
  : F extends { readonly choices: readonly (infer C)[] }
    ? (F extends { readonly default: string } ? C : C | undefined)
  : F extends { readonly default: string } ? string
  : string | undefined;

/** What a parsed command line is. */
export interface Invocation<Spec extends CommandSpec> {
  readonly args: readonly string[];
  readonly flags: { readonly [Name in keyof Spec["flags"]]: FlagValue<Spec["flags"][Name]> };
}

/** What a command answers: a result to print, and the failure it stands for, if it does. */
export interface Answer {
  /** Absent when there is nothing to print on stdout. */
  readonly result?: Result | undefined;
  /** The result is bad news of this kind: it decides the exit code, whatever `-o` says. */
  readonly failure?: FailureKind | undefined;
}

/** The work of a command. */
export type Run<Spec extends CommandSpec> = (
  invocation: Invocation<Spec>,
  context: Context,
) => Promise<Answer>;

/** States a spec without losing its literal types. */
export function command<const Flags extends Readonly<Record<string, Flag>>>(
  spec: CommandSpec<Flags>,
): CommandSpec<Flags> {
  return spec;
}
