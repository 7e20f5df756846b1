/** Ctrl-C on `deno task e2e`, on its way up and in a test: everything goes, and nothing stays. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isThere } from "../build.ts";
import { CACHE, HERE } from "../paths.ts";
import { run, until } from "../process.ts";

/** A run of its own, beside whatever else is up. */
const NAME = "probe";
const FOLDER = join(CACHE, `run-${NAME}`);

const MOMENTS = [
  // A terminal tells the whole group; `kill` tells the one process.
  { when: "on its way up", sign: "east/ready", target: "group", words: [] },
  { when: "in a test", sign: "mark", target: "process", words: ["outside/endless.ts"] },
] as const;

for (const { when, sign, target, words } of MOMENTS) {
  Deno.test(`interrupted ${when}, the harness takes everything down`, async () => {
    const files = words.map((word) => join(HERE, word));
    // Whatever becomes of this test, the harness it has started is told to end with it.
    const dying = ["setpriv", "--pdeathsig", "TERM"];
    const harness = [Deno.execPath(), "run", "--no-prompt", "-A", join(HERE, "main.ts"), "test"];
    const child = new Deno.Command("setsid", {
      args: ["--wait", ...dying, ...harness, ...files],
      env: {
        SPIREFED_E2E_LANES: `${NAME}:1`,
        SPIREFED_E2E_MARK: join(FOLDER, "mark"),
        SPIREFED_E2E_RUN: "",
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();

    await Promise.race([
      until("the moment", () => Deno.stat(join(FOLDER, sign)), 240),
      output.then(({ stderr }) => assert.fail(`ended before: ${new TextDecoder().decode(stderr)}`)),
    ]);
    const pid = await harnessBelow(child.pid);
    Deno.kill(target === "group" ? -pid : pid, "SIGINT");

    const { code, stderr } = await output;
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 130, said);
    assert.doesNotMatch(said, /Still there/);
    assert.deepEqual(await leftBehind(), []);
  });
}

/** `setsid --wait` forks if it leads a group already, and else becomes what it starts. */
async function harnessBelow(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  const [first = ""] = children.trim().split(" ");
  const name = await Deno.readTextFile(`/proc/${pid}/comm`);
  return name.trim() === "setsid" ? Number(first) : pid;
}

async function leftBehind(): Promise<readonly string[]> {
  const { stdout: networks } = await run(["ip", "netns", "list"]);
  const left = networks.split("\n").filter((line) => line.startsWith(`spirefed-${NAME}`));
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (words.includes(`${FOLDER}/`)) left.push(`process ${name}: ${words}`);
  }
  if (await isThere(FOLDER)) left.push(FOLDER);
  return left;
}
