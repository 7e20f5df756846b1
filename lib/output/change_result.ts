/**
 * What commands that change clusters answer: the plan, and what became of it.
 *
 * @module
 */

/** One side of a federation, as `peer` found it. */
export interface PeerCluster {
  readonly name: string;
  readonly server: string;
  readonly trustDomain: string;
  /** Of SPIRE, where it could be read. */
  readonly version: string | null;
  readonly endpoint: string | null;
  /** What authenticated its bundle: its endpoint, or only its API; `null` before it was asked for. */
  readonly verified: "endpoint" | "api" | null;
  /** How many X.509 authorities it has. */
  readonly roots: number;
  /** When the last of them expires. */
  readonly newestExpires: string;
  readonly expiresInSeconds: number;
}

/** One change of a plan. */
export interface PlannedChange {
  readonly cluster: string;
  readonly action: "create" | "update" | "patch" | "delete" | "exec";
  readonly object: string;
  readonly why: string;
  /** What has to be agreed to first; `null` when nothing has. */
  readonly ask: string | null;
}

/** One direction: does `from` trust the workloads of `to`? */
export interface PeerEdge {
  readonly from: string;
  readonly to: string;
  readonly state:
    | "trusted"
    | "applied"
    | "planned"
    | "declared"
    | "missing"
    | "failed"
    | "skipped"
    | "not attempted";
  /** What proves it, `null` when nothing does. */
  readonly proof: string | null;
  readonly reason: string | null;
  readonly next: string | null;
}

/** What `peer` planned and what stands now. */
export interface PeerResult {
  readonly kind: "PeerResult";
  readonly clusters: readonly PeerCluster[];
  readonly plan: readonly PlannedChange[];
  readonly edges: readonly PeerEdge[];
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Who uses a peer's trust on one cluster, and what its end does to them. */
export interface UnpeerImpact {
  readonly cluster: string;
  /** The peer's trust domain. */
  readonly trustDomain: string;
  /** Objects whose workloads receive the peer's bundle. */
  readonly objects: readonly string[];
  /** Registration entries that federate with the peer; `pod` is `null` where it is not known. */
  readonly workloads: readonly { readonly spiffeId: string; readonly pod: string | null }[];
  /** Pods that no other object gives an identity; `null` when pods may not be listed. */
  readonly losesIdentity: readonly string[] | null;
}

/** One direction: has `from` ceased to trust `to`? */
export interface UnpeerEdge {
  readonly from: string;
  readonly to: string;
  readonly trustDomain: string;
  readonly state: "gone" | "remains" | "planned" | "failed" | "skipped" | "not attempted";
  /** What was seen, a phrase each; empty when nothing was. */
  readonly proof: readonly string[];
  /** What is still there. */
  readonly remains: readonly string[];
  readonly reason: string | null;
  readonly next: string | null;
}

/** Something that stays on purpose, and what would take it away. */
export interface Residue {
  readonly cluster: string;
  /** Stable, e.g. `endpoint/public`. */
  readonly code: string;
  readonly message: string;
  readonly next: string | null;
}

/** What `unpeer` took away, and what is proven gone. */
export interface UnpeerResult {
  readonly kind: "UnpeerResult";
  readonly clusters: readonly {
    readonly name: string;
    readonly server: string;
    readonly trustDomain: string;
  }[];
  readonly impact: readonly UnpeerImpact[];
  readonly plan: readonly PlannedChange[];
  readonly edges: readonly UnpeerEdge[];
  readonly residue: readonly Residue[];
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>;
}

/** One thing that `cleanup` takes away, and what became of it. */
export interface CleanupItem {
  readonly cluster: string;
  /** `Namespace/…`, or the command that takes a stored bundle away. */
  readonly object: string;
  readonly state: "gone" | "planned" | "remains" | "failed" | "not attempted";
  readonly reason: string | null;
  readonly next: string | null;
}

/** Something that is left, and why. */
export interface Leftover {
  readonly cluster: string;
  readonly object: string;
  readonly why: string;
  /** What would take it away; `null` where nothing should. */
  readonly next: string | null;
}

/** What `cleanup` took away, and what is left. */
export interface CleanupResult {
  readonly kind: "CleanupResult";
  readonly clusters: readonly { readonly name: string; readonly server: string }[];
  readonly plan: readonly PlannedChange[];
  readonly items: readonly CleanupItem[];
  readonly leftovers: readonly Leftover[];
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>;
}

/** One cluster, as `install` left it. */
export interface InstallCluster {
  readonly name: string;
  readonly server: string;
  readonly trustDomain: string;
  /** The operator's ClusterServiceVersion, where it was waited for. */
  readonly version: string | null;
  readonly state: "ready" | "unchanged" | "planned" | "failed" | "unfinished";
  /** The URL of its bundle endpoint, once it has proved itself. */
  readonly endpoint: string | null;
  readonly reason: string | null;
  readonly next: string | null;
  /** Milliseconds by phase: `operator`, `stack`, `endpoint`. */
  readonly timings: Readonly<Record<string, number>>;
}

/** What `install` planned and what stands now. */
export interface InstallResult {
  readonly kind: "InstallResult";
  readonly clusters: readonly InstallCluster[];
  readonly plan: readonly PlannedChange[];
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>;
}
