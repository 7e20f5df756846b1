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
export async function bundleProgram(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "oc-spirefed-build-" });
  try {
    const whole = `${folder}/whole.js`;
    const small = `${folder}/small.js`;
    await bundle(["--output", whole, "mod.ts"], ROOT);
    await Deno.writeTextFile(whole, postponeNodeImports(await Deno.readTextFile(whole)));
    await bundle(["--minify", "--no-config", "--output", small, whole], folder);
    return await Deno.readTextFile(small);
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
