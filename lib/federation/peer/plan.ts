/**
 * What makes clusters trust each other: the difference between what each should
 * hold and what it holds. Pure: facts in, plan out.
 *
 * @module
 */
import type { ApplyStep, Ask, Note, SetBundleStep, Step } from "../../plan/plan.ts";
import { SpirefedError } from "../../errors.ts";
import type { Bundle, TrustDomain } from "../../spiffe/model.ts";
import { compareBundles, printBundle } from "../../spiffe/mod.ts";
import type { ClusterFederatedTrustDomain } from "../../../manifests/cluster_federated_trust_domain.ts";
import { nameOf } from "../../../manifests/manifest.ts";
import {
  askAdoption,
  askMoved,
  askRebootstrap,
  askShared,
  askUnexpectedTrustDomain,
  askUnusualChange,
} from "../asks.ts";
import type { Continuity } from "../continuity.ts";
import { declaredFor, differencesOf, isEquivalent, isOurs, wantedObject } from "../declared.ts";
import type { Edge } from "../edge.ts";
import { notesOn } from "./notes.ts";
import { PlanMemory } from "../plan_memory.ts";
import type { EndpointParameters, Side, Stored, Vouched } from "../side.ts";
import { throwTogether } from "../side_by_side.ts";

/** All that a plan is made from. */
export interface PeerFacts {
  /** By context. */
  readonly sides: ReadonlyMap<string, Side>;
  /** By context: each peer's bundle, and what authenticated it. */
  readonly vouched: ReadonlyMap<string, Vouched>;
  /** What each holder stores, by context and trust domain. */
  readonly stored: (holder: string, trustDomain: TrustDomain) => Stored;
  /** Where nobody may look: whether the server's own log shows the relationship refreshing. */
  readonly refreshing: (holder: string, trustDomain: TrustDomain) => boolean;
  readonly now: Date;
}

/** What the user allowed. */
export interface PeerOptions {
  readonly adopt: boolean;
  readonly refreshEmbedded: boolean;
  readonly forceConflicts: boolean;
  /** The trust domain that is expected of a context, by context. */
  readonly expectTrustDomain: ReadonlyMap<string, string>;
}

/** What is to be done, and what is to be said. */
export interface PeerPlan {
  readonly steps: readonly Step[];
  readonly notes: readonly Note[];
}

/** One direction, with all that decides it. */
export interface EdgeFacts {
  readonly holder: Side;
  readonly peer: Side;
  readonly endpoint: EndpointParameters;
  readonly vouched: Vouched;
  readonly stored: Stored;
  readonly refreshing: boolean;
  readonly options: PeerOptions;
  readonly memory: PlanMemory;
}

/**
 * Plans directions of trust. Peering peers again plans nothing.
 *
 * @throws {SpirefedError} `preflight`, when another object declares a peer otherwise, or
 * a repair needs a permission that is missing; `refused`, when a cluster is not in the
 * trust domain that was expected of it.
 */
export function planPeering(
  edges: readonly Edge[],
  facts: PeerFacts,
  options: PeerOptions,
): PeerPlan {
  for (const side of facts.sides.values()) requireExpected(side, options);
  const [steps, notes, failures]: [Step[], Note[], SpirefedError[]] = [[], [], []];
  const memory = new PlanMemory(facts);
  for (const edge of edges) {
    const edgeFacts = factsOf(edge, facts, { options, memory });
    notes.push(...notesOn(edgeFacts));
    try {
      steps.push(...planEdge(edgeFacts));
    } catch (error) {
      if (!(error instanceof SpirefedError)) throw error;
      failures.push(error);
    }
  }
  throwTogether(failures);
  return { steps, notes };
}

function factsOf(
  { holder: holderName, peer: peerName }: Edge,
  facts: PeerFacts,
  { options, memory }: Pick<EdgeFacts, "options" | "memory">,
): EdgeFacts {
  const [holder, peer] = [facts.sides.get(holderName), facts.sides.get(peerName)];
  const vouched = facts.vouched.get(peerName);
  if (holder === undefined || peer?.endpoint === undefined || vouched === undefined) {
    throw new Error(`no facts of ${holderName} and ${peerName}`);
  }
  return {
    holder,
    peer,
    endpoint: peer.endpoint,
    vouched,
    stored: facts.stored(holderName, peer.trustDomain),
    refreshing: facts.refreshing(holderName, peer.trustDomain),
    options,
    memory,
  };
}

