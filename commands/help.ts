/**
 * Help, made from the specs. Pure, and free of anything that costs start-up time.
 *
 * @module
 */
import { CATALOGUE, GROUP_WORDS } from "./catalogue.ts";
import type { Argument, CommandGroup, CommandSpec, Flag } from "./command.ts";
import { environmentName, longName } from "./flag_names.ts";
import { asCalled } from "../lib/output/program_name.ts";
import type { Target } from "./resolve.ts";

const WIDTH = 80;

/** The help for what was asked about, at most 80 columns wide; ends with a line break. */
export function help(topic: Exclude<Target, { kind: "unknown" }>, program: string): string {
  switch (topic.kind) {
    case "root":
      return rootHelp(program);
    case "group":
      return groupHelp(topic.word, program);
    case "command":
      return commandHelp(topic.entry.spec, program);
  }
}

/** `oc spirefed bundle verify FILE [flags]` */
export function usageLine(spec: CommandSpec, program: string): string {
  return [program, ...spec.path, ...spec.arguments.map(placeholder), "[flags]"].join(" ");
}

/** Headings in the order of a user's day. */
const GROUPS: readonly CommandGroup[] = [
  "Set up",
  "Federate",
  "Pieces",
  "Troubleshoot",
  "Clean up",
  "Practise",
  "Other",
];

/** For somebody who begins. */
export const ROOT_EXAMPLES = [
  { run: "sandbox", does: "two practice clusters on this machine, east and west" },
  { run: "peer east west", does: "two clusters trust each other, and it is proven" },
  { run: "cfdt gen --context east | oc --context west apply -f -", does: "one piece of it" },
] as const;

function rootHelp(program: string): string {
  const sections = GROUPS.map((group) => {
    const specs = CATALOGUE.map(({ spec }) => spec).filter((spec) => spec.group === group);
    return section(group, columns(specs.map(titleAndSummary)));
  });
  return blocks(
    ["Makes SPIRE trust domains of OpenShift clusters trust each other, and proves it."],
    section("Usage", [`  ${program} COMMAND [flags]`]),
    section("Examples", exampleLines(ROOT_EXAMPLES, program)),
    ...sections,
    section("Exit codes", columns(EXITS.map(({ code, when }) => [`${code}`, when] as const))),
    section("Environment", columns(ENVIRONMENT)),
    wrap(
      `A cluster is named by its kubeconfig context, or path/to/kubeconfig#context. ` +
        `"${program} help COMMAND" tells more.`,
      "",
    ),
  );
}

const ENVIRONMENT = [
  ["KUBECONFIG", "kubeconfig files, with colons between, instead of ~/.kube/config"],
  ["HTTPS_PROXY, NO_PROXY", "as in kubectl; also HTTP_PROXY, and in lower case"],
  ["NO_COLOR", "no colour; CI and TERM=dumb also keep animation off"],
  ["SPIREFED_<FLAG>", "any flag that gives no consent: SPIREFED_TIMEOUT for --timeout"],
] as const;

function groupHelp(word: string, program: string): string {
  const specs = CATALOGUE.map(({ spec }) => spec).filter(({ path }) => path[0] === word);
  return blocks(
    [`${GROUP_WORDS.get(word) ?? word}.`],
    section("Usage", [`  ${program} ${word} COMMAND [flags]`]),
    section("Commands", columns(specs.map(titleAndSummary))),
    section("Examples", specs.flatMap((spec) => examples(spec, program).slice(0, 2))),
    [`"${program} help ${word} COMMAND" tells more.`],
  );
}

function commandHelp(spec: CommandSpec, program: string): string {
  const groups = ["Options", "Trust", "Network", "Global"] as const;
  const flags = Object.entries(spec.flags);
  return blocks(
    [`${spec.summary}.`],
    spec.description === undefined ? [] : flow(spec.description),
    section("Usage", usage(spec, program)),
    section("Examples", examples(spec, program)),
    section("Arguments", columns(spec.arguments.map((one) => [placeholder(one), one.summary]))),
    ...groups.map((group) =>
      section(
        group,
        columns(
          flags.filter(([, flag]) => (flag.group ?? "Options") === group).map(flagRow),
        ),
      )
    ),
    section("Exit codes", columns(exitRows(spec))),
    section("Environment", environment(spec)),
  );
}

function usage(spec: CommandSpec, program: string): readonly string[] {
  const others = (spec.aliases ?? []).map((alias) =>
    usageLine({ ...spec, path: [...spec.path.slice(0, -1), alias] }, program)
  );
  return [usageLine(spec, program), ...others].map((line) => `  ${line}`);
}

