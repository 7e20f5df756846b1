/**
 * What a person should know of a relationship though nothing is planned for it.
 *
 * @module
 */
import type { Note } from "../../plan/plan.ts";
import { printable } from "../../output/printable.ts";
import { nameOf } from "../../../manifests/manifest.ts";
import { declaredFor, isEquivalent } from "../declared.ts";
import type { EdgeFacts } from "./plan.ts";

/** Everything to say of one direction. */
export function notesOn(facts: EdgeFacts): readonly Note[] {
  return [...onObjects(facts), ...onText(facts), ...onStaticPeer(facts)];
}

function onObjects({ holder, peer }: EdgeFacts): readonly Note[] {
  const cluster = holder.cluster;
  const [, ...losers] = declaredFor(holder, peer.trustDomain);
  const foreign = holder.declared.filter(({ spec }) =>
    spec.trustDomain === peer.trustDomain && spec.className !== holder.className
  );
  return [
    ...losers.map((object) => ({
      cluster,
      code: "cfdt/duplicate",
      message: `${
        printable(nameOf(object))
      } declares ${peer.trustDomain} too, is newer and is ignored`,
    })),
    ...foreign.map((object) => ({
      cluster,
      code: "cfdt/other-class",
      message: `${printable(nameOf(object))} declares ${peer.trustDomain} for ${
        object.spec.className === undefined
          ? "no class"
          : `class ${printable(object.spec.className)}`
      } and is not minded here`,
    })),
  ];
}

/** The text is a bootstrap for the day the server loses its data: stale, it brings old keys back. */
function onText(facts: EdgeFacts): readonly Note[] {
  const { holder, peer, endpoint, memory, options } = facts;
  const [declared] = declaredFor(holder, peer.trustDomain);
  if (declared === undefined || !isEquivalent(declared, facts)) return [];
  if (options.refreshEmbedded || endpoint.spiffeId === undefined) return [];
  const held = memory.embeddedIn(declared);
  if (held !== undefined && memory.continuity(held, facts).state !== "broken") return [];
  return [{
    cluster: holder.cluster,
    code: "bundle/embedded-stale",
    message: `the bundle in ${
      nameOf(declared)
    } would not bootstrap ${peer.trustDomain} any more: --refresh-embedded writes a fresh one`,
  }];
}

function onStaticPeer({ holder, peer, endpoint }: EdgeFacts): readonly Note[] {
  const entry = holder.staticPeers.find(({ trustDomain }) => trustDomain === peer.trustDomain);
  if (entry === undefined) return [];
  const same = entry.bundleEndpointUrl === endpoint.url &&
    entry.bundleEndpointProfile === endpoint.profile &&
    (entry.endpointSpiffeId ?? undefined) === endpoint.spiffeId;
  if (same) return [];
  return [{
    cluster: holder.cluster,
    code: "static/overrides",
    message: `SpireServer federatesWith sends ${peer.trustDomain} to ${
      printable(entry.bundleEndpointUrl)
    }, and the SPIRE server follows that, not ${endpoint.url}`,
  }];
}
