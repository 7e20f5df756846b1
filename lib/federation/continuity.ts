/**
 * Continuity: is a peer that is already known still the same one? Sharing an
 * authority proves nothing, since certificates of authorities are public. Only an
 * endpoint that authenticates itself under what is stored proves it.
 *
 * @module
 */
import type { Bundle } from "../spiffe/model.ts";
import { compareBundles, parseBundle, verifySvid } from "../spiffe/mod.ts";
import type { EndpointParameters, Vouched } from "./side.ts";

/** What became of a relationship's proof. */
export type Continuity =
  /** The endpoint authenticates itself under what was held before. */
  | { readonly state: "kept" }
  /** It does not: only a new bootstrap can make them trust each other again. */
  | { readonly state: "broken"; readonly reason: string }
  /** The endpoint was not spoken to, so nothing is known. */
  | { readonly state: "unknown" };

/** Judges a held bundle by the connection that fetched the peer's new one. */
export function judgeContinuity(
  held: Bundle,
  { bundle, chain }: Vouched,
  { endpoint, now }: { readonly endpoint: EndpointParameters; readonly now: Date },
): Continuity {
  if (compareBundles(held, bundle).change === "same") return { state: "kept" };
  // Web PKI authenticated the host; what is held plays no part in that profile.
  if (endpoint.spiffeId === undefined) return { state: "kept" };
  if (chain.length === 0) return { state: "unknown" };
  const { problems } = verifySvid(chain, {
    bundle: held,
    trustDomain: held.trustDomain,
    expectedId: endpoint.spiffeId,
    now,
  });
  const error = problems.find(({ severity }) => severity === "error");
  return error === undefined ? { state: "kept" } : { state: "broken", reason: error.message };
}

/**
 * Reads the text that a ClusterFederatedTrustDomain carries; `undefined` when it
 * carries none, or none that can be read.
 */
export function readEmbedded(
  text: string | undefined,
  { trustDomain, now }: { readonly trustDomain: Bundle["trustDomain"]; readonly now: Date },
): Bundle | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  return parseBundle(new TextEncoder().encode(text), { trustDomain, now }).bundle;
}