function planEdge(facts: EdgeFacts): readonly Step[] {
  const [declared] = declaredFor(facts.holder, facts.peer.trustDomain);
  if (declared === undefined) return [planNew(facts)];
  return isEquivalent(declared, facts) ? planKnown(facts, declared) : [planMove(facts, declared)];
}

/** Nothing the controller minds declares this peer yet. */
function planNew(facts: EdgeFacts): ApplyStep {
  const { holder, peer, vouched, stored, options } = facts;
  const { object, taken } = wantedObject(facts);
  const asks: Ask[] = [];
  if (peer.trustDomain !== peer.ingressDomain && !options.expectTrustDomain.has(peer.cluster)) {
    asks.push(askUnexpectedTrustDomain(peer));
  }
  if (stored.state === "present") asks.push(...asksToReplace(facts, stored.bundle, true));
  if (taken !== undefined) {
    if (!options.adopt && !isOurs(taken)) throw declaredOtherwise(facts, taken);
    if (!isOurs(taken)) asks.push(askAdoption(holder, nameOf(taken), differencesOf(taken, facts)));
  }
  return {
    action: taken === undefined ? "create" : "update",
    cluster: holder.cluster,
    peer: peer.cluster,
    manifest: object,
    force: options.forceConflicts || (taken !== undefined && !isOurs(taken)),
    why: taken === undefined
      ? `${holder.cluster} does not trust ${peer.cluster} yet`
      : `${nameOf(taken)} is there, but spire-controller-manager does not mind it`,
    asks: [...asks, ...asksOnAuthorities(facts, vouched.bundle)],
  };
}

/** An object declares this peer, but at another place or under another name. */
function planMove(facts: EdgeFacts, declared: ClusterFederatedTrustDomain): ApplyStep {
  const { holder, peer, endpoint, vouched, stored, options } = facts;
  const ours = isOurs(declared);
  if (!ours && !options.adopt) throw declaredOtherwise(facts, declared);
  const differences = differencesOf(declared, facts);
  const held = stored.state === "present" ? stored.bundle : facts.memory.embeddedIn(declared);
  return {
    action: "update",
    cluster: holder.cluster,
    peer: peer.cluster,
    manifest: wantedObject(facts, declared).object,
    force: options.forceConflicts || !ours,
    why: `${peer.trustDomain} moved from ${declared.spec.bundleEndpointURL}`,
    asks: [
      ...ours ? [] : [askAdoption(holder, nameOf(declared), differences)],
      askMoved({ holder, peer, name: nameOf(declared) }, { before: differences, after: endpoint }),
      ...held === undefined ? [] : asksToReplace(facts, held, false),
      ...asksOnAuthorities(facts, vouched.bundle),
    ],
  };
}

/** An equivalent object is there, whoever made it: nothing to declare, perhaps something to mend. */
function planKnown(facts: EdgeFacts, declared: ClusterFederatedTrustDomain): readonly Step[] {
  const { holder, peer, stored } = facts;
  switch (stored.state) {
    case "absent":
      return [
        seedStep(facts, [], `${nameOf(declared)} is there, but its bundle was never stored`),
        ...refreshText(facts, declared),
      ];
    case "present": {
      const continuity = facts.memory.continuity(stored.bundle, facts);
      if (continuity.state !== "broken") return refreshText(facts, declared);
      return planRepair(facts, declared, { held: stored.bundle, continuity });
    }
    case "unknown": {
      const held = facts.memory.embeddedIn(declared);
      const broken = held !== undefined && facts.memory.continuity(held, facts).state === "broken";
      if (broken && !facts.refreshing) {
        throw needsExec(holder, peer.trustDomain, nameOf(declared));
      }
      return refreshText(facts, declared);
    }
  }
}

/** The stored bundle cannot authenticate the endpoint, the roots of the peer's own API can. */
function planRepair(
  facts: EdgeFacts,
  declared: ClusterFederatedTrustDomain,
  { held, continuity }: { readonly held: Bundle; readonly continuity: Continuity },
): readonly Step[] {
  const { holder, peer, vouched } = facts;
  const asks = [
    askRebootstrap({ holder, peer, unchanged: true }, { held, fresh: vouched.bundle, continuity }),
    ...asksOnAuthorities(facts, vouched.bundle),
  ];
  const why = `what ${holder.cluster} stores does not authenticate ${peer.trustDomain} any more`;
  return [
    seedStep(facts, asks, why),
    textStep(facts, declared, { why: `its text would bring the old bundle back`, asks }),
  ];
}

