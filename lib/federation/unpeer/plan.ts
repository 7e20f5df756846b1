/**
 * From what a cluster holds of its peers to the steps that take it away, in the order
 * in which nobody loses an identity: references first, then relationships, then the
 * stored bundle, since a server fetches it anew while a relationship stands.
 *
 * @module
 */
import type { Ask, DeleteStep, EditStep, FederatingObject, RemovalStep } from "../../plan/plan.ts";
import { printable } from "../../output/printable.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../../manifests/cluster_federated_trust_domain.ts";
import { CLUSTER_SPIFFE_IDS } from "../../../manifests/cluster_spiffe_id.ts";
import { CLUSTER_STATIC_ENTRIES } from "../../../manifests/cluster_static_entry.ts";
import { isMadeHere, type ObjectMeta, type Resource } from "../../../manifests/manifest.ts";
import type { Held, Holder } from "./look.ts";

/** The steps of one cluster. Each phase must have succeeded, and shown, before the next. */
export interface RemovalPlan {
  readonly references: readonly RemovalStep[];
  readonly restarts: readonly RemovalStep[];
  readonly relationships: readonly RemovalStep[];
  readonly bundles: readonly RemovalStep[];
}

/** A peer that a cluster is to trust no more, and what its server holds of it. */
export interface Leaving {
  readonly peer: string;
  readonly trustDomain: TrustDomain;
  readonly held: Held;
}

/** All steps, in their order. */
export function stepsOf(plan: RemovalPlan): readonly RemovalStep[] {
  return [...plan.references, ...plan.restarts, ...plan.relationships, ...plan.bundles];
}

/** Plans for one cluster. */
export function planRemoval(holder: Holder, leaving: readonly Leaving[]): RemovalPlan {
  const listed = leaving.filter(({ trustDomain }) => isListed(holder, trustDomain));
  return {
    references: planReferences(holder, leaving),
    relationships: leaving.flatMap((one) => planRelationship(holder, one)),
    restarts: listed.length === 0 ? [] : [{
      action: "unlist",
      cluster: holder.cluster,
      trustDomains: listed.map(({ trustDomain }) => trustDomain),
      why: `federatesWith lists ${listed.map(({ trustDomain }) => trustDomain).join(", ")}`,
      asks: [askUnlist(holder, listed)],
    }],
    bundles: leaving.flatMap((one) => planBundle(holder, one)),
  };
}

/** Whether the server's static configuration is to have a peer. */
export function isListed({ staticPeers }: Holder, name: TrustDomain): boolean {
  return staticPeers.some(({ trustDomain }) => trustDomain === name);
}

/** Whether spire-controller-manager minds an object: another class is another's business. */
export function isMinded(
  { className }: Pick<Holder, "className">,
  spec: { readonly className?: string },
): boolean {
  return spec.className === className || (spec.className ?? "") === "";
}

function planRelationship(holder: Holder, { peer, trustDomain }: Leaving): readonly DeleteStep[] {
  return holder.declared
    .filter(({ spec }) => spec.trustDomain === trustDomain && isMinded(holder, spec))
    .map(({ metadata, spec }) => {
      const name = `ClusterFederatedTrustDomain/${printable(metadata.name, 253)}`;
      return {
        action: "delete",
        cluster: holder.cluster,
        peer,
        resource: CLUSTER_FEDERATED_TRUST_DOMAINS,
        name: metadata.name,
        uid: metadata.uid ?? "",
        why: `${holder.cluster} trusts ${peer}`,
        asks: isMadeHere(metadata) ? [] : [{
          question: `[${holder.cluster}] delete ${name}, which this program did not make?`,
          evidence: [
            `it makes ${holder.cluster} trust ${trustDomain} at ${
              printable(spec.bundleEndpointURL, 200)
            }`,
            ...madeBy(metadata),
          ],
          yes: true,
        }],
      };
    });
}

