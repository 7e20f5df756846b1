import assert from "node:assert/strict";
import { REFERENCE, reference } from "../tools/reference.ts";

const ROOT = new URL("..", import.meta.url);

/** What every start loads. A module more makes `--help`, `version` and <TAB> slower. */
const START = [
  "commands/catalogue.ts",
  "commands/command.ts",
  "commands/explain.ts",
  "commands/flag_names.ts",
  "commands/flags.ts",
  "commands/help.ts",
  "commands/main.ts",
  "commands/resolve.ts",
  "commands/settings_flags.ts",
  "commands/suggest.ts",
  "commands/version/version.ts",
  "lib/errors.ts",
  "lib/output/printable.ts",
  "lib/output/program_name.ts",
  "lib/permissions.ts",
  "mod.ts",
];

/** What a completion, and a command line that is wrong, load beside it. */
const COMPLETION = ["lib/cluster/find_context.ts", "commands/completion/complete.ts"];
const USAGE_ERROR = ["commands/execute.ts"];

Deno.test("the start-up path loads these modules, no package and no node: module", async () => {
  const loaded = await staticImports("mod.ts");

  assert.deepEqual(loaded.filter((module) => !module.endsWith("/spec.ts")), START);
});

Deno.test("completion and usage errors load no node: module", async () => {
  for (const entry of [...COMPLETION, ...USAGE_ERROR]) {
    const loaded = await staticImports(entry);

    assert.deepEqual(loaded.filter((module) => module.startsWith("node:")), [], entry);
    const packages = loaded.filter((module) => module.startsWith("npm:"));
    assert.deepEqual(packages.filter((name) => !/\/js-yaml@/.test(name)), [], entry);
  }
});

Deno.test("nothing starts where the environment may switch TLS checks off", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      "--allow-env",
      new URL("mod.ts", ROOT).href,
      "version",
    ],
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    stdin: "null",
  }).output();

  assert.equal(code, 2);
  assert.equal(stdout.length, 0);
  assert.match(new TextDecoder().decode(stderr), /^ {2}next: unset NODE_TLS_REJECT_UNAUTHORIZED$/m);
});

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
  readonly redirects: Readonly<Record<string, string>>;
}

/** Everything that is loaded before a module runs: by its own code, types left out. */
async function staticImports(entry: string): Promise<readonly string[]> {
  const root = new URL(entry, ROOT).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", root],
    cwd: ROOT,
  }).output();
  const { modules, redirects }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const loaded = new Set([root]);
  for (const specifier of loaded) {
    for (const { code, isDynamic } of byName.get(specifier)?.dependencies ?? []) {
      if (code !== undefined && !isDynamic) loaded.add(redirects[code.specifier] ?? code.specifier);
    }
  }
  return [...loaded].map((specifier) => specifier.replace(ROOT.href, "")).sort();
}

Deno.test("docs/reference.md says what --help says", async () => {
  const written = await Deno.readTextFile(REFERENCE).catch(() => "");

  assert.ok(written === reference(), "docs/reference.md is stale: run deno task reference");
});
