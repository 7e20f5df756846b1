/**
 * What a fault is, and how most are staged.
 *
 * @module
 */
import type { Fault, FaultEffect } from "../../../sandbox/faults.ts";
import type { Practice, WorldPatch } from "../practice.ts";

/** Where a fault strikes. */
export interface Place {
  /** The clusters that are peered. */
  readonly names: readonly string[];
  readonly struck: string;
  /** Another one of them. */
  readonly other: string;
  /** Which of the struck cluster's writes, from 1. */
  readonly write: number;
  /** Which of all calls to it that write is. */
  readonly call: number;
  /** The run, once it is under way. */
  readonly run: () => Practice;
}

/** How a fault is staged. */
export interface Staged {
  readonly patch?: WorldPatch | readonly WorldPatch[];
  readonly faults?: readonly Fault[];
  readonly args?: readonly string[];
}

/** One fault. */
export interface FaultCase {
  readonly id: string;
  readonly what: string;
  readonly stage: (place: Place) => Staged;
  /** The exit codes that are right. */
  readonly codes: readonly number[];
  /** What must be said, on stderr or of an edge. */
  readonly says: RegExp;
  /** What makes it pass; a fault of calls passes by itself. */
  readonly heal?: (place: Place) => WorldPatch;
  /** What the re-run needs beside the same words. */
  readonly again?: readonly string[];
  /** It hits one cluster after preflight: all directions it has no part in must be trusted. */
  readonly spares?: boolean;
}

/** At every dry run. */
export const onPreflight = (effect: FaultEffect) => ({ struck }: Place): Staged => ({
  faults: [{ ...effect, cluster: struck, verb: "apply", dryRun: true }],
});

/** At one write. */
export const onWrite = (effect: FaultEffect) => ({ struck, write }: Place): Staged => ({
  faults: [{ ...effect, cluster: struck, verb: "apply", dryRun: false, nth: write }],
});

/** Once, right before the first write to any cluster. */
export const beforeWrites = (act: (place: Place) => WorldPatch) => (place: Place): Staged =>
  meanwhile({ verb: "apply", dryRun: false }, place, act);

/** Once, right before the first such call to any cluster. */
export function meanwhile(
  when: Pick<Fault, "verb"> & { readonly dryRun?: boolean },
  place: Place,
  act: (place: Place) => WorldPatch,
): Staged {
  let isDone = false;
  const once = async (): Promise<void> => {
    if (isDone) return;
    isDone = true;
    await act(place)(place.run());
  };
  return { faults: [{ ...when, cluster: "*", meanwhile: once }] };
}

/** The struck cluster is ill. */
export const at = (ailment: (name: string) => WorldPatch) => ({ struck }: Place): Staged => ({
  patch: ailment(struck),
});

/** It is well again. */
export const healed = (cure: (name: string) => WorldPatch) => ({ struck }: Place): WorldPatch =>
  cure(struck);
