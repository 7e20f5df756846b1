/**
 * What `cleanup` was asked to do.
 *
 * @module
 */
import type { ClusterAccess } from "../../context.ts";
import type { PeerRun } from "../peer/request.ts";

/** What can be taken away by itself, in the order in which it goes. */
export const CLEANUP_PARTS = ["workloads", "federation", "stack", "operator"] as const;

/** One of them. */
export type CleanupPart = typeof CLEANUP_PARTS[number];

/** The command line of `cleanup`, understood. */
export interface CleanupRequest {
  readonly names: readonly string[];
  readonly parts: readonly CleanupPart[];
  /** Leave the server's claim, and with it its keys. */
  readonly keepCa: boolean;
  /** Take the definitions away too, and with them every object of their kinds. */
  readonly crds: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly access: ClusterAccess;
}

/** One run of `cleanup`. */
export interface CleanupRun extends Omit<PeerRun, "request"> {
  readonly request: CleanupRequest;
}
