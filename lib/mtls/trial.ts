/**
 * One direction of a test: who calls whom, under which names. Data alone, so that all
 * that follows can be planned, shown and judged without a cluster.
 *
 * @module
 */
import { parseSpiffeId } from "../spiffe/mod.ts";
import type { SpiffeId, TrustDomain } from "../spiffe/model.ts";
import type { AttemptName, ControlName } from "./records.ts";

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
}

/** A pod of a trial. */
export type Role = "server" | "caller" | "expiring" | "unfederated";

/** The pods in the caller's cluster. */
export const CALLER_ROLES: readonly Role[] = ["caller", "expiring", "unfederated"];

/** What each caller does, in this order. */
export const ATTEMPTS: Readonly<Record<Exclude<Role, "server">, readonly AttemptName[]>> = {
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
  const { trustDomain } = role === "server" ? trial.server : trial.caller;
  const name = role === "expiring" ? "caller" : role;
  return parseSpiffeId(`spiffe://${trustDomain}/${namespaceOf(trial)}/${name}`);
}

/** Where the server is called. */
export function hostOf(trial: Trial): string {
  return `${namespaceOf(trial)}.${trial.server.ingressDomain}`;
}
