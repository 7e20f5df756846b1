/**
 * `spire-server federation` of SPIRE 1.13.3: list, show, refresh.
 *
 * @module
 */
import { managedBy, refresh } from "./bundle_manager.ts";
import type { ClusterState, Relationship, SpireState, World } from "./model.ts";
import { protoOf } from "./spire_bundle_commands.ts";
import { done, failed, type Outcome, trustDomainIn, type Words } from "./spire_command.ts";

function relationshipText(
  [name, { url, profile, endpointId }]: readonly [string, Relationship],
): string {
  const id = endpointId === undefined ? "" : `Endpoint SPIFFE ID        : ${endpointId}\n`;
  return `Trust domain              : ${name}\nBundle endpoint URL       : ${url}\nBundle endpoint profile   : ${profile}\n${id}`;
}

/** With the bundle that is stored for it, whichever way that came. */
function relationshipProto(
  { stored }: SpireState,
  [name, { url, endpointId }]: readonly [string, Relationship],
): unknown {
  const profile = endpointId === undefined
    ? { https_web: {} }
    : { https_spiffe: { endpoint_spiffe_id: endpointId } };
  const text = stored.get(name);
  const bundle = text === undefined ? null : protoOf([name, text]);
  return { trust_domain: name, bundle_endpoint_url: url, ...profile, trust_domain_bundle: bundle };
}

/** Only what is in the datastore: static relationships are not shown. */
export function listRelationships(_: World, { spire }: ClusterState, { json }: Words): Outcome {
  const all = [...spire.dynamic];
  if (json) {
    const federation_relationships = all.map((one) => relationshipProto(spire, one));
    return [spire, done(`${JSON.stringify({ federation_relationships, next_page_token: "" })}\n`)];
  }
  const head = `Found ${all.length} federation relationship${all.length === 1 ? "" : "s"}\n`;
  return [spire, done(head + all.map((one) => `\n${relationshipText(one)}`).join(""))];
}

/** `federation show`. */
export function showRelationship(
  _: World,
  { spire }: ClusterState,
  { flags, json }: Words,
): Outcome {
  const name = flags.get("trustDomain");
  if (name === undefined) return [spire, failed("a trust domain name is required")];
  const found = spire.dynamic.get(name);
  if (found === undefined) {
    return [
      spire,
      failed(
        "error showing federation relationship: rpc error: code = NotFound desc = federation relationship does not exist",
      ),
    ];
  }
  if (json) return [spire, done(`${JSON.stringify(relationshipProto(spire, [name, found]))}\n`)];
  const head = `Found a federation relationship with trust domain ${name}:\n\n`;
  return [spire, done(head + relationshipText([name, found]))];
}

/** `federation refresh`: polls at once, and says how it went. */
export function refreshNow(world: World, cluster: ClusterState, words: Words): Outcome {
  const id = words.flags.get("id");
  if (id === undefined) return [cluster.spire, failed("id is required")];
  const name = trustDomainIn(words);
  if (!managedBy(cluster.spire).has(name)) {
    return [cluster.spire, failed(`there is no federation relationship with trust domain "${id}"`)];
  }
  const [spire, { error }] = refresh(world, cluster, name);
  if (error !== undefined) {
    return [
      spire,
      failed(
        `failed to refresh bundle: rpc error: code = Internal desc = failed to refresh bundle: ${error}`,
      ),
    ];
  }
  return [spire, done(words.json ? "{}\n" : "Bundle refreshed\n")];
}
