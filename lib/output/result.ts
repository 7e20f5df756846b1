/**
 * Everything that can be answered on stdout: a closed union, so that `render()`
 * has to know them all. In JSON each is one object, `{apiVersion, kind, …}`.
 *
 * @module
 */
import type { Finding } from "../check/check.ts";
import type { BundleChange, BundleUse, Problem } from "../spiffe/model.ts";
import type { GatherReportResult, StatusReportResult } from "./status_result.ts";
import type { Manifest } from "../../manifests/manifest.ts";

/** How an answer is printed. */
export type Format = "text" | "json" | "yaml" | "junit" | "html";

/** An answer. */
export type Result =
  | BundleResult
  | BundleVerdictResult
  | BundleChangeResult
  | CheckReportResult
  | CleanupResult
  | GatherReportResult
  | InstallResult
  | LintReportResult
  | ManifestsResult
  | MtlsReportResult
  | PeerResult
  | StatusReportResult
  | PodIdentityResult
  | SvidResult
  | TextResult
  | UnpeerResult;

/** A bundle, and where it came from (`bundle fetch`). */
export interface BundleResult {
  readonly kind: "Bundle";
  readonly trustDomain: string;
  readonly source: string;
  /** The canonical document: text of it on stdout, parsed in JSON. */
  readonly bundle: string;
  /** Lower-case hex SHA-256 of each X.509 authority. */
  readonly fingerprints: readonly string[];
  readonly problems: readonly Problem[];
}

/** One X.509 authority in a report; times in RFC 3339. */
export interface X509AuthorityReport {
  readonly sha256: string;
  readonly ski: string | null;
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Whether a bundle installs and refreshes (`bundle verify`). */
export interface BundleVerdictResult extends BundleUse {
  readonly kind: "BundleVerdict";
  readonly trustDomain: string;
  readonly x509Authorities: readonly X509AuthorityReport[];
  readonly jwtAuthorities: readonly { readonly kid: string; readonly kty: string }[];
  readonly sequence: string | null;
  readonly refreshHint: number | null;
  readonly problems: readonly Problem[];
}

/** What became of a bundle (`bundle diff`). */
export interface BundleChangeResult extends Omit<BundleChange, "sequence"> {
  readonly kind: "BundleChange";
  /** In decimal digits; `null` when absent, which means unknown. */
  readonly sequence: { readonly old: string | null; readonly new: string | null };
}

/** What is wrong with ClusterFederatedTrustDomains (`cfdt lint`). */
export interface LintReportResult {
  readonly kind: "LintReport";
  readonly items: readonly {
    readonly name: string;
    readonly trustDomain: string;
    readonly ok: boolean;
    readonly problems: readonly Problem[];
  }[];
}

/** Kubernetes objects, to be piped into `oc apply -f -`. */
export interface ManifestsResult {
  readonly kind: "Manifests";
  readonly items: readonly Manifest[];
}

/** What a certificate chain says, and whether a bundle vouches for it (`svid show`). */
export interface SvidResult {
  readonly kind: "Svid";
  readonly spiffeId: string | null;
  readonly trustDomain: string | null;
  /** Lower-case hex. */
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly chain: readonly {
    readonly sha256: string;
    readonly subject: string;
    readonly issuer: string;
    readonly notBefore: string;
    readonly notAfter: string;
  }[];
  /** `null` when no bundle was given to judge by. */
  readonly vouched: boolean | null;
  readonly problems: readonly Problem[];
}

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

/** Plain text, already laid out: `version`, `completion`. */
export interface TextResult {
  readonly kind: "Text";
  readonly text: string;
  /** What JSON says in its place. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** What checks found (`preflight`, `troubleshoot`). In JSON and JUnit, an item a finding. */
export interface CheckReportResult {
  readonly kind: "CheckReport";
  /** On a terminal, count what passed instead of telling it one by one. */
  readonly brief?: boolean;
  /** The command that asked: `preflight`. */
  readonly command: string;
  readonly findings: readonly Finding[];
  /** The command to type when all is well; `null` when there is none. */
  readonly next: string | null;
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>;
}

/** One side of a tested direction. */
export interface MtlsParty {
  readonly cluster: string;
  readonly trustDomain: string;
  /** `null` where a server that is not ours was not reached. */
  readonly spiffeId: string | null;
  /** Of its SVID; `null` when it got none. */
  readonly serial: string | null;
  readonly notAfter: string | null;
  /** What it holds of the other's trust domain: fingerprints, and the youngest's first day. */
  readonly peerAuthorities: readonly string[];
  readonly peerBundleSince: string | null;
  readonly federatesWith: readonly string[];
}

/** What `test-mtls` found, direction by direction. */
export interface MtlsReportResult extends Omit<CheckReportResult, "kind"> {
  readonly kind: "MtlsReport";
  readonly directions: readonly {
    readonly caller: MtlsParty;
    readonly server: MtlsParty;
    readonly passed: boolean;
    /** The calls that must be refused and were not. */
    readonly breaches: readonly string[];
    readonly protocol: string | null;
    readonly handshakeMs: number | null;
    readonly roundTripMs: number | null;
    /** With `--repeat`: the calls after the first. */
    readonly furtherCalls: { readonly made: number; readonly answered: number } | null;
    /** With `--existing`: which server was visited; `null` for one of the test's own. */
    readonly existing: MtlsExisting | null;
  }[];
}

/** A server that runs already, as a visitor saw it. */
export interface MtlsExisting {
  readonly namespace: string;
  readonly selector: string;
  /** Every SPIFFE ID that SPIRE gives to one of its pods. */
  readonly pods: readonly { readonly name: string; readonly spiffeIds: readonly string[] }[];
  readonly host: string | null;
  readonly port: number | null;
  /** The certificates that the endpoint served, leaf first. */
  readonly chain: readonly {
    readonly uris: readonly string[];
    readonly subject: string;
    readonly issuer: string;
    readonly serial: string;
    readonly notBefore: string;
    readonly notAfter: string;
  }[];
  /** Whether the server kept the visitor's connection. What its application does is not known. */
  readonly letIn: boolean;
}

/** Which SVIDs a running pod is given (`svid show --context`). */
export interface PodIdentityResult {
  readonly kind: "PodIdentity";
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** Whether it has the volume through which the Workload API is reached. */
  readonly mountsWorkloadApi: boolean;
  readonly entries: readonly {
    readonly spiffeId: string;
    readonly federatesWith: readonly string[];
    /** 0 for the server's default. */
    readonly ttlSeconds: number;
    readonly hint: string;
  }[];
  /** With `--file`: the chain in that file of the pod; `vouched` by the cluster's own bundle. */
  readonly certificate: (Omit<SvidResult, "kind"> & { readonly file: string }) | null;
}
