/**
 * An authority that vouches for two trust domains can forge identities of both
 * (Trust Domain and Bundle, section 6.2), so it is never let in silently.
 *
 * @module
 */
import type { Bundle, TrustDomain } from "../spiffe/model.ts";

/** Which trust domains each X.509 authority is known to vouch for, by SHA-256. */
export class AuthorityIndex {
  readonly #trustDomains = new Map<string, Set<TrustDomain>>();

  /** Notes that a bundle's authorities vouch for its trust domain. */
  add({ trustDomain, x509Authorities }: Bundle): void {
    for (const { sha256 } of x509Authorities) {
      const known = this.#trustDomains.get(sha256);
      if (known === undefined) this.#trustDomains.set(sha256, new Set([trustDomain]));
      else known.add(trustDomain);
    }
  }

  /** The authorities of a bundle that also vouch for another trust domain, with that one. */
  sharedBy({ trustDomain, x509Authorities }: Bundle): { sha256: string; with: TrustDomain }[] {
    return x509Authorities.flatMap(({ sha256 }) =>
      [...this.#trustDomains.get(sha256) ?? []]
        .filter((other) => other !== trustDomain)
        .map((other) => ({ sha256, with: other }))
    );
  }
}
