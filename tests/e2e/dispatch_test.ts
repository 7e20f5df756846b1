/** The program as it is installed, found by stock kubectl and by oc's own plugin handler. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { forgetPeers, openPair } from "./clusters.ts";
import { PROGRAMS } from "./paths.ts";
import { type Finished, must, run } from "./process.ts";

const [east, west] = await openPair();
const ROOT = new URL("../../", import.meta.url).pathname;

/** Builds the one file, and installs it as a user would. */
async function installed(prefix: string): Promise<void> {
  const config = join(ROOT, "deno.json");
  await must([Deno.execPath(), "task", "--config", config, "build"], { cwd: ROOT });
  await must([join(ROOT, "install.sh"), "--prefix", prefix], { cwd: ROOT });
}

const prefix = await Deno.makeTempDir({ prefix: "spirefed e2e " });
await installed(prefix);
const env = {
  PATH: [join(prefix, "bin"), PROGRAMS, dirname(Deno.execPath()), "/usr/bin", "/bin"].join(":"),
  NO_COLOR: "1",
};

async function type(...words: readonly [string, ...string[]]): Promise<Finished> {
  return await run([join(PROGRAMS, words[0]), ...words.slice(1)], { env });
}

for (const program of ["kubectl", "oc"]) {
  Deno.test(`${program} spirefed peer east west federates, and again changes nothing`, async () => {
    await Promise.all([forgetPeers(east), forgetPeers(west)]);

    const first = await type(program, "spirefed", "peer", "east", "west");
    const second = await type(program, "spirefed", "peer", "east", "west");

    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /east → west +trusted/);
    assert.match(first.stdout, new RegExp(`^Next: ${program} spirefed `, "m"));
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout + second.stderr, /nothing to change/i);
  });

  Deno.test(`${program} passes on exit codes and completes commands and contexts`, async () => {
    const wrong = await type(program, "spirefed", "peer", "east");
    assert.equal(wrong.code, 2);

    const commands = await type(program, "__complete", "spirefed", "pe");
    assert.match(commands.stdout, /^peer\b/m);
    const contexts = await type(program, "__complete", "spirefed", "peer", "");
    assert.match(contexts.stdout, /^east\b/m);
    assert.match(contexts.stdout, /^west\b/m);
  });
}

Deno.test("what was installed goes again", async () => {
  await must([join(ROOT, "install.sh"), "--uninstall", "--prefix", prefix], { cwd: ROOT });
  assert.equal((await type("kubectl", "spirefed", "--help")).code, 1);
  await Deno.remove(prefix, { recursive: true }).catch(() => {});
});
