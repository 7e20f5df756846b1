/**
 * What the built program is allowed to do, whatever starts it. SECURITY.md tells the same.
 *
 * @module
 */
import { CATALOGUE } from "../../commands/catalogue.ts";
import { environmentName } from "../../commands/flag_names.ts";

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
    ...["SPIREFED_CALLED", "SPIREFED_STARTER"],
    ...[...new Set(twins)].sort(),
  ];
}

/**
 * A step of a launcher that sets `$_write`: the permission to write files, for the commands that
 * do. A command that is only named like one of them gives it up in the program.
 */
export function writeStep(): string {
  const cases = CATALOGUE.flatMap(({ spec: { path, writes } }) =>
    writes === undefined
      ? []
      : `${path.at(-1)}) _write=--allow-write${writes === "anywhere" ? "" : '="${TMPDIR:-/tmp}"'};;`
  );
  return `_write=; for _word in "$@"; do case $_word in ${cases.join(" ")} esac; done`;
}

/** The flags of `deno run` and `deno compile` that hold the program to this. */
export function permissionFlags(): readonly string[] {
  return [
    "--no-prompt", // asking is for questions of the program's own
    "--allow-net", // clusters and endpoints are named by the user
    "--allow-read", // so are the files, by the user and by kubeconfigs
    "--allow-run", // credential plugins; given up as soon as none can be wanted
    "--allow-sys", // the roots that the machine trusts; given up likewise
    `--allow-env=${readableVariables().join(",")}`,
    "--ignore-env", // every other variable looks unset
  ];
}

/** What keeps a `deno.json`, a lock file or a download out of it. */
export const ISOLATION = [
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--ext=js",
];
