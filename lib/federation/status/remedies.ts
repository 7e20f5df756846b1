/**
 * The next command to type, where this program has one.
 *
 * @module
 */
import type { Direction } from "./direction.ts";

type Ends = Pick<Direction, "holder" | "peer" | "trustDomain">;

/** Makes both sides trust each other. */
export function peerCommand({ holder, peer, trustDomain }: Ends): string {
  return peer === undefined
    ? `oc spirefed cfdt gen --trust-domain ${trustDomain} --bundle FILE | oc --context ${holder.name} apply -f -`
    : `oc spirefed peer ${holder.name} ${peer.name}`;
}

/** Mends what is safe to mend, after showing it. */
export function fixCommand({ holder, peer }: Ends): string {
  return `oc spirefed troubleshoot ${holder.name}${
    peer === undefined ? "" : ` ${peer.name}`
  } --fix`;
}

/** Asks the server for proof. */
export function refreshCommand({ holder, peer }: Ends): string {
  return `oc spirefed status ${holder.name}${peer === undefined ? "" : ` ${peer.name}`} --refresh`;
}