function seedStep(facts: EdgeFacts, asks: readonly Ask[], why: string): SetBundleStep {
  const { holder, peer, vouched } = facts;
  return {
    action: "exec",
    cluster: holder.cluster,
    peer: peer.cluster,
    trustDomain: peer.trustDomain,
    bundle: printBundle(vouched.bundle),
    why,
    asks: asks.length > 0 ? asks : asksOnAuthorities(facts, vouched.bundle),
  };
}

/** Writes the fresh bundle into the object's text, when that was asked for and it differs. */
function refreshText(facts: EdgeFacts, declared: ClusterFederatedTrustDomain): readonly Step[] {
  const { vouched, options, holder } = facts;
  if (!options.refreshEmbedded) return [];
  const held = facts.memory.embeddedIn(declared);
  if (held !== undefined && compareBundles(held, vouched.bundle).change === "same") return [];
  const ours = isOurs(declared);
  return [textStep(facts, declared, {
    why: `its text is not the bundle in use`,
    asks: [
      ...ours
        ? []
        : [askAdoption(holder, nameOf(declared), ["only its trustDomainBundle changes"])],
      ...held === undefined ? [] : asksToReplace(facts, held, true),
      ...asksOnAuthorities(facts, vouched.bundle),
    ],
  })];
}

function textStep(
  facts: EdgeFacts,
  declared: ClusterFederatedTrustDomain,
  { why, asks }: { readonly why: string; readonly asks: readonly Ask[] },
): ApplyStep {
  return {
    action: "update",
    cluster: facts.holder.cluster,
    peer: facts.peer.cluster,
    manifest: wantedObject(facts, declared).object,
    force: facts.options.forceConflicts || !isOurs(declared),
    why,
    asks,
  };
}

/** What to ask before a bundle takes another's place. */
function asksToReplace(facts: EdgeFacts, held: Bundle, unchanged: boolean): readonly Ask[] {
  const { holder, peer, vouched } = facts;
  const continuity = facts.memory.continuity(held, facts);
  if (continuity.state !== "kept") {
    return [
      askRebootstrap({ holder, peer, unchanged }, { held, fresh: vouched.bundle, continuity }),
    ];
  }
  return askUnusualChange(holder, held, vouched.bundle);
}

function asksOnAuthorities({ holder, peer, memory }: EdgeFacts, fresh: Bundle): readonly Ask[] {
  return askShared(peer, fresh, memory.authoritiesKnownTo(holder).sharedBy(fresh));
}

function requireExpected({ cluster, trustDomain }: Side, { expectTrustDomain }: PeerOptions): void {
  const expected = expectTrustDomain.get(cluster);
  if (expected === undefined || expected === trustDomain) return;
  throw new SpirefedError(
    "refused",
    `[${cluster}] is in trust domain ${trustDomain}, but ${expected} was expected of it`,
    {
      code: "trust/unexpected-trust-domain",
      remedy: `check which cluster the context ${cluster} leads to`,
    },
  );
}

function declaredOtherwise(facts: EdgeFacts, declared: ClusterFederatedTrustDomain): SpirefedError {
  const { holder, peer } = facts;
  const created = declared.metadata.creationTimestamp;
  return new SpirefedError(
    "preflight",
    `[${holder.cluster}] ${nameOf(declared)}${
      created === undefined ? "" : ` (created ${created})`
    } declares ${peer.trustDomain} otherwise and wins; ours would be ignored`,
    {
      code: "cfdt/declared-otherwise",
      cause: new Error(differencesOf(declared, facts).join("; ")),
      remedy: `oc spirefed peer ${holder.cluster} ${peer.cluster} --adopt`,
    },
  );
}

function needsExec(holder: Side, trustDomain: TrustDomain, name: string): SpirefedError {
  return new SpirefedError(
    "preflight",
    `[${holder.cluster}] trust in ${trustDomain} is stale: what ${name} carries does not authenticate its endpoint, and mending it needs create pods/exec`,
    {
      code: "permission/exec",
      remedy:
        `have somebody who may run: oc spirefed bundle fetch --context PEER | oc --context ${holder.cluster} exec -i -n zero-trust-workload-identity-manager spire-server-0 -c spire-server -- /spire-server bundle set -id spiffe://${trustDomain} -format spiffe`,
    },
  );
}
