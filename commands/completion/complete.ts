/**
 * Answers <TAB>, in the words of Cobra: `value<TAB>description` lines, and a last
 * line `:4` for "these and nothing else" or `:0` for "offer files".
 *
 * Reads a kubeconfig at most; never asks a cluster, never fails.
 *
 * @module
 */
import type { Context } from "../../lib/context.ts";
import { printable } from "../../lib/output/printable.ts";
import { CATALOGUE, GROUP_WORDS } from "../catalogue.ts";
import type { Argument, CommandSpec, Flag, ListFlag, ValueFlag } from "../command.ts";
import { longName } from "../flag_names.ts";
import { resolve, takesNextWord } from "../resolve.ts";

interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** What may stand at the cursor. */
interface Offer {
  readonly candidates: readonly Candidate[];
  readonly files?: boolean;
}

type Kubeconfigs = Pick<Context, "kubeContexts" | "env">;

/**
 * Completes the last of the words; the answer ends with a line break.
 *
 * @param words what follows the program's name, with or without a leading `--`;
 * the last one is the word at the cursor, empty if there is none.
 */
export async function complete(words: readonly string[], context: Kubeconfigs): Promise<string> {
  const line = words[0] === "--" ? words.slice(1) : words;
  const current = line.at(-1) ?? "";
  const { candidates, files = false } = await offer(line.slice(0, -1), current, context);
  const wanted = current.startsWith("--") ? current.replace(/^--[^=]*=/, "") : current;
  const lines = candidates
    .filter(({ value }) => value.startsWith(wanted) && printable(value) === value)
    .map(({ value, description }) => description ? `${value}\t${description}` : value);
  return `${[...lines, files ? ":0" : ":4"].join("\n")}\n`;
}

async function offer(
  before: readonly string[],
  current: string,
  context: Kubeconfigs,
): Promise<Offer> {
  const words = before[0] === "help" ? before.slice(1) : before;
  const target = resolve(words);
  if (target.kind === "unknown") return { candidates: [] };
  const spec = target.kind === "command" ? target.entry.spec : undefined;
  const isOperand = before.includes("--");
  const named = isOperand ? undefined : namedFlag(spec, before.at(-1), current);
  const place = { before, current: named?.value ?? current, context };
  if (named !== undefined) return await offerValue(named.flag, place);
  if (!isOperand && current.startsWith("-")) return { candidates: flagNames(spec) };
  if (target.kind === "root") return { candidates: firstCandidates() };
  if (target.kind === "group") return { candidates: secondCandidates(target.word) };
  if (before[0] === "help") return { candidates: [] };
  return await offerOperand(target.entry.spec, operands(target.rest), place);
}

/** Where the cursor is. */
interface Place {
  readonly before: readonly string[];
  readonly current: string;
  readonly context: Kubeconfigs;
}

/** The flag whose value is being typed: `--output j` or `--output=j`. */
function namedFlag(
  spec: CommandSpec | undefined,
  previous: string | undefined,
  current: string,
): { readonly flag: ValueFlag | ListFlag; readonly value: string } | undefined {
  const [, inline, text = ""] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  const flag = Object.entries(spec?.flags ?? {}).find(([key, { short }]) =>
    (inline ?? previous) === longName(key) || (short && previous === `-${short}` && !inline)
  )?.[1];
  if (flag === undefined || flag.type === "switch") return undefined;
  return { flag, value: inline === undefined ? current : text };
}

async function offerValue(flag: ValueFlag | ListFlag, place: Place): Promise<Offer> {
  if ("choices" in flag && flag.choices) return { candidates: named(flag.choices) };
  if ("parts" in flag && flag.parts) return { candidates: named(lists(flag.parts, place.current)) };
  if (flag.completes === "file") return { candidates: [], files: true };
  return flag.completes === "context" ? await offerContexts(place, []) : { candidates: [] };
}

/** `stack,` → `stack,operator` and the like: one part more, none twice. */
function lists(parts: readonly string[], current: string): readonly string[] {
  const before = current.slice(0, current.lastIndexOf(",") + 1);
  const given = before.split(",");
  return parts.filter((part) => !given.includes(part)).map((part) => `${before}${part}`);
}

async function offerOperand(
  { arguments: all }: CommandSpec,
  given: readonly string[],
  place: Place,
): Promise<Offer> {
  const last = all.at(-1);
  const argument: Argument | undefined = all[given.length] ?? (last?.variadic ? last : undefined);
  if (argument?.choices) return { candidates: named(argument.choices) };
  if (argument?.completes === "file") return { candidates: [], files: true };
  return argument?.completes === "context" ? await offerContexts(place, given) : { candidates: [] };
}

/** Contexts of the kubeconfig in use, or those of the file before a `#`. */
async function offerContexts(
  { before, current, context }: Place,
  given: readonly string[],
): Promise<Offer> {
  const own = await contextNames(kubeconfigOf(before, context), context);
  const cut = current.lastIndexOf("#");
  const file = current.slice(0, Math.max(0, cut));
  const others = cut < 1
    ? []
    : (await contextNames(file, context)).map((name) => `${file}#${name}`);
  const fresh = [...own, ...others].filter((name) => !given.includes(name));
  return { candidates: named(fresh), files: !fresh.some((name) => name.startsWith(current)) };
}

/** A kubeconfig that cannot be read has nothing to offer; a <TAB> is no place to say so. */
async function contextNames(
  kubeconfig: string | undefined,
  { kubeContexts }: Kubeconfigs,
): Promise<readonly string[]> {
  const { names } = await kubeContexts({ kubeconfig }).catch(() => ({ names: [] }));
  return names;
}

function kubeconfigOf(before: readonly string[], { env }: Kubeconfigs): string | undefined {
  const inline = before.findLast((word) => word.startsWith("--kubeconfig="));
  const at = before.lastIndexOf("--kubeconfig");
  return inline?.slice("--kubeconfig=".length) ??
    (at < 0 ? undefined : before[at + 1]) ?? env("SPIREFED_KUBECONFIG");
}

/** The words that are neither flags nor values of flags. */
function operands(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--") < 0 ? words.length : words.indexOf("--");
  const free = words.slice(0, end).filter((word, at) =>
    (!word.startsWith("-") || word === "-") && !takesNextWord(words[at - 1] ?? "")
  );
  return [...free, ...words.slice(end + 1)];
}

function flagNames(spec: CommandSpec | undefined): readonly Candidate[] {
  const flags: readonly (readonly [string, Flag])[] = Object.entries(spec?.flags ?? {});
  return [
    ...flags.map(([key, { summary }]) => ({ value: longName(key), description: summary })),
    { value: "--help", description: "tell more" },
  ];
}

function firstCandidates(): readonly Candidate[] {
  const single = CATALOGUE.filter(({ spec: { path } }) => path.length === 1)
    .map(({ spec: { path: [value = ""], summary } }) => ({ value, description: summary }));
  const groups = [...GROUP_WORDS].map(([value, description]) => ({ value, description }));
  return [...single, ...groups].sort((a, b) => (a.value < b.value ? -1 : 1));
}

function secondCandidates(word: string): readonly Candidate[] {
  return CATALOGUE.filter(({ spec: { path } }) => path[0] === word)
    .map(({ spec: { path: [, value = ""], summary } }) => ({ value, description: summary }));
}

function named(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value }));
}
