/** What the documents claim: commands, flags, exit codes, links and the names of tests. */
import assert from "node:assert/strict";
import { access, readdir, readFile } from "node:fs/promises";
import { CATALOGUE } from "../commands/catalogue.ts";
import { longName } from "../commands/flag_names.ts";
import { EXIT_CODES } from "../lib/errors.ts";

const ROOT = new URL("../", import.meta.url);
const read = (name: string): Promise<string> => readFile(new URL(name, ROOT), "utf8");

const DOCUMENTS = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...["docs/trust-rules.md", "docs/faults.md", "docs/dependencies.md"],
];

/** Everything in back quotes or a block of code, tables included. */
function quoted(text: string): readonly string[] {
  return [...text.matchAll(/```[^\n]*\n([^]*?)```|`([^`\n]+)`/g)]
    .flatMap(([, block, span]) => (block ?? span ?? "").split("\n"));
}

Deno.test("README has every command, and no other", async () => {
  const text = await read("README.md");
  const table = text.slice(text.indexOf("## Commands"), text.indexOf("| exit code |"));
  const rows = table.split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|")[1] ?? "");
  const told = rows.flatMap((row) => quoted(row))
    .map((words) => words.replace(/ \[?[A-Z].*$/, ""));

  const [names, aliases] = [CATALOGUE.map(({ spec }) => spec.path.join(" ")), aliasesOf()];
  assert.deepEqual(told.filter((name) => !aliases.includes(name)).sort(), [...names].sort());
});

function aliasesOf(): readonly string[] {
  return CATALOGUE.flatMap(({ spec }) => spec.aliases ?? []);
}

Deno.test("README types commands and flags that there are", async () => {
  const known = new Map(CATALOGUE.map(({ spec }) => [spec.path.join(" "), spec]));
  const lines = quoted(await read("README.md"));
  const typed = lines.flatMap((line) =>
    /(?:oc spirefed|kubectl spirefed|task dev) ([^|>]+)/.exec(line)?.[1] ?? []
  );

  assert.ok(typed.length >= 5, "there are examples");
  for (const line of typed) {
    const words = line.trim().split(/\s+/);
    if (words[0]?.startsWith("-")) continue;
    const spec = known.get(words.slice(0, 2).join(" ")) ?? known.get(words[0] ?? "");
    assert.ok(spec !== undefined, line);
    const flags = new Set(Object.keys(spec.flags).map(longName));
    for (const word of words.filter((word) => word.startsWith("--"))) {
      assert.ok(flags.has(word.split("=")[0] ?? ""), `${word} in ${line}`);
    }
  }
});

Deno.test("README has every exit code", async () => {
  const text = await read("README.md");
  const table = text.slice(text.indexOf("| exit code |"), text.indexOf("## More"));

  for (const code of Object.values(EXIT_CODES)) assert.match(table, new RegExp(`\\b${code}\\b`));
});

Deno.test("links in documents lead to files", async () => {
  for (const name of DOCUMENTS) {
    for (const [, target = ""] of (await read(name)).matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      await assert.doesNotReject(
        access(new URL(target, new URL(name, ROOT))),
        `${name}: ${target}`,
      );
    }
  }
});

Deno.test("ARCHITECTURE names folders and files that there are", async () => {
  const text = await read("ARCHITECTURE.md");
  const tree = text.slice(text.indexOf("## The tree"), text.indexOf("## Four ideas"));
  const paths = quoted(tree).filter((word) =>
    /^(lib|commands|manifests|probe|sandbox|tests|tools|docs)\/[\w./-]*$/.test(word)
  );

  assert.ok(paths.length > 10);
  for (const path of paths) await assert.doesNotReject(access(new URL(path, ROOT)), path);
  for (const folder of await readdir(new URL("lib/", ROOT), { withFileTypes: true })) {
    if (folder.isDirectory()) assert.ok(tree.includes(`lib/${folder.name}/`), folder.name);
  }
});

Deno.test("each test that a document names is there", async () => {
  const sources = (await readdir(ROOT, { recursive: true }))
    .filter((file) => file.endsWith("_test.ts") && !/node_modules|coverage/.test(file));
  const texts = await Promise.all(sources.map((file) => read(file)));
  // A name that is put together is found by its longest fixed part.
  const all = texts.join("\n").replaceAll('\\"', '"').replaceAll(/\$\{[^}]*\}/g, "\0");
  const names = (await Promise.all(["docs/trust-rules.md", "docs/faults.md"].map(read)))
    .flatMap((text) => [...text.matchAll(/`([^`\n]{25,})`/g)].map(([, name = ""]) => name));

  assert.ok(names.length > 60);
  for (const name of names.filter((name) => !/_test\.ts$/.test(name))) {
    assert.ok(isNamed(all, name), `no test is called: ${name}`);
  }
});

function isNamed(all: string, name: string): boolean {
  if (all.includes(name)) return true;
  return [...all.matchAll(/Deno\.test\(\s*`([^`]*)`/g)].some(([, pattern = ""]) =>
    new RegExp(
      `^${pattern.split("\0").map((part) => part.replaceAll(/[^\w ]/g, "\\$&")).join(".+")}$`,
    ).test(name)
  );
}

Deno.test("each dependency has its line, and no line is without one", async () => {
  const { imports } = JSON.parse(await read("deno.json")) as {
    readonly imports: Readonly<Record<string, string>>;
  };
  const told = [...(await read("docs/dependencies.md")).matchAll(/^\| `([^`]+)`/gm)]
    .map(([, name = ""]) => name);

  assert.deepEqual(told.sort(), Object.keys(imports).sort());
});
