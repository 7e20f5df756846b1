/**
 * Builds dist/oc-spirefed, one file that runs wherever a Deno is on PATH, and beside
 * it the name by which kubectl finds it.
 *
 * @module
 */
import { CATALOGUE } from "../commands/catalogue.ts";
import { environmentName } from "../commands/flag_names.ts";
import { postponeNodeImports } from "./postpone_imports.ts";

const ROOT = new URL("..", import.meta.url);

/** What the program may read of the environment; it sees nothing else. */
export function readableVariables(): readonly string[] {
  const twins = CATALOGUE.flatMap(({ spec: { flags } }) =>
    Object.entries(flags).flatMap(([key, flag]) => environmentName(key, flag) ?? [])
  );
  const proxies = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];
  return [
    ...["CI", "HOME", "KUBECONFIG", "NODE_TLS_REJECT_UNAUTHORIZED"],
    ...["TERM", "TMPDIR", "USERPROFILE"],
    ...proxies.flatMap((name) => [name, name.toLowerCase()]),
    "SPIREFED_STARTER",
    ...new Set(twins),
  ];
}

/**
 * The first lines: a shell script that starts Deno on this very file, in which Deno
 * sees a comment. A `#!` line cannot hold it: the kernel cuts that after 255 bytes.
 */
export function launcher(variables: readonly string[]): string {
  const permissions = [
    "--no-prompt", // asking is for questions of the program's own
    "--allow-net", // clusters and endpoints are named by the user
    "--allow-read", // so are the files, by the user and by kubeconfigs
    "--allow-run", // credential plugins of kubeconfigs
    "--allow-sys", // the roots that the machine trusts, for https_web
    `--allow-env=${variables.join(",")}`,
    "--ignore-env", // every other variable looks unset
  ];
  const isolation = ["--no-config", "--no-lock", "--no-remote", "--cached-only", "--ext=js"];
  const missing = `{ echo "error: oc-spirefed needs Deno 2.9 or newer on PATH" >&2; ` +
    `echo "  next: npm install --global deno" >&2; exit 5; }`;
  // Practice clusters keep their kubeconfig in a temporary folder; nobody else writes files.
  const writing = '_write=; [ "$1" = sandbox ] && _write="--allow-write=${TMPDIR:-/tmp}"';
  const start = `SPIREFED_STARTER=$_spirefed exec deno run ${
    [...permissions, ...isolation].join(" ")
  } \${_write:+"$_write"} "$0" "$@"`;
  return `#!/bin/sh\n":" //\${_spirefed=$_}; command -v deno >/dev/null || ${missing}; ` +
    `${writing}; ${start}\n`;
}

/** Bundles the program and writes the executable; answers its path. */
export async function build(folder: URL): Promise<URL> {
  await Deno.mkdir(folder, { recursive: true });
  const bundle = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--minify", "--output", bundle, "mod.ts"],
      cwd: ROOT,
      stdout: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const program = postponeNodeImports(await Deno.readTextFile(bundle));
    const file = new URL("oc-spirefed", folder);
    await Deno.writeTextFile(file, launcher(readableVariables()) + program, { mode: 0o755 });
    await Deno.chmod(file, 0o755);
    await link("oc-spirefed", new URL("kubectl-spirefed", folder));
    return file;
  } finally {
    await Deno.remove(bundle);
  }
}

async function link(target: string, name: URL): Promise<void> {
  await Deno.remove(name).catch(() => {});
  await Deno.symlink(target, name);
}

if (import.meta.main) {
  const file = await build(new URL("dist/", ROOT));
  const { size } = await Deno.stat(file);
  const report = `dist/oc-spirefed: ${Math.ceil(size / 1024)} KiB, also as dist/kubectl-spirefed\n`;
  await Deno.stdout.write(new TextEncoder().encode(report));
}