/** While a relationship stands the server may store a bundle at any time. */
function planBundle(holder: Holder, { peer, trustDomain, held }: Leaving): readonly RemovalStep[] {
  const isDeclared = planRelationship(holder, { peer, trustDomain, held }).length > 0;
  const mayBeStored = held.bundle || held.relationship || isDeclared ||
    isListed(holder, trustDomain) || holder.configured?.includes(trustDomain) === true;
  if (!mayBeStored) return [];
  return [{
    action: "forget",
    cluster: holder.cluster,
    peer,
    trustDomain,
    why: held.bundle ? `${holder.cluster} stores ${peer}'s keys` : `in case it is stored by then`,
    asks: [],
  }];
}

interface Reference {
  readonly resource: Resource<FederatingObject>;
  readonly object: FederatingObject;
  readonly federatesWith: readonly string[];
}

/** The objects whose workloads receive bundles of peers that leave. */
export function referencesTo(
  holder: Holder,
  trustDomains: readonly TrustDomain[],
): readonly Reference[] {
  const all: readonly (readonly [Resource<FederatingObject>, readonly Classed[]])[] = [
    [CLUSTER_SPIFFE_IDS, holder.spiffeIds],
    [CLUSTER_STATIC_ENTRIES, holder.staticEntries],
  ];
  return all.flatMap(([resource, objects]) =>
    objects.filter(({ spec }) => isMinded(holder, spec)).map((object) => ({
      resource,
      object,
      federatesWith: object.spec.federatesWith ?? [],
    }))
  ).filter(({ federatesWith }) => trustDomains.some((name) => federatesWith.includes(name)));
}

type Classed = FederatingObject & { readonly spec: { readonly className?: string } };

/** Whether an object goes as a whole: we made it, and for those peers alone. */
function goesWhole(
  { resource, object, federatesWith }: Reference,
  names: readonly TrustDomain[],
): boolean {
  return resource.kind === CLUSTER_SPIFFE_IDS.kind && isMadeHere(object.metadata) &&
    federatesWith.every((peer) => names.some((name) => name === peer));
}

function planReferences(
  holder: Holder,
  leaving: readonly Leaving[],
): readonly (DeleteStep | EditStep)[] {
  const names = leaving.map(({ trustDomain }) => trustDomain);
  return referencesTo(holder, names).map((reference) => {
    const { resource, object: { metadata }, federatesWith } = reference;
    const gone = names.filter((name) => federatesWith.includes(name));
    const common = {
      cluster: holder.cluster,
      name: metadata.name,
      uid: metadata.uid ?? "",
      why: `its workloads receive ${gone.join(", ")}`,
    };
    if (goesWhole(reference, names)) {
      return { ...common, action: "delete", resource, asks: [] };
    }
    return {
      ...common,
      action: "edit",
      resource,
      trustDomains: gone,
      asks: isMadeHere(metadata) ? [] : [{
        question: `[${holder.cluster}] take ${gone.join(", ")} out of ${resource.kind}/${
          printable(metadata.name, 253)
        }, which this program did not make?`,
        evidence: [
          "its workloads keep their identity and lose the peer's bundle",
          ...madeBy(metadata),
        ],
        yes: true,
      }],
    };
  });
}

function askUnlist({ cluster, staticPeers }: Holder, listed: readonly Leaving[]): Ask {
  const names = listed.map(({ trustDomain }) => trustDomain).join(", ");
  const others = staticPeers.length - listed.length;
  return {
    question: `[${cluster}] restart its SPIRE server to take ${names} out of federatesWith?`,
    evidence: [
      "for that time no new identities are issued",
      others === 0
        ? "it is the last of the list"
        : others === 1
        ? "the other peer of the list stays"
        : `the ${others} other peers of the list stay`,
    ],
    yes: true,
  };
}

/** Who else may put an object back: worth knowing before it is changed. */
function madeBy({ labels = {}, annotations = {} }: ObjectMeta): readonly string[] {
  const manager = labels["app.kubernetes.io/managed-by"];
  const tracked = Object.keys({ ...labels, ...annotations })
    .find((key) => /argocd\.argoproj\.io|fluxcd\.io/.test(key));
  return [
    ...manager === undefined ? [] : [`its label says that ${printable(manager, 60)} manages it`],
    ...tracked === undefined
      ? []
      : [`${printable(tracked, 60)} marks it: take it out of that repository, or it comes back`],
  ];
}
