import assert from "node:assert/strict";
import { launcher } from "./launcher.ts";
import { readableVariables } from "./permissions.ts";

const GOOD = "deno 2.9.6 (stable, release, x86_64-unknown-linux-gnu)";

/** What came of starting the launcher's lines with a `deno` that only prints its arguments. */
async function started(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  version = GOOD,
): Promise<{ readonly code: number; readonly words: readonly string[]; readonly said: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const deno = `#!/bin/sh
if [ "$1" = --version ]; then echo '${version}'; exit; fi
printf '%s\\n' "$@"
`;
    await Deno.writeTextFile(`${folder}/deno`, deno, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/program`, launcher("path"));
    const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: [`${folder}/program`, ...words],
      env: { PATH: `${folder}:/usr/bin:/bin`, ...env },
      clearEnv: true,
    }).output();
    const decoder = new TextDecoder();
    const said = decoder.decode(stderr).replaceAll(folder, "FOLDER");
    return { code, words: decoder.decode(stdout).trimEnd().split("\n"), said };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The permissions to write that a command line starts with. */
async function writing(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  return (await started(words, env)).words.filter((word) => word.startsWith("--allow-write"));
}

Deno.test("the executable may not write files", async () => {
  const { words } = await started(["peer", "east", "we st"]);

  assert.deepEqual(words.slice(-3), ["peer", "east", "we st"]);
  assert.deepEqual(words.filter((word) => word.startsWith("--allow-write")), []);
  assert.ok(words.includes("--ignore-env"));
  assert.ok(words.includes("--no-prompt"));
});

Deno.test("the executable's sandbox may write below the temporary folder only", async () => {
  assert.deepEqual(await writing(["sandbox", "--clusters", "3"]), ["--allow-write=/tmp"]);
  assert.deepEqual(await writing(["--no-color", "sandbox"], { TMPDIR: "/var/my tmp" }), [
    "--allow-write=/var/my tmp",
  ]);
});

Deno.test("the executable sees the variables that it obeys, and no consent among them", () => {
  const variables = readableVariables();

  for (const name of ["KUBECONFIG", "SPIREFED_CONNECT_TO", "SPIREFED_CLUSTERS", "TMPDIR"]) {
    assert.ok(variables.includes(name), name);
  }
  for (const consent of ["YES", "ADOPT", "FORCE_CONFLICTS", "EXPECT_TRUST_DOMAIN"]) {
    assert.ok(!variables.includes(`SPIREFED_${consent}`), consent);
  }
});

Deno.test("the executable starts on Deno 2.9 and newer", async () => {
  for (const version of ["deno 2.9.0 (x)", "deno 2.10.1", "deno 2.31.0 (x)", "deno 3.0.0 (x)"]) {
    assert.equal((await started(["version"], {}, version)).code, 0, version);
  }
});

Deno.test("the executable says which Deno is too old, and what to do", async () => {
  for (const version of ["deno 1.46.3", "deno 2.0.0", "deno 2.8.9"]) {
    const { code, said } = await started(["version"], {}, `${version} (stable, release)`);

    assert.equal(code, 5);
    assert.equal(
      said,
      `error: oc-spirefed needs Deno 2.9 or newer; FOLDER/deno is ${version}
  next: npm install --global deno, or put a newer Deno first on PATH
`,
    );
  }
});

Deno.test("the executable says that there is no Deno", async () => {
  const { code, said } = await started(["version"], { PATH: "/nowhere" });

  assert.equal(code, 5);
  assert.match(said, /^error: oc-spirefed needs Deno 2\.9 or newer, and there is none on PATH\n/);
});

Deno.test("the executable asks a Deno for its version once, and again when it is replaced", async () => {
  const home = await Deno.makeTempDir();
  const asked = `${home}/asked`;
  const deno = (version: string): string =>
    `#!/bin/sh\nif [ "$1" = --version ]; then echo asked >>'${asked}'; echo 'deno ${version}'; fi\n`;
  const start = (): Promise<Deno.CommandOutput> =>
    new Deno.Command("/bin/sh", {
      args: [`${home}/program`, "version"],
      env: { PATH: `${home}:/usr/bin:/bin`, HOME: home },
      clearEnv: true,
    }).output();
  try {
    await Deno.writeTextFile(`${home}/program`, launcher("path"));
    await Deno.writeTextFile(`${home}/deno`, deno("2.9.6"), { mode: 0o755 });
    const codes = [(await start()).code, (await start()).code];
    const once = await Deno.readTextFile(asked);
    await Deno.writeTextFile(`${home}/deno`, deno("1.40.0"));
    await Deno.utime(`${home}/deno`, new Date(), new Date(Date.now() + 60_000));
    const { code } = await start();

    assert.deepEqual([...codes, once, code], [0, 0, "asked\n", 5]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
