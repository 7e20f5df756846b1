/**
 * `deno task weigh`: what each dependency weighs, in KiB on disk with all that it brings
 * along, and whether it is in the executable.
 *
 * @module
 */
const ROOT = new URL("..", import.meta.url);

/** The part of deno.lock that is read here. */
type Locked = Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;

if (import.meta.main) {
  const { imports } = await read("deno.json") as { imports: Readonly<Record<string, string>> };
  const { npm } = await read("deno.lock") as { npm: Locked };
  const { npmCache } = await info() as { npmCache: string };
  const { modules } = await info("mod.ts") as { modules: readonly { specifier: string }[] };
  for (const specifier of Object.values(imports)) {
    const id = specifier.replace("npm:", "");
    const packages = [...closure(id, npm)];
    const sizes = await Promise.all(packages.map((each) => sizeBelow(folderOf(each, npmCache))));
    const total = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024);
    const shipped = modules.some((module) => module.specifier.startsWith(`npm:/${id}`));
    say(`${id}  ${total} KiB, ${packages.length} packages${shipped ? ", in the executable" : ""}`);
  }
}

async function read(name: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(new URL(name, ROOT)));
}

/** A package and all that it brings along; deno.lock leaves versions out where there is one. */
function closure(id: string, npm: Locked, found = new Set<string>()): ReadonlySet<string> {
  const key = npm[id] === undefined
    ? Object.keys(npm).find((key) => key.startsWith(`${id}@`)) ?? id
    : id;
  if (found.has(key)) return found;
  found.add(key);
  for (const dependency of npm[key]?.dependencies ?? []) closure(dependency, npm, found);
  return found;
}

function folderOf(key: string, cache: string): string {
  const [, name = "", version = ""] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
  return `${cache}/registry.npmjs.org/${name}/${version}`;
}

async function info(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...args],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function sizeBelow(path: string): Promise<number> {
  let total = 0;
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    total += isDirectory
      ? await sizeBelow(`${path}/${name}`)
      : (await Deno.stat(`${path}/${name}`)).size;
  }
  return total;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
