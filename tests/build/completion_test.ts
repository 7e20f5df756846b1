import assert from "node:assert/strict";
import { dirname } from "node:path";
import { DENO_FOLDER, EXECUTABLE, folder, missing, run } from "./support.ts";

/** What a shell offers for a command line, by a script for that shell. */
async function offered(shell: string, script: string): Promise<readonly string[]> {
  await using place = await folder();
  const contexts = ["north", "admin/api:6443", "two words"].map((name) => ({ name }));
  await Deno.writeTextFile(`${place.path}/config`, JSON.stringify({ contexts }));
  await Deno.writeTextFile(`${place.path}/script`, script);
  const { out, err } = await run(shell, [`${place.path}/script`], {
    PATH: `${dirname(EXECUTABLE)}:${DENO_FOLDER}:/usr/bin:/bin`,
    HOME: place.path,
    KUBECONFIG: `${place.path}/config`,
    TERM: "dumb",
  });
  assert.equal(err, "");
  return out.trimEnd().split("\n");
}

Deno.test("bash completes commands, values after = and contexts with colons", {
  ignore: missing("bash"),
}, async () => {
  const answers = await offered(
    "bash",
    `source <(oc-spirefed completion bash)
type_tab() { COMP_LINE=$1 COMP_POINT=\${#1} COMPREPLY=(); _oc_spirefed; echo "\${COMPREPLY[*]}"; }
type_tab "oc-spirefed pee"
type_tab "oc-spirefed peer a b --source="
type_tab "oc-spirefed peer admin/api:"
type_tab "oc-spirefed peer t"
type_tab "oc-spirefed bundle fetch --context=no"
`,
  );

  assert.deepEqual(answers, ["peer", "endpoint api", "6443", "two\\ words", "north"]);
});

Deno.test("fish completes commands, contexts and values", {
  ignore: missing("fish"),
}, async () => {
  const answers = await offered(
    "fish",
    `oc-spirefed completion fish | source
complete -C 'oc-spirefed pee'
complete -C 'oc-spirefed peer n'
complete -C 'oc-spirefed peer --source=a'
`,
  );

  assert.deepEqual(answers.map((line) => line.split("\t")[0]), ["peer", "north", "--source=api"]);
});

Deno.test("zsh takes the script as its completion of both names", {
  ignore: missing("zsh"),
}, async () => {
  const answers = await offered(
    "zsh",
    `autoload -U compinit; compinit -u -D
source <(oc-spirefed completion zsh)
print $_comps[oc-spirefed] $_comps[kubectl-spirefed]
`,
  );

  assert.deepEqual(answers, ["_oc_spirefed _oc_spirefed"]);
});
