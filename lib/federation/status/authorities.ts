/**
 * A cluster's own X.509 authorities by their place in the rotation.
 *
 * @module
 */
import type { X509Authority } from "../../spiffe/model.ts";
import { verifySvid } from "../../spiffe/verify_svid.ts";
import type { ClusterView } from "../facts/view.ts";
import { itemsOf } from "../facts/section.ts";

/** Where an authority stands: signing now, to sign next, to be trusted only. */
export type Phase = "current" | "prepared" | "retired" | "expired" | "unknown";

/** An authority and where it stands. */
export interface PhasedAuthority {
  readonly authority: X509Authority;
  readonly phase: Phase;
}

/**
 * All that are published, the one that signs first. The server's own word counts; without
 * it, the one behind the endpoint's certificate is the current one, and age tells the rest.
 */
export function phasesOf(view: ClusterView): readonly PhasedAuthority[] {
  const published = view.served?.bundle ?? view.roots;
  if (published === undefined) return [];
  const { x509Authorities } = published;
  const current = x509Authorities.find((one) => isSaid(view, one, "active")) ??
    x509Authorities.find((one) => isBehindEndpoint(view, one));
  return x509Authorities
    .map((authority) => ({ authority, phase: phaseOf(view, authority, current) }))
    .sort((a, b) => RANKS[a.phase] - RANKS[b.phase]);
}

const RANKS = { current: 0, prepared: 1, unknown: 2, retired: 3, expired: 4 } as const;

function phaseOf(
  view: ClusterView,
  authority: X509Authority,
  current: X509Authority | undefined,
): Phase {
  if (authority.notAfter.getTime() <= view.now.getTime()) return "expired";
  if (current === undefined) return "unknown";
  if (authority === current) return "current";
  if (isSaid(view, authority, "prepared")) return "prepared";
  if (isSaid(view, authority, "old")) return "retired";
  return authority.notBefore.getTime() > current.notBefore.getTime() ? "prepared" : "retired";
}

function isSaid(
  { facts }: ClusterView,
  { ski }: X509Authority,
  phase: "active" | "prepared" | "old",
): boolean {
  return ski !== null &&
    itemsOf(facts.spire.authorities).some((said) => said.phase === phase && said.id === ski);
}

function isBehindEndpoint(view: ClusterView, authority: X509Authority): boolean {
  const { served, trustDomain, now } = view;
  if (served?.bundle === undefined || trustDomain === undefined) return false;
  const bundle = { ...served.bundle, x509Authorities: [authority] };
  const { problems } = verifySvid(served.chain, { bundle, trustDomain, now });
  return problems.every(({ severity }) => severity !== "error");
}
