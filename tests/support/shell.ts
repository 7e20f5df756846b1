/**
 * Programs of this machine, run against a running sandbox as from another shell.
 *
 * @module
 */
import { access } from "node:fs/promises";
import type { Sandbox } from "../../sandbox/tls/sandbox.ts";

const PROGRAM = new URL("../../mod.ts", import.meta.url).pathname;

/** What came of a command line. */
export interface Spoken {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A shell whose environment leads to a sandbox, and in which the plugin is on PATH. */
export interface Shell extends AsyncDisposable {
  /** Runs a line of `sh`. */
  readonly type: (line: string) => Promise<Spoken>;
}

/** Where a program is, or `undefined`. */
export async function which(program: string): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":").concat("/usr/bin")) {
    const path = `${folder}/${program}`;
    if (await access(path).then(() => true, () => false)) return path;
  }
  return undefined;
}

/** Opens a shell; the plugin runs from source, under both of its names. */
export async function shellTo({ kubeconfig, connectTo }: Sandbox): Promise<Shell> {
  const folder = await Deno.makeTempDir();
  const start = `#!/bin/sh\nexec '${Deno.execPath()}' run --no-prompt -A '${PROGRAM}' "$@"\n`;
  for (const name of ["oc-spirefed", "kubectl-spirefed"]) {
    await Deno.writeTextFile(`${folder}/${name}`, start, { mode: 0o755 });
  }
  const env = {
    PATH: `${folder}:${Deno.env.get("PATH")}:/usr/bin:/bin`,
    HOME: folder,
    KUBECONFIG: kubeconfig,
    SPIREFED_CONNECT_TO: connectTo,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    NO_COLOR: "1",
  };
  return {
    type: async (line) => {
      const shell = new Deno.Command("/bin/sh", {
        args: ["-c", line],
        env,
        clearEnv: true,
        stdin: "null",
      });
      const { code, stdout, stderr } = await shell.output();
      const decoder = new TextDecoder();
      return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
