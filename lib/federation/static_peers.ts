/**
 * Peers in the SPIRE server's own configuration, beside the ClusterFederatedTrustDomains.
 * The list in SpireServer is atomic for every kind of patch, so it is always read,
 * merged by trust domain and written whole: nobody's entry is lost.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { SpireServerStep } from "../plan/plan.ts";
import { STATIC_PEERS_LIMIT, type StaticPeer } from "../../manifests/spire_server.ts";
import { askEndpoint, askRestart } from "./asks.ts";
import type { Edge } from "./edge.ts";
import type { Side } from "./side.ts";

/** One step for each cluster that has no bundle endpoint yet. */
export function planEndpoints(sides: readonly Side[]): readonly SpireServerStep[] {
  return sides.filter(({ endpoint }) => endpoint === undefined).map((
    { cluster, trustDomain, staticPeers, spireServerVersion },
  ) => ({
    action: "patch",
    cluster,
    held: staticPeers,
    resourceVersion: spireServerVersion,
    why: `${cluster} has no bundle endpoint yet`,
    asks: [askEndpoint(cluster, trustDomain)],
  }));
}

/**
 * One step for each cluster whose static list lacks a peer, or has it otherwise.
 *
 * @throws {SpirefedError} `preflight`, when the list would grow beyond what the operator takes.
 */
export function planStaticPeers(
  sides: ReadonlyMap<string, Side>,
  edges: readonly Edge[],
): readonly SpireServerStep[] {
  return [...sides.values()].flatMap((holder) => {
    const wanted = edges.filter((edge) => edge.holder === holder.cluster)
      .map(({ peer }) => entryFor(sides.get(peer)));
    const changed = wanted.filter((entry) => !holder.staticPeers.some((held) => same(held, entry)));
    if (changed.length === 0) return [];
    const federatesWith = merge(holder.staticPeers, changed);
    requireRoom(holder.cluster, federatesWith);
    const names = changed.map(({ trustDomain }) => trustDomain);
    return [{
      action: "patch" as const,
      cluster: holder.cluster,
      federatesWith,
      held: holder.staticPeers,
      resourceVersion: holder.spireServerVersion,
      why: `federatesWith lacks ${names.join(", ")}`,
      asks: [askRestart(holder.cluster, names)],
    }];
  });
}

/** Replaces entries of the same trust domain in their place, and adds the rest at the end. */
export function merge(
  held: readonly StaticPeer[],
  wanted: readonly StaticPeer[],
): readonly StaticPeer[] {
  const left = new Map(wanted.map((entry) => [entry.trustDomain, entry]));
  const merged = held.map((entry) => {
    const replacement = left.get(entry.trustDomain);
    left.delete(entry.trustDomain);
    return replacement ?? entry;
  });
  return [...merged, ...left.values()];
}

function entryFor(peer: Side | undefined): StaticPeer {
  if (peer?.endpoint === undefined) throw new Error("a peer without an endpoint");
  const { url, profile, spiffeId } = peer.endpoint;
  return {
    trustDomain: peer.trustDomain,
    bundleEndpointUrl: url,
    bundleEndpointProfile: profile,
    ...(spiffeId === undefined ? {} : { endpointSpiffeId: spiffeId }),
  };
}

function same(a: StaticPeer, b: StaticPeer): boolean {
  return a.trustDomain === b.trustDomain && a.bundleEndpointUrl === b.bundleEndpointUrl &&
    a.bundleEndpointProfile === b.bundleEndpointProfile &&
    (a.endpointSpiffeId ?? "") === (b.endpointSpiffeId ?? "");
}

function requireRoom(cluster: string, list: readonly StaticPeer[]): void {
  if (list.length <= STATIC_PEERS_LIMIT) return;
  throw new SpirefedError(
    "preflight",
    `[${cluster}] federatesWith would have ${list.length} entries, and the operator takes ${STATIC_PEERS_LIMIT}`,
    {
      code: "static/too-many",
      remedy: "leave --static out: ClusterFederatedTrustDomains have no such limit",
    },
  );
}
