/**
 * The first lines of the executable: a shell script that starts Deno on this very file,
 * in which Deno sees a string and a comment. A `#!` line cannot hold it: the kernel cuts
 * that after 255 bytes.
 *
 * @module
 */
import { ISOLATION, permissionFlags, writeStep } from "./permissions.ts";

/** The oldest Deno that the program is known to run on, as `deno --version` begins. */
const GOOD_VERSIONS = ["deno 2.9.*", "deno 2.[1-9][0-9]*", "deno [3-9].*", "deno [1-9][0-9]*"];

/** Where the launcher looks for Deno. */
export type Runtime = "path" | "npm";

/** `$_` names oc or kubectl where they started this, as long as nothing else has run. */
const STARTER = "_spirefed=$_";

/**
 * The launcher for a Deno on PATH (`path`), or for the one that npm installed beside
 * this file (`npm`), with that on PATH as a second choice.
 */
export function launcher(runtime: Runtime): string {
  const steps = [
    STARTER,
    ...runtime === "npm" ? NPM_STEPS : PATH_STEPS,
    VERSION_STEP,
    writeStep(),
    start(),
  ];
  return `#!/bin/sh\n":" //\${${STARTER}}; ${steps.slice(1).join("; ")}\n`;
}

/** `deno run …` from here on; Deno is told not to ask its makers for a newer one. */
function start(): string {
  const flags = [...permissionFlags(), ...ISOLATION].join(" ");
  return `DENO_NO_UPDATE_CHECK=1 SPIREFED_STARTER=$_spirefed ` +
    `exec "$_deno" run ${flags} \${_write:+"$_write"} "$0" "$@"`;
}

const MISSING =
  `{ echo "error: oc-spirefed needs Deno 2.9 or newer, and there is none on PATH" >&2; ` +
  `echo "  next: npm install --global deno" >&2; exit 5; }`;

const PATH_STEPS = [`_deno=$(command -v deno) || ${MISSING}`];

/** npm links the file into a folder on PATH, or into `node_modules/.bin`. */
const NPM_STEPS = [
  `_file=$0`,
  `while [ -L "$_file" ]; do _to=$(readlink "$_file"); ` +
  `case $_to in /*) _file=$_to;; *) _file=\${_file%/*}/$_to;; esac; done`,
  `_home=\${_file%/*}/..`,
  `for _deno in "$_home"/node_modules/deno/deno "$_home"/../deno/deno ` +
  `"$_home"/node_modules/@deno/*/deno "$_home"/../@deno/*/deno; ` +
  `do [ -x "$_deno" ] && break; done`,
  `[ -x "$_deno" ] || _deno=$(command -v deno) || ${MISSING}`,
];

/**
 * Asking a Deno for its version takes a fifth of `--help`: the one that was found good is
 * remembered by its path, until a newer file lies there.
 */
const VERSION_STEP = [
  `_good=\${XDG_CACHE_HOME:-\${HOME:-/dev/null}/.cache}/oc-spirefed/runtime`,
  `_seen=; { read -r _seen <"$_good"; } 2>/dev/null`,
  `[ "$_seen" = "$_deno" ] && [ ! "$_deno" -nt "$_good" ] || { ` +
  `_version=$("$_deno" --version 2>/dev/null); case $_version in ` +
  `${GOOD_VERSIONS.map((pattern) => pattern.replace(" ", "\\ ")).join("|")}) ` +
  `{ mkdir -p "\${_good%/*}" && echo "$_deno" >"$_good"; } 2>/dev/null;; ` +
  `*) echo "error: oc-spirefed needs Deno 2.9 or newer; $_deno is \${_version%% (*}" >&2; ` +
  `echo "  next: npm install --global deno, or put a newer Deno first on PATH" >&2; exit 5;; esac; }`,
].join("; ");
