/** The page of `status -o html` in a real browser, where one is installed. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { declaredByHand, federated } from "./support/ailments.ts";
import { practice } from "./support/practice.ts";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

async function browser(): Promise<string | undefined> {
  for (const name of BROWSERS) {
    try {
      const { success } = await new Deno.Command(name, { args: ["--version"] }).output();
      if (success) return name;
    } catch {
      continue;
    }
  }
  return undefined;
}

const found = await browser();
if (found === undefined) {
  const why = `skipped: none of ${BROWSERS.join(", ")} is installed here\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(`the page in a real browser: ${why}`));
}

Deno.test({
  name: "a browser draws the topology in light and in dark, and asks for nothing",
  ignore: found === undefined,
  fn: async () => {
    const run = await practice({
      clusters: ["east", "west", "north"],
      patch: [federated("east", "west"), declaredByHand("north", "east", "to-east")],
    });
    await run.tick(2_000);
    await main(["status", "-o", "html"], run.context);
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/page.html`, run.context.out.join(""));
      const dom = await look(folder, ["--dump-dom"]);
      const light = await picture(folder, "light", []);
      const dark = await picture(folder, "dark", ["--blink-settings=preferredColorScheme=0"]);

      assert.equal(dom.match(/<g class="node/g)?.length, 3);
      assert.equal(dom.match(/<g class="direction/g)?.length, 4);
      assert.match(dom, /one-way/);
      assert.ok(light.length > 10_000 && dark.length > 10_000, "the pictures are empty");
      assert.notDeepEqual(light, dark);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function picture(folder: string, name: string, args: readonly string[]): Promise<Uint8Array> {
  await look(folder, [`--screenshot=${folder}/${name}.png`, ...args]);
  return await Deno.readFile(`${folder}/${name}.png`);
}

async function look(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command(found ?? "", {
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions"],
      ...[`--user-data-dir=${folder}/profile`, "--window-size=1000,900", ...args],
      `file://${folder}/page.html`,
    ],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}
