/**
 * What was worked out once and is asked for again: N² edges share N bundles, N
 * connections and, mostly, N embedded texts.
 *
 * @module
 */
import type { Bundle, TrustDomain } from "../spiffe/model.ts";
import { parseTrustDomain, printBundle } from "../spiffe/mod.ts";
import type { ClusterFederatedTrustDomain } from "../../manifests/cluster_federated_trust_domain.ts";
import { type Continuity, judgeContinuity, readEmbedded } from "./continuity.ts";
import type { EdgeFacts, PeerFacts } from "./peer/plan.ts";
import { AuthorityIndex } from "./shared_authorities.ts";
import type { Side } from "./side.ts";

/** Remembers for the time of one plan. */
export class PlanMemory {
  readonly #facts: PeerFacts;
  readonly #embedded = new Map<string, Bundle | undefined>();
  readonly #continuities = new Map<string, Continuity>();
  readonly #indexes = new Map<string, AuthorityIndex>();

  constructor(facts: PeerFacts) {
    this.#facts = facts;
  }

  /** The bundle in an object's text, when it can be read. */
  embeddedIn({ spec }: ClusterFederatedTrustDomain): Bundle | undefined {
    const text = spec.trustDomainBundle;
    if (text === undefined) return undefined;
    const key = `${spec.trustDomain}\n${text}`;
    if (!this.#embedded.has(key)) {
      const trustDomain = wellFormed(spec.trustDomain);
      this.#embedded.set(
        key,
        trustDomain && readEmbedded(text, { trustDomain, now: this.#facts.now }),
      );
    }
    return this.#embedded.get(key);
  }

  /** Whether the peer's endpoint authenticated itself under a bundle. */
  continuity(held: Bundle, { peer, vouched, endpoint }: EdgeFacts): Continuity {
    const key = `${peer.cluster}\n${printBundle(held)}`;
    const known = this.#continuities.get(key);
    if (known !== undefined) return known;
    const judged = judgeContinuity(held, vouched, { endpoint, now: this.#facts.now });
    this.#continuities.set(key, judged);
    return judged;
  }

  /** Every authority that this run knows of, and those that a holder declares or stores. */
  authoritiesKnownTo(holder: Side): AuthorityIndex {
    const known = this.#indexes.get(holder.cluster);
    if (known !== undefined) return known;
    const index = new AuthorityIndex();
    for (const { roots } of this.#facts.sides.values()) index.add(roots.bundle);
    for (const { bundle } of this.#facts.vouched.values()) index.add(bundle);
    for (const object of holder.declared) {
      const bundle = this.embeddedIn(object);
      if (bundle !== undefined) index.add(bundle);
      const trustDomain = wellFormed(object.spec.trustDomain);
      const stored = trustDomain && this.#facts.stored(holder.cluster, trustDomain);
      if (stored?.state === "present") index.add(stored.bundle);
    }
    this.#indexes.set(holder.cluster, index);
    return index;
  }
}

function wellFormed(text: string): TrustDomain | undefined {
  try {
    return parseTrustDomain(text);
  } catch {
    return undefined;
  }
}
