/**
 * What `peer` was asked to do, and what it has in hand while doing it.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import type { ClusterAccess, Context } from "../../context.ts";
import type { ConnectTo } from "../../endpoint/endpoint.ts";
import type { LiveLine } from "../../output/live_line.ts";
import type { Edge } from "../edge.ts";
import type { PeerOptions } from "./plan.ts";

/** The command line of `peer`, understood. */
export interface PeerRequest extends PeerOptions {
  /** Contexts, in the user's order, without those skipped. */
  readonly names: readonly string[];
  readonly skipped: readonly string[];
  /** `mesh`, `hub=CTX`, a file's name, or nothing. */
  readonly topology: { readonly word: string | undefined; readonly file?: string | undefined };
  /** Only these directions, whatever the topology: those that are to be mended. */
  readonly edges?: readonly Edge[] | undefined;
  readonly source: "endpoint" | "api";
  readonly connectTo: readonly ConnectTo[];
  readonly static: boolean;
  readonly dryRun: boolean;
  /** Print the objects and write nothing. */
  readonly manifestsOnly: boolean;
  readonly yes: boolean;
  readonly access: ClusterAccess;
}

/** One run of `peer`. */
export interface PeerRun {
  readonly request: PeerRequest;
  readonly context: Context;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly live: LiveLine;
  readonly timings: Map<string, number>;
}

/** The cluster of a context that was opened. */
export function clusterIn({ clusters }: Pick<PeerRun, "clusters">, name: string): Cluster {
  const cluster = clusters.get(name);
  if (cluster === undefined) throw new Error(`${name} was not opened`);
  return cluster;
}

/** What is waited for in each phase, where nothing better is said. */
const WAITS: Readonly<Record<string, string>> = {
  inspect: "the clusters to answer",
  fetch: "the bundle endpoints",
  preflight: "the API servers to try the plan",
  recheck: "one more look before writing",
  apply: "the API servers to take it",
};

/** Does a phase and notes how long it took, in milliseconds. */
export async function timed<T>(
  { timings, context, live }: Pick<PeerRun, "timings" | "context" | "live">,
  phase: string,
  work: () => Promise<T>,
): Promise<T> {
  const started = context.now().getTime();
  const what = WAITS[phase];
  if (what !== undefined) live.waitingFor(what);
  try {
    return await work();
  } finally {
    live.clear();
    timings.set(phase, (timings.get(phase) ?? 0) + context.now().getTime() - started);
  }
}
