/**
 * Native executables, by `deno compile`. It puts the program into `denort`, a second
 * executable of the same version that Deno's npm package does not hold: whoever makes
 * a release provides it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { bundleProgram, ROOT, run } from "./bundle.ts";
import { permissionFlags } from "./permissions.ts";

const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
  "aarch64-pc-windows-msvc",
] as const;

/** Compiles for a target; answers the executable. */
export async function compile(
  target: string,
  folder: URL,
  environment: Readonly<Record<string, string>> = {},
): Promise<URL> {
  const work = await Deno.makeTempDir({ prefix: "oc-spirefed-compile-" });
  try {
    const program = `${work}/oc-spirefed.js`;
    await Deno.writeTextFile(program, await bundleProgram());
    const name = `oc-spirefed${target.includes("windows") ? ".exe" : ""}`;
    const file = new URL(`${target}/${name}`, folder);
    await Deno.mkdir(new URL(".", file), { recursive: true });
    const options = ["--no-config", "--no-lock", "--no-remote", "--no-npm", "--cached-only"];
    // Written in for good: the program gives up what a command does not need.
    const permissions = [...permissionFlags(), "--allow-write"]
      .map((flag) => flag.startsWith("--allow-env=") ? `${flag},_` : flag);
    await run(Deno.execPath(), [
      ...["compile", "--quiet", "--no-check", ...options, ...permissions],
      ...["--target", target, "--output", fileURLToPath(file), program],
    ], { cwd: work, env: { ...environment } });
    return file;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Where `deno compile` finds its `denort` without a network; nothing where it does not. */
export async function findDenort(target: string): Promise<string | undefined> {
  const given = Deno.env.get("DENORT_BIN");
  if (given) return given;
  const { denoDir } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
  const kept = `${denoDir}/dl/release/v${Deno.version.deno}/denort-${target}.zip`;
  return await Deno.stat(kept).then(() => kept, () => undefined);
}

/** What to say where there is no `denort`. */
export function missingDenort(target: string): string {
  return `error: deno compile needs denort ${Deno.version.deno} for ${target}, and there is none here
  cause: Deno's npm package does not hold it, and nothing is downloaded from elsewhere
  next: DENORT_BIN=/path/to/denort deno task compile --target ${target}
        (or "deno task build --standalone", which needs no denort)
`;
}

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const at = args.indexOf("--target");
  const target = at < 0 ? Deno.build.target : args[at + 1] ?? "";
  if (!TARGETS.some((known) => known === target)) {
    return say(Deno.stderr, `error: --target takes one of ${TARGETS.join(", ")}\n`, 2);
  }
  if (await findDenort(target) === undefined) return say(Deno.stderr, missingDenort(target), 5);
  const file = await compile(target, new URL("dist/", ROOT));
  return say(Deno.stdout, `${fileURLToPath(file)}\n`, 0);
}

async function say(stream: typeof Deno.stdout, text: string, code: number): Promise<number> {
  await stream.write(new TextEncoder().encode(text));
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
