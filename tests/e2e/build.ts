/**
 * Builds the parts, each once for a given set of inputs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { SpirefedError } from "../../lib/errors.ts";
import { DEFINITIONS, type Part, PARTS, type PinnedModule } from "./parts.ts";
import { CACHE, DEFINITION_FILES, HERE, PROGRAMS } from "./paths.ts";
import { must, say } from "./process.ts";

/** Builds what is not built yet and links all programs into `PROGRAMS`. */
export async function buildAll(parts: readonly Part[] = PARTS): Promise<void> {
  const compiler = await compilerVersion();
  await Deno.mkdir(PROGRAMS, { recursive: true });
  for (const part of parts) {
    const folder = await built(part, compiler);
    for (const program of Object.keys(part.programs)) {
      await relink(join(folder, program), join(PROGRAMS, program));
    }
  }
}

/**
 * Fetches what building will need, and nothing that is built already.
 *
 * @throws {SpirefedError} `preflight`, when a module cannot be had.
 */
export async function fetchAll(): Promise<void> {
  const compiler = await compilerVersion();
  for (const part of PARTS) {
    if (await isFolder(await folderOf(part, compiler))) continue;
    const words = ["list", "-C", await sourceOf(part), "-mod=readonly", "-deps", "-f", '{{""}}'];
    await fetching(["go", ...words, ...Object.values(part.programs)], part.name);
  }
  for (const { module } of DEFINITIONS) await moduleFolder(module);
}

async function fetching(command: readonly [string, ...string[]], what: string): Promise<string> {
  return await must(command, { cwd: "/" }).catch((error) => {
    throw new SpirefedError("preflight", `The Go modules of ${what} cannot be had`, {
      cause: error.cause,
      remedy: "look at GOPROXY and at the way to it; what is built once is not fetched again",
    });
  });
}

async function compilerVersion(): Promise<string> {
  return (await must(["go", "env", "GOVERSION"])).trim();
}

async function folderOf(part: Part, compiler: string): Promise<string> {
  return join(CACHE, "bin", `${part.name}-${await inputHash(part, compiler)}`);
}

async function sourceOf({ source }: Part): Promise<string> {
  return "folder" in source
    ? join(HERE, "parts", source.folder)
    : await moduleFolder(source.module);
}

/** The folder with a part's programs, after building them if nobody has yet. */
async function built(part: Part, compiler: string): Promise<string> {
  const folder = await folderOf(part, compiler);
  if (await isFolder(folder)) return folder;
  say(`building ${part.name}: ${Object.keys(part.programs).join(", ")}`);
  const began = Date.now();
  const unfinished = await Deno.makeTempDir({ dir: await ensure(CACHE), prefix: "build-" });
  for (const [program, path] of Object.entries(part.programs)) {
    await goBuild(part, path, join(unfinished, program));
  }
  await ensure(join(CACHE, "bin"));
  await Deno.rename(unfinished, folder);
  say(`built ${part.name} in ${Math.round((Date.now() - began) / 1000)} s`);
  return folder;
}

async function goBuild(part: Part, path: string, output: string): Promise<void> {
  const { linking, variables = {} } = part;
  const folder = await sourceOf(part);
  const flags = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  if (linking === "static with C") flags.push(`-linkmode external -extldflags "-static"`);
  // Half of a small machine's processors at most, and only when nobody else wants them.
  await must([
    ...["nice", "-n", "19", "go", "build", "-C", folder, "-p", "2", "-trimpath"] as const,
    ...["-buildvcs=false", "-mod=readonly", `-ldflags=-s -w ${flags.join(" ")}`.trimEnd()],
    ...["-o", output, path],
  ], { env: linking === "without C" ? { CGO_ENABLED: "0" } : {} });
}

/** Links all definitions into `DEFINITION_FILES`: once the clusters run, nothing can be fetched. */
export async function linkDefinitions(): Promise<void> {
  await ensure(DEFINITION_FILES);
  for (const { module, files } of DEFINITIONS) {
    const folder = await moduleFolder(module);
    for (const file of files) {
      await relink(join(folder, file), join(DEFINITION_FILES, basename(file)));
    }
  }
}

/**
 * The folder of a module in the module cache, fetched if need be.
 *
 * @throws {SpirefedError} `preflight`, if its contents are not those that were pinned.
 */
async function moduleFolder({ path, version, sum }: PinnedModule): Promise<string> {
  const answer = await fetching(["go", "mod", "download", "-json", `${path}@${version}`], path);
  const { Dir, Sum } = JSON.parse(answer);
  if (Sum === sum) return String(Dir);
  throw new SpirefedError("preflight", `${path}@${version} is not what was pinned: ${Sum}`, {
    remedy: `expected ${sum}; clean the module cache, or look into who serves it`,
  });
}

async function inputHash(part: Part, compiler: string): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([part, compiler]));
  if ("folder" in part.source) await addFolder(hash, join(HERE, "parts", part.source.folder), part);
  return hash.digest("hex").slice(0, 16);
}

async function addFolder(
  hash: ReturnType<typeof createHash>,
  folder: string,
  part: Part,
): Promise<void> {
  const own = Object.values(part.programs).filter((path) => path.startsWith("."));
  const names = ["go.mod", "go.sum"];
  for (const path of own) {
    for await (const { name } of Deno.readDir(join(folder, path))) {
      if (name.endsWith(".go")) names.push(join(path, name));
    }
  }
  for (const name of names.sort()) {
    hash.update(name).update(await Deno.readFile(join(folder, name)));
  }
}

/** Makes `link` point to `target`, whatever it was before. */
export async function relink(target: string, link: string): Promise<void> {
  const fresh = join(link, "..", `.${basename(link)}.new`);
  await Deno.remove(fresh).catch(() => {});
  await Deno.symlink(target, fresh);
  await Deno.rename(fresh, link);
}

/** Whether there is such a file, folder or link to one. */
export async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Makes a folder if there is none. */
export async function ensure(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  return folder;
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}
