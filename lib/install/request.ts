/**
 * What `install` was asked to do, and what it has in hand while doing it.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { Context } from "../context.ts";
import type { LiveLines } from "../output/live_lines.ts";
import type { Looking } from "./look.ts";
import type { InstallPlan } from "./plan.ts";

/** The command line of `install`, understood. */
export interface InstallRequest extends Looking {
  readonly dryRun: boolean;
  /** Print the objects and write nothing. */
  readonly manifestsOnly: boolean;
  readonly yes: boolean;
  readonly forceConflicts: boolean;
}

/** The work on one cluster. */
export interface Site {
  readonly cluster: Cluster;
  readonly plan: InstallPlan;
  readonly request: InstallRequest;
  readonly context: Context;
  readonly lines: LiveLines;
  /** Milliseconds by phase. */
  readonly timings: Map<string, number>;
  /** Tells that something was written for good. */
  readonly wrote: () => void;
}

/** Does a phase and notes how long it took. */
export async function phase<T>(
  { timings, context }: Pick<Site, "timings" | "context">,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const started = context.now().getTime();
  try {
    return await work();
  } finally {
    timings.set(name, context.now().getTime() - started);
  }
}
