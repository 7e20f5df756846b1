/**
 * From the flags that every command has to the way clusters are reached.
 *
 * @module
 */
import type { ClusterAccess, Context } from "../lib/context.ts";
import { printable } from "../lib/output/printable.ts";

/** The values of `GLOBAL_FLAGS`. */
export interface GlobalFlagValues {
  readonly kubeconfig: string | undefined;
  readonly as: string | undefined;
  readonly asGroup: readonly string[];
  readonly requestTimeout: number;
  readonly verbosity: number;
}

/** How a command reaches clusters. */
export function clusterAccess(flags: GlobalFlagValues, context: Context): ClusterAccess {
  return {
    kubeconfig: flags.kubeconfig,
    as: flags.as,
    asGroups: flags.asGroup,
    requestTimeoutMs: flags.requestTimeout,
    verbosity: flags.verbosity,
    warn: (line) => context.stderr(`${printable(line)}\n`),
    signal: context.signal,
  };
}
