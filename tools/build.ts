/**
 * Builds dist/oc-spirefed, one file that runs wherever a Deno is on PATH, and beside
 * it the name by which kubectl finds it. With `--standalone` a file that needs no Deno.
 *
 * @module
 */
import { bundleProgram, ROOT } from "./build/bundle.ts";
import { manPage } from "./reference.ts";
import { launcher } from "./build/launcher.ts";
import { standalone } from "./build/standalone.ts";

/** Writes the executables for a Deno on PATH into a folder; answers the file. */
export async function build(folder: URL): Promise<URL> {
  const program = await bundleProgram();
  return await writeExecutable(folder, new TextEncoder().encode(launcher("path") + program));
}

/** Writes the executables that carry their runtime into a folder; answers the file. */
export async function buildStandalone(folder: URL, runtime = Deno.execPath()): Promise<URL> {
  const program = await bundleProgram();
  return await writeExecutable(folder, await standalone(program, await Deno.readFile(runtime)));
}

async function writeExecutable(folder: URL, bytes: Uint8Array): Promise<URL> {
  await Deno.mkdir(folder, { recursive: true });
  const file = new URL("oc-spirefed", folder);
  await Deno.writeFile(file, bytes, { mode: 0o755 });
  await Deno.chmod(file, 0o755);
  const other = new URL("kubectl-spirefed", folder);
  await Deno.remove(other).catch(() => {});
  await Deno.symlink("oc-spirefed", other);
  await Deno.writeTextFile(new URL("oc-spirefed.1", folder), manPage());
  return file;
}

if (import.meta.main) {
  const isStandalone = Deno.args.includes("--standalone");
  const name = isStandalone ? "dist/standalone" : "dist";
  const folder = new URL(`${name}/`, ROOT);
  const file = isStandalone ? await buildStandalone(folder) : await build(folder);
  const size = Math.ceil((await Deno.stat(file)).size / 1024);
  const needs = isStandalone ? "needs nothing but a shell" : "needs Deno 2.9 on PATH";
  const report = `${name}/oc-spirefed: ${size} KiB, ${needs}; also as ${name}/kubectl-spirefed\n`;
  await Deno.stdout.write(new TextEncoder().encode(report));
}
