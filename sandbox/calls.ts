/**
 * What was asked of practice clusters, in order: for tests that count.
 *
 * @module
 */
import type { FaultVerb } from "./faults.ts";

/** One call. */
export interface RecordedCall {
  /** The practice cluster, whatever context it was reached by. */
  readonly cluster: string;
  readonly verb: FaultVerb;
  /** `ClusterFederatedTrustDomain/apps.west.example`, a command line, or a URL. */
  readonly object: string;
  readonly dryRun: boolean;
}

const WRITES: readonly string[] = ["create", "apply", "patch", "delete"];
const WRITING_COMMANDS = /^\S+ bundle (set|delete)\b/;

/** Whether a call may change something that stays. */
export function isWrite({ verb, dryRun, object }: RecordedCall): boolean {
  return !dryRun &&
    (WRITES.includes(verb) || (verb === "exec" && WRITING_COMMANDS.test(object)));
}
