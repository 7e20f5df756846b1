/**
 * From the name a user typed to a context of a kubeconfig. Reads kubeconfig files
 * and nothing else; starts nothing.
 *
 * @module
 */
import type { ClusterAccess, KubeContexts } from "../context.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { joinPath } from "./file_paths.ts";
import type { ClusterHost } from "./host.ts";
import { type Kubeconfig, type KubeconfigFile, mergeKubeconfigs } from "./kubeconfig.ts";
import type { ClusterEntry, UserEntry } from "./kubeconfig_entries.ts";
import { nearest } from "./nearest.ts";

/** A context with what it refers to. */
export interface FoundContext {
  /** As the user named it. */
  readonly name: string;
  /** The context's own name, without the file in front. */
  readonly context: string;
  readonly clusterName: string;
  readonly cluster: ClusterEntry;
  /** Absent for a context without a user: requests are then anonymous. */
  readonly user: UserEntry | undefined;
  /** The file named in `file#context`, absolute, unless it is one of the user's own. */
  readonly foreignFile: string | undefined;
}

type FileHost = Pick<ClusterHost, "env" | "home" | "cwd" | "readFile">;

/**
 * The names of all contexts, and the current one. Cheap enough for completion.
 *
 * @throws {SpirefedError} `usage`, if a kubeconfig cannot be read.
 */
export async function kubeContexts(
  { kubeconfig }: Pick<ClusterAccess, "kubeconfig">,
  host: FileHost,
): Promise<KubeContexts> {
  const { contexts, currentContext } = await readOwn(kubeconfig, host);
  return { names: [...contexts.keys()], current: currentContext };
}

/**
 * Finds a context. A name that is a context as it stands wins, whatever signs are
 * in it; else it is cut at the first `#` that has an existing file before it.
 *
 * @throws {SpirefedError} `usage`, if there is none, with the ones there are.
 */
export async function findContext(
  name: string,
  { kubeconfig }: Pick<ClusterAccess, "kubeconfig">,
  host: FileHost,
): Promise<FoundContext> {
  const own = await readOwn(kubeconfig, host).catch((error: unknown) => error);
  if (isKubeconfig(own) && own.contexts.has(name)) {
    return resolve({ name, context: name, foreignFile: undefined }, own);
  }
  for (const { file, context } of cuts(name)) {
    const path = joinPath(host.cwd(), file);
    const text = await readText(path, host);
    if (text === undefined) continue;
    const config = mergeKubeconfigs([{ path, text }]);
    if (!config.contexts.has(context)) throw unknown(context, config, file);
    const isOwn = ownPaths(kubeconfig, host).includes(path);
    return resolve({ name, context, foreignFile: isOwn ? undefined : path }, config);
  }
  if (!isKubeconfig(own)) throw own;
  throw unknown(name, own, undefined);
}

function isKubeconfig(value: unknown): value is Kubeconfig {
  return typeof value === "object" && value !== null && "contexts" in value;
}

/** `a#b#c` may be the context `b#c` of the file `a`, or the context `c` of `a#b`. */
function cuts(name: string): readonly { readonly file: string; readonly context: string }[] {
  return [...name.matchAll(/#/g)]
    .map(({ index }) => ({ file: name.slice(0, index), context: name.slice(index + 1) }))
    .filter(({ file, context }) => file !== "" && context !== "");
}

/** `--kubeconfig`, else the list in `$KUBECONFIG`, else `~/.kube/config`. */
function ownPaths(kubeconfig: string | undefined, { env, home, cwd }: FileHost): readonly string[] {
  if (kubeconfig) return [joinPath(cwd(), kubeconfig)];
  const listed = (env("KUBECONFIG") ?? "").split(":").filter(Boolean);
  if (listed.length > 0) return [...new Set(listed.map((path) => joinPath(cwd(), path)))];
  return home === undefined ? [] : [joinPath(home, ".kube/config")];
}

async function readOwn(kubeconfig: string | undefined, host: FileHost): Promise<Kubeconfig> {
  const paths = ownPaths(kubeconfig, host);
  const files: KubeconfigFile[] = [];
  for (const path of paths) files.push({ path, text: await readText(path, host) });
  if (kubeconfig && files.every(({ text }) => text === undefined)) {
    throw new SpirefedError("usage", `No such kubeconfig: ${printable(kubeconfig)}`);
  }
  return mergeKubeconfigs(files);
}

async function readText(path: string, { readFile }: FileHost): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    return bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (cause instanceof SpirefedError) throw cause;
    throw new SpirefedError("usage", `Cannot read kubeconfig ${printable(path)}`, { cause });
  }
}

function resolve(
  named: Pick<FoundContext, "name" | "context" | "foreignFile">,
  { contexts, clusters, users }: Kubeconfig,
): FoundContext {
  const entry = contexts.get(named.context);
  const cluster = clusters.get(entry?.cluster ?? "");
  const user = entry?.user === undefined ? undefined : users.get(entry.user);
  const missing = cluster === undefined
    ? `cluster "${entry?.cluster ?? ""}"`
    : entry?.user !== undefined && user === undefined
    ? `user "${entry.user}"`
    : undefined;
  if (cluster === undefined || missing !== undefined) {
    throw new SpirefedError(
      "usage",
      `[${printable(named.name)}] the kubeconfig has no ${printable(missing ?? "")}, ` +
        `which this context names`,
    );
  }
  return { ...named, clusterName: entry?.cluster ?? "", cluster, user };
}

const SHOWN = 20;

function unknown(name: string, { contexts }: Kubeconfig, file: string | undefined): SpirefedError {
  const names = [...contexts.keys()];
  const where = file === undefined ? "the kubeconfig" : printable(file);
  if (names.length === 0) {
    return new SpirefedError(
      "usage",
      `No context "${printable(name)}": there is none at all in ${where}`,
      {
        remedy: "oc login, or name a file with --kubeconfig or $KUBECONFIG",
      },
    );
  }
  const guess = nearest(name, names);
  const list = names.slice(0, SHOWN).map((each) => printable(each)).join(", ");
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return new SpirefedError(
    "usage",
    `No context "${printable(name)}" in ${where}` +
      (guess === undefined ? "" : `; did you mean "${printable(guess)}"?`),
    { remedy: `Name one of: ${list}${more}`, code: "context/unknown" },
  );
}