function examples(spec: CommandSpec, program: string): readonly string[] {
  return exampleLines(spec.examples, program);
}

function exampleLines(
  examples: CommandSpec["examples"],
  program: string,
): readonly string[] {
  return examples.flatMap(({ run, does }) => [
    `  # ${does}`,
    ...fold(asCalled(`oc spirefed ${run}`, program)),
  ]);
}

/** Fills paragraphs anew; a line that is indented stays as it is. */
function flow(text: string): readonly string[] {
  const paragraphs: string[] = [];
  for (const line of text.split("\n")) {
    const goes = !/^\s|^$/.test(line) && !/^\s|^$/.test(paragraphs.at(-1) ?? "");
    if (goes) paragraphs[paragraphs.length - 1] += ` ${line}`;
    else paragraphs.push(line);
  }
  return paragraphs.flatMap((line) => /^\s/.test(line) ? line : wrap(line, ""));
}

/** A command line that is too wide goes on after a backslash, before a flag, a pipe or a file. */
function fold(line: string): readonly string[] {
  if (line.length + 2 <= WIDTH) return [`  ${line}`];
  const at = Math.max(...[" --", " | ", " > "].map((sign) => line.lastIndexOf(sign, WIDTH - 4)));
  if (at < 20) return [`  ${line}`];
  return [`  ${line.slice(0, at)} \\`, ...fold(`  ${line.slice(at + 1)}`)];
}

function placeholder({ name, required, variadic }: Argument): string {
  const word = variadic ? `${name}...` : name;
  return required ? word : `[${word}]`;
}

function titleAndSummary(spec: CommandSpec): readonly [string, string] {
  return [spec.path.join(" "), spec.summary];
}

function flagRow([key, flag]: readonly [string, Flag]): readonly [string, string] {
  const short = flag.short ? `-${flag.short}, ` : "    ";
  const value = flag.type === "switch" ? "" : ` ${flag.value}`;
  const choices = "choices" in flag && flag.choices ? [`one of ${flag.choices.join(", ")}`] : [];
  const standard = "default" in flag && flag.default !== undefined
    ? [`default ${flag.default}`]
    : [];
  const notes = [...choices, ...standard].join("; ");
  return [
    `${short}${longName(key)}${value}`,
    notes === "" ? flag.summary : `${flag.summary} (${notes})`,
  ];
}

/** What every command can answer; the rest is said with each command. */
const EXITS = [
  { code: 0, when: "done, healthy, or nothing to do" },
  { code: 1, when: "a bug" },
  { code: 2, when: "the command line or an input is invalid; nothing was written" },
  { code: 3, when: "unhealthy or partial: at least one direction is not proven" },
  { code: 4, when: "trust was refused; nothing was written" },
  { code: 5, when: "preflight failed; nothing was written" },
  { code: 6, when: "only warnings, and --fail-on warn was given" },
  { code: 124, when: "--timeout was reached" },
  { code: 130, when: "interrupted by Ctrl-C; 143 by SIGTERM" },
] as const;

function exitRows({ exits, flags }: CommandSpec): readonly (readonly [string, string])[] {
  const own = new Map(exits.map(({ code, when }) => [code, when]));
  const always = "timeout" in flags ? [0, 2, 124, 130] : [0, 2, 130];
  return EXITS.filter(({ code }) => own.has(code) || always.includes(code))
    .map(({ code, when }) => [`${code}`, own.get(code) ?? when]);
}

function environment({ flags }: CommandSpec): readonly string[] {
  const names = Object.entries(flags).flatMap(([key, flag]) =>
    flag.group === "Global" ? [] : environmentName(key, flag) ?? []
  );
  const consent = Object.entries(flags).filter(([, flag]) => flag.consent)
    .map(([key]) => longName(key));
  const twins = names.length === 0 ? [] : wrap(`${names.join(", ")}, and`, "  ");
  return [
    ...twins,
    ...wrap("SPIREFED_<FLAG> of each global flag: used where the flag is not given.", "  "),
    ...consent.length === 0 ? [] : wrap(`No variable stands for ${consent.join(", ")}.`, "  "),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines];
}

function blocks(...all: readonly (readonly string[])[]): string {
  return all.filter((lines) => lines.length > 0).map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** Two columns; the second is wrapped, and begins on its own line where the first is too wide. */
function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const left = Math.min(30, Math.max(0, ...rows.map(([name]) => name.length)));
  const indent = " ".repeat(left + 4);
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, indent);
    if (name.length > left) return [`  ${name}`, ...lines];
    return [`  ${name.padEnd(left)}  ${lines[0]?.slice(indent.length)}`, ...lines.slice(1)];
  });
}

function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
