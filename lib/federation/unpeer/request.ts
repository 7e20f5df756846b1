/**
 * What `unpeer` was asked to do, and what it has in hand while doing it.
 *
 * @module
 */
import type { ClusterAccess } from "../../context.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import type { PeerRun } from "../peer/request.ts";

/** The command line of `unpeer`, understood. */
export interface UnpeerRequest {
  /** The first and the others, in the user's order, without those skipped. */
  readonly names: readonly string[];
  readonly skipped: readonly string[];
  /** Only the first cluster is changed; the others may be dead, or named by trust domain. */
  readonly localOnly: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly access: ClusterAccess;
}

/** One run of `unpeer`. */
export interface UnpeerRun extends Omit<PeerRun, "request"> {
  readonly request: UnpeerRequest;
}

/** `holder` is to trust `peer` no more. */
export interface Departure {
  /** A context. */
  readonly holder: string;
  /** As the user named it: a context, or a trust domain. */
  readonly peer: string;
  readonly trustDomain: TrustDomain;
}
