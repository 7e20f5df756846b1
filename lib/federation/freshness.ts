/**
 * Is the world still the one that the plan was made for? Asked once more right before
 * the first write: people take their time to answer, and others work meanwhile.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  type ClusterFederatedTrustDomain,
} from "../../manifests/cluster_federated_trust_domain.ts";
import { NAMESPACES } from "../../manifests/core.ts";
import { nameOf } from "../../manifests/manifest.ts";
import { rereadRoots } from "./collect.ts";
import { unlessUnreadable } from "./inspect.ts";
import { sameAuthorities } from "./prove.ts";
import type { Side } from "./side.ts";

/** Whose objects will be written, and whose roots the plan rests on. */
export interface PlannedWorld {
  readonly holders: readonly Side[];
  readonly peers: readonly Side[];
}

/** How to look again. */
export interface Looking {
  readonly clusterOf: (name: string) => Cluster;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/**
 * Compares clusters by identity, ClusterFederatedTrustDomains by uid and resourceVersion,
 * and roots by key.
 *
 * @throws {SpirefedError} `refused`, naming what changed; nothing was written.
 */
export async function requireFresh({ holders, peers }: PlannedWorld, look: Looking): Promise<void> {
  const answers = await Promise.allSettled([
    ...holders.map((holder) => requireSameCluster(holder, look)),
    ...holders.map((holder) => requireSameObjects(holder, look)),
    ...peers.map((peer) => requireSameRoots(peer, look)),
  ]);
  for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
}

/** A name or an address may lead elsewhere by now. */
async function requireSameCluster(holder: Side, { clusterOf }: Looking): Promise<void> {
  const { name, uid } = (await clusterOf(holder.cluster).get(NAMESPACES, "kube-system")
    .catch(unlessUnreadable))?.metadata ?? {};
  if (name === undefined || uid === undefined || uid === holder.identity) return;
  throw stale(`[${holder.cluster}] it is another cluster than the one that was looked at`);
}

async function requireSameObjects(holder: Side, { clusterOf }: Looking): Promise<void> {
  const { items } = await clusterOf(holder.cluster).list(CLUSTER_FEDERATED_TRUST_DOMAINS);
  const seen = versionsOf(holder.declared);
  const now = versionsOf(items);
  for (const name of new Set([...seen.keys(), ...now.keys()])) {
    if (seen.get(name) === now.get(name)) continue;
    const what = !seen.has(name) ? "was made" : now.has(name) ? "was changed" : "was deleted";
    throw stale(`[${holder.cluster}] ${name} ${what} by somebody meanwhile`);
  }
}

async function requireSameRoots(peer: Side, { clusterOf, now, signal }: Looking): Promise<void> {
  const roots = await rereadRoots(peer, clusterOf(peer.cluster), { now, signal });
  if (sameAuthorities(roots.bundle, peer.roots.bundle)) return;
  throw stale(`[${peer.cluster}] its authorities changed meanwhile`);
}

function versionsOf(objects: readonly ClusterFederatedTrustDomain[]): ReadonlyMap<string, string> {
  return new Map(
    objects.map((object) => [
      nameOf(object),
      `${object.metadata.uid} ${object.metadata.resourceVersion}`,
    ]),
  );
}

function stale(what: string): SpirefedError {
  return new SpirefedError("refused", `${what}: the plan is stale, nothing was written`, {
    code: "plan/stale",
    remedy: "run the command again: it plans from what is there now",
  });
}
