import assert from "node:assert/strict";
import { launcher, readableVariables } from "./build.ts";

/** What a shell makes of the launcher's lines when `deno` only prints its arguments. */
async function started(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/deno`, `#!/bin/sh\nprintf '%s\\n' "$@"\n`, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/program`, launcher(["HOME"]));
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: [`${folder}/program`, ...words],
      env: { PATH: `${folder}:/usr/bin:/bin`, ...env },
      clearEnv: true,
    }).output();
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the executable may not write files", async () => {
  const words = await started(["peer", "east", "we st"]);

  assert.deepEqual(words.slice(-3), ["peer", "east", "we st"]);
  assert.deepEqual(words.filter((word) => word.startsWith("--allow-write")), []);
  assert.ok(words.includes("--ignore-env"));
});

Deno.test("the executable's sandbox may write below the temporary folder only", async () => {
  const usual = await started(["sandbox", "--clusters", "3"]);
  const elsewhere = await started(["sandbox"], { TMPDIR: "/var/my tmp" });

  assert.deepEqual(usual.filter((word) => word.startsWith("--allow-write")), [
    "--allow-write=/tmp",
  ]);
  assert.ok(elsewhere.includes("--allow-write=/var/my tmp"));
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
