/**
 * The whole program as one text of JavaScript.
 *
 * @module
 */
import { postponeNodeImports } from "./postpone_imports.ts";

/** The folder of `deno.json`. */
export const ROOT = new URL("../../", import.meta.url);

/**
 * Bundles the program twice: legibly, so that its `node:` imports can be moved, and then
 * small. The same sources give the same bytes, wherever they lie.
 */
export async function bundleProgram(entry = "mod.ts"): Promise<string> {
  const whole = postponeNodeImports(await legibleBundle(entry));
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/whole.js`, whole);
    await bundle(["--minify", "--no-config", "--output", "small.js", "whole.js"], folder);
    return ascii(await Deno.readTextFile(`${folder}/small.js`));
  });
}

/** One letter beyond Latin-1 would double what the runtime has to hold, and to read. */
function ascii(text: string): string {
  return text.replace(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The npm packages that something of the bundle comes from, as `name@version`. */
export async function bundledPackages(): Promise<readonly string[]> {
  const headings = (await legibleBundle("mod.ts")).matchAll(
    /^\/\/ \S*\/npm\/[^/\s]+\/((?:@[^/\s]+\/)?[^/\s]+)\/([^/\s]+)\/\S+$/gm,
  );
  return [...new Set([...headings].map(([, name, version]) => `${name}@${version}`))].sort();
}

async function legibleBundle(entry: string): Promise<string> {
  return await withFolder(async (folder) => {
    await bundle(["--output", `${folder}/whole.js`, entry], ROOT);
    return await Deno.readTextFile(`${folder}/whole.js`);
  });
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "oc-spirefed-build-" });
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function bundle(args: readonly string[], cwd: URL | string): Promise<void> {
  await run(Deno.execPath(), ["bundle", "--quiet", ...args], { cwd });
}

/** Runs a tool; answers what it printed. */
export async function run(
  command: string,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    ...options,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} ${args[0]} failed:\n${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
