/**
 * One direction of a test: who calls whom, under which names. Data alone, so that all
 * that follows can be planned, shown and judged without a cluster.
 *
 * @module
 */
import { parseSpiffeId } from "../spiffe/mod.ts";
import type { SpiffeId, TrustDomain } from "../spiffe/model.ts";
import type { AttemptName, ControlName, VisitName } from "./records.ts";

/** One cluster's part in a trial. */
export interface TrialSide {
  /** The context. */
  readonly cluster: string;
  readonly trustDomain: TrustDomain;
  /** The class that its spire-controller-manager minds. */
  readonly className: string;
  /** Below it the router serves hosts. */
  readonly ingressDomain: string;
  /** Whether its SPIRE server stores the other's bundle; `undefined` where nobody may look. */
  readonly storesPeer: boolean | undefined;
}

/** One direction. */
export interface Trial {
  /** Of the whole command, in every name and every nonce. */
  readonly run: string;
  /** Of this direction. */
  readonly number: number;
  readonly server: TrialSide;
  readonly caller: TrialSide;
  readonly image: string;
  readonly repeat: number;
  /** A server that runs already, in place of one of ours. */
  readonly existing?: ExistingServer | undefined;
}

/** What is known of a server that is not ours, and how it is visited. */
export interface ExistingServer {
  readonly namespace: string;
  /** As `kubectl -l`. */
  readonly selector: string;
  /** The pods that the selector chooses and that run. */
  readonly pods: readonly ExistingPod[];
  /** Every SPIFFE ID that SPIRE gives to one of them. */
  readonly ids: readonly SpiffeId[];
  /** How it is reached; `undefined` when no way is known. */
  readonly way: Way | undefined;
  /** Routes that lead there and do not serve, each with why not. */
  readonly detours: readonly string[];
  /** The SPIFFE ID that the visitor has; its own where none is asked for. */
  readonly callerId: SpiffeId | undefined;
}

/** One pod of an existing server. */
export interface ExistingPod {
  readonly name: string;
  /** What its SPIRE server gives it. */
  readonly entries: readonly {
    readonly spiffeId: string;
    readonly federatesWith: readonly string[];
  }[];
}

/** Where an existing server is visited, and who says so. */
export interface Way {
  readonly host: string;
  readonly port: number;
  /** `Route shop/cart`, or `--host`. */
  readonly by: string;
}

/** A pod of a trial. */
export type Role = "server" | "caller" | "expiring" | "unfederated" | "visitor";

/** The pods in the caller's cluster, where the server is ours. */
export const CALLER_ROLES = ["caller", "expiring", "unfederated"] as const;

/** The pods that a trial makes in the caller's cluster. */
export function callerRolesOf({ existing }: Trial): readonly Role[] {
  return existing === undefined ? CALLER_ROLES : ["visitor"];
}

/** All pods that a trial makes. */
export function rolesOf(trial: Trial): readonly Role[] {
  return trial.existing === undefined ? ["server", ...CALLER_ROLES] : ["visitor"];
}

/** What a visitor does, in this order. */
export const VISITS: readonly VisitName[] = [
  "visit",
  "no-certificate",
  "self-signed",
  "other-server-id",
];

/** What each caller does, in this order. */
export const ATTEMPTS: Readonly<Record<(typeof CALLER_ROLES)[number], readonly AttemptName[]>> = {
  caller: [
    "call",
    "no-certificate",
    "stranger",
    "self-signed",
    "other-authority",
    "other-server-id",
    "impostor-server",
  ],
  // An SVID that was let in while it was young is a fair test of one that is not.
  expiring: ["call", "expired"],
  unfederated: ["unfederated"],
};

/** The calls that must be refused. */
export const CONTROLS: readonly ControlName[] = [
  "no-certificate",
  "stranger",
  "unfederated",
  "self-signed",
  "other-authority",
  "expired",
  "other-server-id",
  "impostor-server",
];

/** Seconds that the SVID of the pod `expiring` lives. SPIRE dates it back by ten. */
export const SHORT_TTL_SECONDS = 12;

/** `west → east`: who calls whom. */
export function subjectOf({ caller, server }: Trial): string {
  return `${caller.cluster} → ${server.cluster}`;
}

/** The namespace of a trial, on both sides. It holds no "openshift", which the controller ignores. */
export function namespaceOf({ run, number }: Trial): string {
  return `spirefed-test-${run}-${number}`;
}

/** The ID of a role; the expiring caller is the caller, but for the length of its life. */
export function idOf(trial: Trial, role: Role | "stranger"): SpiffeId {
  if (role === "visitor" && trial.existing?.callerId !== undefined) return trial.existing.callerId;
  const { trustDomain } = role === "server" ? trial.server : trial.caller;
  const name = role === "expiring" ? "caller" : role;
  return parseSpiffeId(`spiffe://${trustDomain}/${namespaceOf(trial)}/${name}`);
}

/** Where the server is called. */
export function hostOf(trial: Trial): string {
  return `${namespaceOf(trial)}.${trial.server.ingressDomain}`;
}
