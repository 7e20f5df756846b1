/**
 * What must be agreed to before trust is made or changed, in words.
 *
 * @module
 */
import type { Ask } from "../plan/plan.ts";
import type { Bundle } from "../spiffe/model.ts";
import { compareBundles } from "../spiffe/mod.ts";
import type { Continuity } from "./continuity.ts";
import type { EndpointParameters, Side } from "./side.ts";

/** A trust domain that a cluster claims, but that is not the domain its routes are under. */
export function askUnexpectedTrustDomain(peer: Side): Ask {
  return {
    question:
      `[${peer.cluster}] calls itself ${peer.trustDomain}, which is not its ingress domain (${
        peer.ingressDomain ?? "may not be read"
      }). Trust it under that name?`,
    evidence: [
      `a cluster that claims a partner's name would be taken for the partner`,
      `its API server: ${peer.server}`,
    ],
    yes: false,
    flag: `--expect-trust-domain ${peer.cluster}=${peer.trustDomain}`,
  };
}

/** A relationship whose endpoint moved or calls itself otherwise. */
export function askMoved(
  { holder, peer, name }: { readonly holder: Side; readonly peer: Side; readonly name: string },
  { before, after }: { readonly before: readonly string[]; readonly after: EndpointParameters },
): Ask {
  return {
    question: `[${holder.cluster}] let ${name} follow ${peer.trustDomain} to ${after.url}?`,
    evidence: [...before, `now: ${after.url} as ${after.spiffeId ?? "https_web"}`],
    yes: true,
  };
}

/** An object that somebody else made. */
export function askAdoption(holder: Side, name: string, differences: readonly string[]): Ask {
  return {
    question: `[${holder.cluster}] take over ${name}, which this program did not make?`,
    evidence: differences,
    yes: true,
  };
}

/** Trust that has to be begun again: what is held does not authenticate the endpoint. */
export function askRebootstrap(
  { holder, peer, unchanged }: {
    readonly holder: Side;
    readonly peer: Side;
    /** Whether URL and endpoint ID are what they were: only then does `--yes` agree. */
    readonly unchanged: boolean;
  },
  { held, fresh, continuity }: {
    readonly held: Bundle;
    readonly fresh: Bundle;
    readonly continuity: Continuity;
  },
): Ask {
  const reason = continuity.state === "broken"
    ? `${peer.trustDomain}'s endpoint does not authenticate itself under what ${holder.cluster} stores: ${continuity.reason}`
    : `nothing proves that ${peer.trustDomain} is the one that ${holder.cluster} knows`;
  return {
    question:
      `[${holder.cluster}] begin trust in ${peer.trustDomain} anew, in place of what is stored?`,
    evidence: [
      reason,
      ...fingerprints("stored", held),
      ...fingerprints("new, named by its own API", fresh),
    ],
    yes: unchanged,
  };
}

/** A bundle that is older than what is held, or shares nothing with it. */
export function askUnusualChange(holder: Side, held: Bundle, fresh: Bundle): readonly Ask[] {
  if (compareBundles(held, fresh).advice !== "confirm") return [];
  return [{
    question: `[${holder.cluster}] take a bundle of ${fresh.trustDomain} that ${
      unusualChange(held, fresh)
    }?`,
    evidence: [...fingerprints("held", held), ...fingerprints("new", fresh)],
    yes: true,
  }];
}

/** What is unusual about a change that has to be confirmed, to follow "that". */
export function unusualChange(held: Bundle, fresh: Bundle): string {
  const { change, sequence } = compareBundles(held, fresh);
  if (change === "rolled-back") {
    return `goes back from sequence ${sequence.old} to ${sequence.new}`;
  }
  return change === "disjoint" ? "shares no authority with what is held" : "has no authority left";
}

/** Authorities that also vouch for somebody else. */
export function askShared(
  peer: Side,
  fresh: Bundle,
  shared: readonly { readonly sha256: string; readonly with: string }[],
): readonly Ask[] {
  if (shared.length === 0) return [];
  return [{
    question:
      `[${peer.cluster}] trust authorities of ${fresh.trustDomain} that also vouch for another trust domain?`,
    evidence: shared.map(({ sha256, with: other }) => `${sha256} also vouches for ${other}`),
    yes: true,
  }];
}

/** The one-way door of the operator: an endpoint once enabled stays. */
export function askEndpoint(cluster: string, trustDomain: string): Ask {
  return {
    question: `[${cluster}] enable the bundle endpoint on SpireServer/cluster?`,
    evidence: [
      "this cannot be undone: the operator refuses to remove spec.federation again",
      "spire-server-0 restarts once; for that time no new identities are issued",
      `https://federation.${trustDomain} then serves the cluster's public keys to anyone`,
    ],
    yes: true,
  };
}

/** A static peer, which the server reads at its start only. */
export function askRestart(cluster: string, trustDomains: readonly string[]): Ask {
  return {
    question: `[${cluster}] restart its SPIRE server to write ${
      trustDomains.join(", ")
    } into federatesWith?`,
    evidence: [
      "for that time no new identities are issued; entries of other peers stay as they are",
    ],
    yes: true,
  };
}

function fingerprints(label: string, { x509Authorities }: Bundle): readonly string[] {
  return x509Authorities.map(({ sha256 }) => `${label}: SHA-256 ${sha256}`);
}
