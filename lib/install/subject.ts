/**
 * What the checks of `preflight` judge: one cluster, what is wanted of it, and the others.
 *
 * @module
 */
import { type Check, type Outcome, skip } from "../check/check.ts";
import type { ClusterFacts, Looked } from "./facts.ts";
import type { Reading } from "./reading.ts";
import type { InstallSettings } from "./settings.ts";
import type { Wanted } from "./wanted.ts";

/** One cluster and its surroundings. */
export interface Subject {
  readonly looked: Looked;
  readonly settings: InstallSettings;
  /** `undefined` where the cluster did not answer, or nothing names a trust domain. */
  readonly wanted: Wanted | undefined;
  /** The other clusters of the same command that answered. */
  readonly others: readonly Pick<Subject, "looked" | "wanted">[];
}

/** A subject whose cluster answered. */
export interface Seen extends Omit<Subject, "looked"> {
  readonly facts: ClusterFacts;
  /** The context, for commands to type. */
  readonly cluster: string;
}

/** The first check: all others rest on it. */
export const REACHABLE = "api/reachable";

/** A check of a cluster that answered. */
export function ofSeen(
  check: Omit<Check<Subject>, "judge"> & { readonly judge: (seen: Seen) => Outcome },
): Check<Subject> {
  return {
    ...check,
    requires: [REACHABLE, ...check.requires ?? []],
    judge: ({ looked, ...rest }) => {
      if (looked.facts === undefined) throw new Error(`${check.id} rests on ${REACHABLE}`);
      return check.judge({ ...rest, facts: looked.facts, cluster: looked.cluster });
    },
  };
}

/** Judges what was read; what may not be read is skipped, with the reason. */
export function whenRead<T>(
  reading: Reading<T>,
  judge: (value: T | undefined) => Outcome,
): Outcome {
  switch (reading.state) {
    case "read":
      return judge(reading.value);
    case "unreadable":
      return skip(reading.why);
    case "absent":
    case "no-kind":
      return judge(undefined);
  }
}
