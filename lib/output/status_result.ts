/**
 * Answers about the state of a federation: what `status` and `gather` say.
 *
 * @module
 */
import type { X509AuthorityReport } from "./result.ts";

/** What there is to know of a direction of trust; each builds on those before it. */
export type ConditionType =
  | "Declared"
  | "Reconciled"
  | "Managed"
  | "Bootstrapped"
  | "Fresh"
  | "Symmetric"
  | "UsedByWorkloads";

/** One thing known, or not known, of a direction of trust. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: "True" | "False" | "Unknown";
  readonly evidence: string;
  /** The next command to type; `null` where there is nothing to do. */
  readonly remedy: string | null;
}

/** One object or workload of the operator's, in a line. */
export interface OperandReport {
  /** `SpireServer/cluster` */
  readonly name: string;
  readonly state: "ready" | "progressing" | "failed" | "missing" | "unknown";
  readonly detail: string | null;
}

/** One of a cluster's own X.509 authorities. */
export interface AuthorityReport extends X509AuthorityReport {
  readonly phase: "current" | "prepared" | "retired" | "expired" | "unknown";
  readonly expiresInSeconds: number;
}

/** One cluster, as `status` found it. */
export interface StatusCluster {
  readonly name: string;
  readonly server: string;
  /** Why nothing is known of it; `null` when it answered. */
  readonly problem: string | null;
  readonly trustDomain: string | null;
  /** Of SPIRE, where it could be read. */
  readonly version: string | null;
  readonly operands: readonly OperandReport[];
  readonly authorities: readonly AuthorityReport[];
  readonly endpoint: {
    readonly url: string;
    readonly state: "verified" | "failed" | "not asked";
    readonly detail: string | null;
    readonly milliseconds: number | null;
  } | null;
  /** What the user may do there beyond reading objects. */
  readonly allowed: { readonly exec: boolean; readonly logs: boolean };
}

/** One direction: does `from` trust the workloads of `to`? */
export interface StatusDirection {
  readonly from: string;
  /** A context, or the trust domain when no context is in it. */
  readonly to: string;
  readonly trustDomain: string;
  /** `trusted` only when every condition that trust needs was seen to be true. */
  readonly verdict: "trusted" | "broken" | "unproven" | "missing";
  /** What is wrong first; `null` when nothing is. */
  readonly reason: string | null;
  readonly next: string | null;
  readonly conditions: readonly Condition[];
  readonly lastRefresh: string | null;
  readonly nextRefresh: string | null;
  /** When the holder can no longer follow the peer, should its endpoint stay away from now on. */
  readonly lockOut: {
    readonly at: string;
    readonly inSeconds: number;
    /** The part of the whole time that is left, from 1 to 0. */
    readonly remaining: number;
  } | null;
  /** SHA-256 of the authorities that the holder stores for it; `null` when nobody may look. */
  readonly stored: readonly string[] | null;
}

/** Something to look at that breaks nothing yet. */
export interface StatusWarning {
  /** A context, or a direction such as `east → west`. */
  readonly subject: string;
  /** Stable, e.g. `bundle/embedded-stale`. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** The state of a federation, from all sides (`status`); an item a direction. */
export interface StatusReportResult {
  readonly kind: "StatusReport";
  /** When it was looked at. */
  readonly at: string;
  /** Nothing failed, and every direction is trusted. */
  readonly ok: boolean;
  readonly clusters: readonly StatusCluster[];
  readonly items: readonly StatusDirection[];
  readonly warnings: readonly StatusWarning[];
  readonly next: string | null;
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>;
}

/** What was put into an archive (`gather`). */
export interface GatherReportResult {
  readonly kind: "GatherReport";
  readonly file: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  /** The files in it, by name. */
  readonly members: readonly string[];
  readonly clusters: readonly {
    readonly name: string;
    /** Why nothing is known of it; `null` when it answered. */
    readonly problem: string | null;
    readonly objects: number;
    readonly logs: number;
  }[];
}
