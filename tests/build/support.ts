/**
 * Running what was built, as a user or another program would. `deno task test:build` builds
 * it before these tests.
 *
 * @module
 */
import { dirname } from "node:path";

const DIST = new URL("../../dist/", import.meta.url);

/** The executable that needs a Deno, and the one that carries it. */
export const EXECUTABLE = new URL("oc-spirefed", DIST).pathname;
export const STANDALONE = new URL("standalone/oc-spirefed", DIST).pathname;
export const INSTALLER = new URL("../../install.sh", import.meta.url).pathname;

/** The folder of this Deno, for a PATH. */
export const DENO_FOLDER = dirname(Deno.execPath());

/** What came of a process. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program with this environment and no other variable. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A new folder, removed in the end whatever lies in it. */
export async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "oc spirefed test " });
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await new Deno.Command("chmod", { args: ["-R", "u+w", path] }).output();
      await Deno.remove(path, { recursive: true });
    },
  };
}

/** All files below a folder, links included, as paths from there. */
export async function filesBelow(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (!isDirectory) found.push(name);
    else found.push(...(await filesBelow(`${path}/${name}`)).map((file) => `${name}/${file}`));
  }
  return found.sort();
}

/** Whether a program is on this machine; says so where it is not, for a test that needs it. */
export function missing(program: string): boolean {
  const found = new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).outputSync();
  if (!found.success) say(`There is no ${program} here: what needs it is not tested`);
  return !found.success;
}

/** Whether this process may mount file systems of its own; says so where not. */
export function cannotMount(): boolean {
  const tried = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", "mount -t tmpfs none /mnt"],
    stdout: "null",
    stderr: "null",
  });
  try {
    if (tried.outputSync().success) return false;
  } catch { /* there is no unshare */ }
  say("No file system can be mounted here: full, read-only and noexec ones are not tested");
  return true;
}

/** Whether files cannot be given to somebody else; says so. */
export function isNotRoot(): boolean {
  if (Deno.uid() === 0) return false;
  say("This is not root: a runtime that belongs to somebody else is not tested");
  return true;
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
