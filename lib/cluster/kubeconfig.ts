/**
 * Kubeconfig files as kubectl reads them: parsed, merged, paths made absolute.
 * Pure, so that completion can afford it and nothing can be started by it.
 *
 * @module
 */
import { load, YAMLException } from "js-yaml";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { Reader } from "./kubeconfig_reader.ts";
import {
  type ClusterEntry,
  type ContextEntry,
  readCluster,
  readContext,
  readUser,
  type UserEntry,
} from "./kubeconfig_entries.ts";

/** A kubeconfig file before it is parsed; `text` is absent when there is no such file. */
export interface KubeconfigFile {
  /** Absolute: paths inside are relative to its folder. */
  readonly path: string;
  readonly text: string | undefined;
}

/** What one or more kubeconfig files say together. */
export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
}

/** A kubeconfig is a few kilobytes, one of a fleet a few hundred. */
const SIZE_LIMIT = 8 * 1024 * 1024;

/**
 * Merges kubeconfig files: missing and empty ones are skipped, the first file to
 * set a name or the current context wins, and relative paths are relative to the
 * file they stand in.
 *
 * @example The first file wins
 * ```ts
 * import { mergeKubeconfigs } from "./kubeconfig.ts";
 * import assert from "node:assert/strict";
 *
 * const { currentContext } = mergeKubeconfigs([
 *   { path: "/missing", text: undefined },
 *   { path: "/a", text: "current-context: east" },
 *   { path: "/b", text: "current-context: west" },
 * ]);
 *
 * assert.equal(currentContext, "east");
 * ```
 *
 * @throws {SpirefedError} `usage`, with file and place, if one cannot be read.
 */
export function mergeKubeconfigs(files: readonly KubeconfigFile[]): Kubeconfig {
  const parsed = files.map(parseKubeconfig);
  return {
    currentContext: parsed.map(({ currentContext }) => currentContext).find(Boolean),
    clusters: firstWins(parsed.map(({ clusters }) => clusters)),
    users: firstWins(parsed.map(({ users }) => users)),
    contexts: firstWins(parsed.map(({ contexts }) => contexts)),
  };
}

function firstWins<T>(maps: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> {
  const merged = new Map<string, T>();
  for (const [name, entry] of maps.flatMap((map) => [...map])) {
    if (!merged.has(name)) merged.set(name, entry);
  }
  return merged;
}

function parseKubeconfig({ path, text }: KubeconfigFile): Kubeconfig {
  const document = new Reader(yaml(path, text), { file: path, place: "" });
  const folder = path.slice(0, path.lastIndexOf("/") + 1) || "/";
  return {
    currentContext: document.text("current-context"),
    clusters: named(document, { list: "clusters", member: "cluster" }, readCluster, folder),
    users: named(document, { list: "users", member: "user" }, readUser, folder),
    contexts: named(document, { list: "contexts", member: "context" }, readContext, folder),
  };
}

function yaml(path: string, text: string | undefined): unknown {
  if (text === undefined || text.replace(/^\uFEFF?\s*(#.*\s*)*/, "") === "") return {};
  if (text.length > SIZE_LIMIT) {
    throw new SpirefedError("usage", `Kubeconfig ${printable(path)} is over 8 MiB`);
  }
  try {
    return load(text.replace(/^\uFEFF/, ""), { maxAliases: 100, maxDepth: 100 }) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // What the parser quotes may be a token, so only the place and the kind of fault are told.
    const place = error.mark && ` line ${error.mark.line + 1}, column ${error.mark.column + 1}`;
    const fault = error.reason.replace(/(["'`]).*\1/s, "…").replace(/[*&!]\S+/g, "…");
    throw new SpirefedError(
      "usage",
      `Kubeconfig ${printable(path)}${place ?? ""} is not YAML: ${printable(fault)}`,
      { remedy: `Mend ${printable(path)}, or name another file with --kubeconfig` },
    );
  }
}

function named<T>(
  document: Reader,
  { list, member }: { list: string; member: string },
  read: (entry: Reader, folder: string) => T,
  folder: string,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const entry of document.list(list)) {
    const name = entry.text("name") ?? "";
    if (found.has(name)) entry.fail("name", "stands twice in this file");
    found.set(name, read(entry.member(member), folder));
  }
  return found;
}
