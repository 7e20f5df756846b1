/**
 * Everything that can be answered on stdout: a closed union, so that `render()`
 * has to know them all. In JSON each is one object, `{apiVersion, kind, …}`.
 *
 * @module
 */
import type { Manifest } from "../../manifests/manifest.ts";
import type { Finding } from "../check/check.ts";
import type { BundleChange, BundleUse, Problem } from "../spiffe/model.ts";
import type { CleanupResult, InstallResult, PeerResult, UnpeerResult } from "./change_result.ts";
import type { GatherReportResult, StatusReportResult } from "./status_result.ts";

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
