/**
 * What was seen of a trial: gathered once, then judged without a cluster.
 *
 * @module
 */
import type { AttemptName, AttemptRecord, ProbeRecord, TurnedAwayRecord } from "./records.ts";
import type { Role, Trial } from "./trial.ts";

/** All of it. */
export interface TrialFacts {
  readonly trial: Trial;
  readonly pods: ReadonlyMap<Role, PodFacts>;
  /** `undefined` when it could not be read. */
  readonly route: RouteFacts | undefined;
  /** What became of the entries, by ClusterSPIFFEID; none where its status could not be read. */
  readonly entries: ReadonlyMap<string, EntryFacts>;
  /** What could not be made or read, a sentence each, with the cluster in front. */
  readonly failures: readonly { readonly message: string; readonly remedy: string | undefined }[];
  /** Node clocks apart by more than this make fresh certificates look wrong. */
  readonly clockSkewMs: number | undefined;
}

/** A pod, as far as it got. */
export interface PodFacts {
  readonly cluster: string;
  readonly phase: string;
  /** Why its container waits, from its status. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  /** Why it is nowhere, from its condition PodScheduled. */
  readonly unscheduled: string | undefined;
  /** Warnings about it, newest last. */
  readonly events: readonly { readonly reason: string; readonly message: string }[];
  readonly records: readonly ProbeRecord[];
}

/** What the controller says of the entries of one object. */
export interface EntryFacts {
  /** That the SPIRE server has. */
  readonly made: number;
  /** That it refused. */
  readonly failed: number;
}

/** The way to the server. */
export interface RouteFacts {
  readonly admitted: boolean;
  readonly reason: string | undefined;
  readonly host: string;
  readonly termination: string;
}

/** The records of one kind that a role's probe left. */
export function recordsOf<E extends ProbeRecord["event"]>(
  { pods }: TrialFacts,
  role: Role,
  event: E,
): readonly Extract<ProbeRecord, { event: E }>[] {
  return (pods.get(role)?.records ?? []).filter(
    (record): record is Extract<ProbeRecord, { event: E }> => record.event === event,
  );
}

/** The last attempt of a name: the one that stands. */
export function attemptOf(
  facts: TrialFacts,
  name: AttemptName,
  role: Role = "caller",
): AttemptRecord | undefined {
  return recordsOf(facts, role, "attempt").findLast((attempt) => attempt.name === name);
}

/**
 * How the server turned an attempt away, by the nonce that both know. A connection that
 * broke under it is no refusal of the server's.
 */
export function refusalOf(
  facts: TrialFacts,
  { nonce }: AttemptRecord,
): TurnedAwayRecord | undefined {
  return recordsOf(facts, "server", "turned-away").find((record) =>
    record.nonce === nonce && !record.code.startsWith("net/")
  );
}
