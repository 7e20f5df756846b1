/**
 * The federation part of `cleanup`: every relationship that this program made, taken away
 * as `unpeer` does it, and stored bundles that nothing accounts for.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { printable } from "../../output/printable.ts";
import type { Ask, DeleteStep } from "../../plan/plan.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import { parseTrustDomain } from "../../spiffe/mod.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../../manifests/cluster_federated_trust_domain.ts";
import { isMadeHere } from "../../../manifests/manifest.ts";
import { askUndeclared } from "./asks.ts";
import type { Grounds } from "./look.ts";
import { SpireServerCli } from "../spire_server_cli.ts";
import { asksAbout, impactOf, isUsed, readInhabitants } from "../unpeer/impact.ts";
import { type Holder, lookAt, lookInside, onceUp, type Patience } from "../unpeer/look.ts";
import { isMinded, type Leaving, planRemoval, type RemovalPlan } from "../unpeer/plan.ts";

/** What goes of a cluster's trust in others. */
export interface FederationPlan {
  readonly leaving: readonly Leaving[];
  readonly plan: RemovalPlan;
  /** What must be agreed to beside what the steps ask. */
  readonly asks: readonly Ask[];
}

const NOTHING: RemovalPlan = { references: [], restarts: [], relationships: [], bundles: [] };

/** Plans for one cluster. Without a SPIRE server there is nothing behind the objects. */
export async function planFederation(
  cluster: Cluster,
  grounds: Grounds,
  patience: Patience,
): Promise<FederationPlan> {
  const kinds = grounds.stack.map(({ object }) => object.kind);
  if (!kinds.includes("SpireServer") || !kinds.includes("ZeroTrustWorkloadIdentityManager")) {
    const relationships = grounds.declared.filter(({ object }) => isMadeHere(object.metadata))
      .map(({ object: { metadata } }) => deletionOf(cluster.name, metadata));
    return { leaving: [], plan: { ...NOTHING, relationships }, asks: [] };
  }
  const holder = await lookAt(cluster);
  const { ours, shared } = trustDomainsOf(holder);
  const orphans = await undeclaredIn(cluster, holder, patience);
  const leaving: Leaving[] = [];
  for (const trustDomain of [...ours, ...orphans]) {
    const held = await lookInside(cluster, trustDomain, patience);
    leaving.push({ peer: trustDomain, trustDomain, held });
  }
  const plan = planRemoval(holder, leaving);
  const inhabitants = isUsed(plan, leaving) ? await readInhabitants(cluster) : undefined;
  return {
    leaving,
    plan: {
      ...plan,
      relationships: [
        ...plan.relationships,
        ...shared.map((metadata) => deletionOf(cluster.name, metadata)),
      ],
    },
    asks: [
      ...orphans.map((name) => askUndeclared(cluster.name, name)),
      ...leaving.flatMap((one) => asksAbout(impactOf(holder, { leaving: one, plan, inhabitants }))),
    ],
  };
}

/** Peers that only this program declares, and its objects for peers that others declare too. */
function trustDomainsOf(holder: Holder): {
  readonly ours: readonly TrustDomain[];
  readonly shared: readonly Holder["declared"][number]["metadata"][];
} {
  const minded = holder.declared.filter(({ spec }) => isMinded(holder, spec));
  const foreign = new Set(
    minded.filter(({ metadata }) => !isMadeHere(metadata)).map(({ spec }) => spec.trustDomain),
  );
  const made = minded.filter(({ metadata }) => isMadeHere(metadata));
  const alone = made.filter(({ spec }) => !foreign.has(spec.trustDomain));
  return {
    ours: [...new Set(alone.map(({ spec }) => spec.trustDomain))].map(parseTrustDomain),
    shared: made.filter((object) => !alone.includes(object)).map(({ metadata }) => metadata),
  };
}

async function undeclaredIn(
  cluster: Cluster,
  { declared, staticPeers, configured = [] }: Holder,
  patience: Patience,
): Promise<readonly TrustDomain[]> {
  const cli = new SpireServerCli(cluster, patience.signal);
  const stored = await onceUp(cluster.name, patience, () => cli.storedBundles());
  const accounted = new Set([
    ...declared.map(({ spec }) => spec.trustDomain),
    ...staticPeers.map(({ trustDomain }) => trustDomain),
    ...configured,
  ]);
  return [...stored.keys()].filter((name) => !accounted.has(name)).sort().map(parseTrustDomain);
}

function deletionOf(
  cluster: string,
  { name, uid = "" }: { readonly name: string; readonly uid?: string | undefined },
): DeleteStep {
  return {
    action: "delete",
    cluster,
    resource: CLUSTER_FEDERATED_TRUST_DOMAINS,
    name,
    uid,
    why: printable("this program made it"),
    asks: [],
  };
}
