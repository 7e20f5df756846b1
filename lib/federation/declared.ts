/**
 * ClusterFederatedTrustDomains as spire-controller-manager reads them: which one
 * counts for a trust domain, and whether it says what we would say.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { printable } from "../output/printable.ts";
import type { TrustDomain } from "../spiffe/model.ts";
import { printBundle } from "../spiffe/mod.ts";
import {
  type ClusterFederatedTrustDomain,
  clusterFederatedTrustDomain,
} from "../../manifests/cluster_federated_trust_domain.ts";
import { isMadeHere, MANAGED_BY } from "../../manifests/manifest.ts";
import { objectNameFor } from "../../manifests/object_name.ts";
import type { EndpointParameters, Side, Vouched } from "./side.ts";

/** Where a relationship leads, as far as the controller compares it. */
export interface Wanted {
  readonly holder: Side;
  readonly peer: Side;
  readonly endpoint: EndpointParameters;
  readonly vouched: Vouched;
}

/**
 * The objects for a trust domain that the holder's controller minds, the one that
 * wins first: the oldest, and of equally old ones the one with the lower uid.
 */
export function declaredFor(
  { declared, className }: Side,
  trustDomain: TrustDomain,
): readonly ClusterFederatedTrustDomain[] {
  return declared
    .filter(({ spec }) => spec.trustDomain === trustDomain && spec.className === className)
    .sort((a, b) => seniority(a) < seniority(b) ? -1 : 1);
}

function seniority({ metadata }: ClusterFederatedTrustDomain): string {
  return `${metadata.creationTimestamp ?? ""} ${metadata.uid ?? ""}`;
}

/** Made by this program, by its label: a name proves nothing. */
export function isOurs({ metadata }: ClusterFederatedTrustDomain): boolean {
  return isMadeHere(metadata);
}

/**
 * Whether an object already declares what is wanted. The bundle is left out, as
 * spire-controller-manager leaves it out when it compares relationships.
 */
export function isEquivalent(declared: ClusterFederatedTrustDomain, wanted: Wanted): boolean {
  return differencesOf(declared, wanted).length === 0;
}

/** What an object says otherwise than wanted, a line each, printable. */
export function differencesOf(
  { spec }: ClusterFederatedTrustDomain,
  { holder, endpoint }: Wanted,
): readonly string[] {
  const { type, endpointSPIFFEID } = { endpointSPIFFEID: undefined, ...spec.bundleEndpointProfile };
  const pairs: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ["bundleEndpointURL", canonicalUrl(spec.bundleEndpointURL), canonicalUrl(endpoint.url)],
    ["profile", type, endpoint.profile],
    ["endpointSPIFFEID", endpointSPIFFEID || undefined, endpoint.spiffeId],
    ["className", spec.className, holder.className],
  ];
  return pairs.filter(([, held, wanted]) => held !== wanted)
    .map(([member, held, wanted]) =>
      `${member} is ${printable(held ?? "not set", 200)}, not ${wanted ?? "not set"}`
    );
}

/** Two spellings of one URL are one place. */
export function canonicalUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/**
 * The object that should be there: with a fresh canonical bundle, our labels, and
 * the precondition that it is still the one that was seen.
 *
 * @param instead the object whose place it takes; its name is kept.
 */
export function wantedObject(
  { holder, peer, endpoint, vouched }: Wanted,
  instead?: ClusterFederatedTrustDomain,
): { object: ClusterFederatedTrustDomain; taken: ClusterFederatedTrustDomain | undefined } {
  const spec = {
    trustDomain: peer.trustDomain,
    bundleEndpointURL: endpoint.url,
    bundleEndpointProfile: endpoint.spiffeId === undefined
      ? { type: "https_web" as const }
      : { type: "https_spiffe" as const, endpointSPIFFEID: endpoint.spiffeId },
    trustDomainBundle: printBundle(vouched.bundle),
    className: holder.className,
  };
  const taken = instead ?? takenName(holder, peer.trustDomain);
  const name = taken?.metadata.name ?? freeName(holder, peer.trustDomain);
  return {
    taken,
    object: clusterFederatedTrustDomain(spec, {
      name,
      ...(taken?.metadata.uid === undefined ? {} : { uid: taken.metadata.uid }),
      ...(taken?.metadata.resourceVersion === undefined
        ? {}
        : { resourceVersion: taken.metadata.resourceVersion }),
      labels: { ...MANAGED_BY, "spirefed/link": linkOf(holder.trustDomain, peer.trustDomain) },
    }),
  };
}

/** An object for this trust domain that has our name, but that the controller does not mind. */
function takenName(
  { declared }: Side,
  trustDomain: TrustDomain,
): ClusterFederatedTrustDomain | undefined {
  return declared.find(({ metadata, spec }) =>
    metadata.name === objectNameFor(trustDomain) && spec.trustDomain === trustDomain
  );
}

/** Another trust domain's object may have the name: it keeps it. */
function freeName({ declared }: Side, trustDomain: TrustDomain): string {
  const name = objectNameFor(trustDomain);
  if (!declared.some(({ metadata }) => metadata.name === name)) return name;
  return `td-${createHash("sha256").update(trustDomain).digest("hex")}`;
}

/**
 * The value of the label `spirefed/link`: the same for both directions between two
 * trust domains, 32 hexadecimal digits.
 */
export function linkOf(first: TrustDomain, second: TrustDomain): string {
  const both = [first, second].sort().join("\n");
  return createHash("sha256").update(both).digest("hex").slice(0, 32);
}
