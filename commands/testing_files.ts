/**
 * A context for tests of commands that touch nothing but files: the files are given,
 * and everything else fails when it is used.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { Context } from "../lib/context.ts";
import { SpirefedError } from "../lib/errors.ts";
import { type CommandSpec, type Flag, type Invocation } from "./command.ts";
import { parse } from "./parse.ts";

/** What a command said, and what it may use. */
export interface FilesContext extends Context {
  /** What was written to stdout so far. */
  readonly said: () => string;
  /** What was written to stderr so far. */
  readonly told: () => string;
}

/** The time that these tests live in: both roots of `east.json` are valid. */
export const NOW = new Date("2026-11-24T12:30:00Z");

/** Makes a context whose files are these and those in `tests/fixtures`. */
export function filesContext(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  parts: Partial<Context> = {},
): FilesContext {
  const [out, err]: [string[], string[]] = [[], []];
  return {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    said: () => out.join(""),
    told: () => err.join(""),
    terminal: { color: false, live: false, columns: 80 },
    program: "oc spirefed",
    openCluster: () => Promise.reject(new Error("no cluster may be opened")),
    kubeContexts: () => Promise.resolve({ names: [], current: undefined }),
    fetchBundle: () => Promise.reject(new Error("nothing may be fetched")),
    ask: () => Promise.reject(new Error("nobody may be asked")),
    readFile: (path) => readGiven(path, new Map(Object.entries(files))),
    env: () => undefined,
    now: () => NOW,
    sleep: () => Promise.reject(new Error("nothing may be waited for")),
    signal: new AbortController().signal,
    ...parts,
  };
}

/** One of the files of `tests/fixtures`. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../tests/fixtures/${name}`, import.meta.url), "utf8");
}

/** What a command line without its words means. */
export function invocation<Flags extends Readonly<Record<string, Flag>>>(
  spec: CommandSpec<Flags>,
  ...args: readonly string[]
): Invocation<CommandSpec<Flags>> {
  return parse(spec, args, () => undefined);
}

async function readGiven(
  path: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<Uint8Array> {
  const given = files.get(path);
  if (given !== undefined) {
    return await Promise.resolve(
      typeof given === "string" ? new TextEncoder().encode(given) : given,
    );
  }
  if (/^[a-z_]+\.(json|pem)$/.test(path)) return new TextEncoder().encode(fixture(path));
  throw new SpirefedError("usage", `${path} cannot be read`);
}
