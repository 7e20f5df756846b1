/**
 * Peers in the configuration of a SPIRE server: the relationships that `federation list`
 * does not show, and that hide those it shows.
 *
 * @module
 */
import { isRecord } from "../../../manifests/raw_object.ts";
import { itemsOf } from "./section.ts";
import type { ClusterFacts, RelationshipFact } from "./facts.ts";
import { at } from "./observation.ts";

/** What server.conf says; where it cannot be read, what SpireServer says. */
export function staticPeersIn(objects: ClusterFacts["objects"]): readonly RelationshipFact[] {
  const [config] = itemsOf(objects["serverConfig"]);
  if (config === undefined) return wantedStaticPeersIn(objects);
  const peers = at(config.kept, "federation", "federates_with");
  if (!isRecord(peers)) return [];
  return Object.entries(peers).map(([trustDomain, peer]) => {
    const id = at(peer, "bundle_endpoint_profile", "https_spiffe", "endpoint_spiffe_id");
    return {
      trustDomain,
      url: String(at(peer, "bundle_endpoint_url") ?? ""),
      profile: id === undefined ? "https_web" : "https_spiffe",
      endpointId: typeof id === "string" ? id : undefined,
    };
  });
}

/** What SpireServer's `federatesWith` asks for, whether it has arrived or not. */
export function wantedStaticPeersIn(objects: ClusterFacts["objects"]): readonly RelationshipFact[] {
  const [server] = itemsOf(objects["server"]);
  const peers = at(server?.kept, "spec", "federation", "federatesWith");
  if (!Array.isArray(peers)) return [];
  return peers.filter(isRecord).map((peer) => ({
    trustDomain: String(peer["trustDomain"] ?? ""),
    url: String(peer["bundleEndpointUrl"] ?? ""),
    profile: String(peer["bundleEndpointProfile"] ?? ""),
    endpointId: typeof peer["endpointSpiffeId"] === "string" ? peer["endpointSpiffeId"] : undefined,
  }));
}
