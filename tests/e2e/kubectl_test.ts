/** What stock kubectl says in the sandbox it says here too: see `tests/kubectl_test.ts`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { KUBECTL_LINES } from "../contract/kubectl_lines.ts";
import { forgetPeers, openPair } from "./clusters.ts";
import { run, until } from "./process.ts";

const [east] = await openPair();
const SOURCE = new URL("../../mod.ts", import.meta.url).pathname;

Deno.test("kubectl reads, applies, asks, executes, watches and deletes", async (test) => {
  await forgetPeers(east);
  const home = await Deno.makeTempDir();
  const start = `#!/bin/sh\nexec '${Deno.execPath()}' run --no-prompt -A '${SOURCE}' "$@"\n`;
  await Deno.writeTextFile(join(home, "oc-spirefed"), start, { mode: 0o755 });
  const env = {
    HOME: home,
    PATH: `${home}:${Deno.env.get("PATH")}`,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    NO_COLOR: "1",
  };
  const type = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await run(["sh", "-c", line], { env });
    return `${stdout}${stderr}(exit ${code})\n`;
  };
  for (const { line, says, inTime = false } of KUBECTL_LINES) {
    await test.step(line, async () => {
      if (inTime) await until(line, async () => says.test(await type(line)));
      assert.match(await type(line), says);
    });
  }
  await Deno.remove(home, { recursive: true });
});
