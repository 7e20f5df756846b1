import assert from "node:assert/strict";
import { CATALOGUE } from "./catalogue.ts";
import { help, ROOT_EXAMPLES } from "./help.ts";
import { parse } from "./parse.ts";
import { resolve } from "./resolve.ts";

const PROGRAMS = ["oc spirefed", "kubectl spirefed", "oc-spirefed"];

Deno.test("help keeps to 80 columns, whatever the program is called", () => {
  for (const program of PROGRAMS) {
    const all = [
      help({ kind: "root" }, program),
      ...CATALOGUE.map((entry) => help({ kind: "command", entry, rest: [] }, program)),
    ];
    const wide = all.flatMap((text) => text.split("\n")).filter((line) => line.length > 80);

    assert.deepEqual(wide, []);
  }
});

Deno.test("every example of help is a command line that is understood", () => {
  const examples = CATALOGUE.flatMap(({ spec }) => spec.examples);

  for (const { run } of [...examples, ...ROOT_EXAMPLES]) {
    const words = shellWords(run);
    const target = resolve(words);
    if (target.kind !== "command") assert.fail(`${run}: no command`);
    parse(target.entry.spec, target.rest, () => undefined);
  }
});

Deno.test("help of every command has examples, exit codes and the environment", () => {
  for (const entry of CATALOGUE) {
    const text = help({ kind: "command", entry, rest: [] }, "oc spirefed");

    for (const title of ["Usage:", "Examples:", "Exit codes:"]) {
      assert.ok(text.includes(`\n${title}\n`), `${entry.spec.path.join(" ")}: ${title}`);
    }
  }
});

/** The words of a command line up to a pipe or a redirection, as a shell takes them apart. */
function shellWords(line: string): readonly string[] {
  const [own = ""] = line.split(/ [|<>] /);
  return [...own.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)]
    .map(([, single, double, plain]) => single ?? double ?? plain ?? "");
}
