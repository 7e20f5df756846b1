/**
 * Chains: leaves, intermediates and roots of every oddity, also spoilt.
 *
 * @module
 */
import { BUNDLES, document } from "../../lib/spiffe/testing_bundles.ts";
import {
  bundleOf,
  EAST,
  KEYS,
  type Minted,
  NOW,
  root,
} from "../../lib/spiffe/testing_certificates.ts";
import { parseTrustDomain } from "../../lib/spiffe/trust_domain.ts";
import { verifySvid } from "../../lib/spiffe/verify_svid.ts";
import { spoilDer } from "./der_mutations.ts";
import { Dice } from "./dice.ts";
import { type Family, mintFamily } from "./families.ts";
import type { Case } from "./suite.ts";

const NO_AUTHORITY = {
  x509Authorities: [],
  jwtAuthorities: [],
  sequence: undefined,
  refreshHint: undefined,
};

/** Certificates of many kinds. */
export async function someCertificates(): Promise<readonly Uint8Array[]> {
  const dice = new Dice(1);
  const found: Uint8Array[] = BUNDLES.flatMap((name) =>
    document(name).keys.flatMap(({ x5c }) =>
      Array.isArray(x5c) ? [Uint8Array.fromBase64(String(x5c[0]))] : []
    )
  );
  for (const key of ["p256", "p384", "p521", "rsa", "pss", "ed25519", "sha1"] as const) {
    if (key in KEYS) found.push((await root({ key })).der);
  }
  for (let n = 0; n < 10; n++) {
    const { roots, middles, leaves } = await mintFamily(dice);
    found.push(...[...roots, ...middles, ...leaves].map(({ der }) => der));
  }
  return found;
}

/** Seeded chains; the shapes come back with the seed, the keys are new each time. */
export async function svidCases(count: number, seed: number): Promise<readonly Case[]> {
  const dice = new Dice(seed);
  const cases: Case[] = [];
  while (cases.length < count) {
    const family = await mintFamily(dice);
    for (let n = 0; n < 24; n++) {
      const roots = family.roots.filter(() => !dice.oneIn(6));
      const trustDomain = dice.oneIn(10) ? parseTrustDomain("west.example") : EAST;
      cases.push(svidCase(chainOf(family, dice), { roots, trustDomain }));
    }
  }
  return cases;
}

function chainOf({ roots, middles, leaves }: Family, dice: Dice): readonly Uint8Array[] {
  if (dice.oneIn(30)) return [];
  const rest = middles.filter(() => !dice.oneIn(6)).map(({ der }) => der);
  if (dice.oneIn(2)) rest.reverse();
  if (dice.oneIn(8)) rest.push(dice.pick(roots).der);
  const chain = [dice.pick(leaves).der, ...rest];
  return dice.oneIn(5) ? chain.map((der) => dice.oneIn(2) ? spoilDer(der, dice) : der) : chain;
}

function svidCase(
  chain: readonly Uint8Array[],
  { roots, trustDomain }: { readonly roots: readonly Minted[]; readonly trustDomain: typeof EAST },
): Case {
  const authorities = roots.length === 0 ? NO_AUTHORITY : bundleOf(...roots);
  const bundle = { ...authorities, trustDomain };
  const { id, problems } = verifySvid(chain, { bundle, trustDomain, now: NOW });
  const errors = problems.filter(({ severity }) => severity === "error").map(({ code }) => code);
  return {
    question: { kind: "svid", chain, roots: roots.map(({ der }) => der), trustDomain, at: NOW },
    part: "go-spiffe",
    refusal: errors.length === 0 ? undefined : [...new Set(errors)].toSorted().join(" + "),
    contradictions: ({ "go-spiffe": said }) =>
      said?.facts === id
        ? []
        : [`go-spiffe reads the ID ${JSON.stringify(said?.facts)}, ours is ${id}`],
  };
}
