/**
 * What became of a bundle.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { AuthorityName, Bundle, BundleChange, ChangeKind, Problem } from "./model.ts";
import { printBundle } from "./print_bundle.ts";

/**
 * Compares what is held with what is offered. `advice` says whether the new
 * bundle may simply be taken, or a person has to look: when everything was
 * revoked, when it is older, and when no X.509 authority connects it with the old one.
 *
 * A JWT authority whose key changed under an unchanged key ID is both removed
 * and added.
 *
 * @throws {SpirefedError} of kind `usage` when the trust domains differ.
 */
export function compareBundles(old: Bundle, offered: Bundle): BundleChange {
  if (old.trustDomain !== offered.trustDomain) {
    const message = `Bundles of two trust domains: ${old.trustDomain} and ${offered.trustDomain}`;
    throw new SpirefedError("usage", message, {
      code: "bundle/other-trust-domain",
      remedy: "compare two bundles of one trust domain",
    });
  }
  const before = authorities(old);
  const after = authorities(offered);
  const parts = {
    added: named(after, (key) => !before.has(key)),
    removed: named(before, (key) => !after.has(key)),
    kept: named(after, (key) => before.has(key)),
  };
  const change = changeKind(old, offered, parts);
  return {
    ...parts,
    sequence: { old: old.sequence, new: offered.sequence },
    change,
    advice: adviceOn(change),
    problems: sequenceProblems(old, offered, change),
  };
}

type Parts = Pick<BundleChange, "added" | "removed" | "kept">;

/** Authorities under a key that also stands for their material. */
function authorities(bundle: Bundle): ReadonlyMap<string, AuthorityName> {
  return new Map<string, AuthorityName>([
    ...bundle.x509Authorities.map(({ sha256 }) =>
      [`x509 ${sha256}`, { use: "x509-svid", sha256 }] as const
    ),
    ...bundle.jwtAuthorities.map(({ kid, jwk }) => {
      const material = JSON.stringify(Object.entries(jwk).toSorted());
      return [`jwt ${material} ${kid}`, { use: "jwt-svid", kid }] as const;
    }),
  ]);
}

function named(
  all: ReadonlyMap<string, AuthorityName>,
  belongs: (key: string) => boolean,
): readonly AuthorityName[] {
  return [...all].filter(([key]) => belongs(key)).map(([, name]) => name);
}

/** The first that matches. */
function changeKind(old: Bundle, offered: Bundle, { added, removed, kept }: Parts): ChangeKind {
  if (added.length + kept.length === 0) return "revoked-all";
  if (printBundle(old) === printBundle(offered)) return "same";
  if (
    old.sequence !== undefined && offered.sequence !== undefined && offered.sequence < old.sequence
  ) return "rolled-back";
  if (!kept.some(({ use }) => use === "x509-svid")) return "disjoint";
  if (added.length > 0 && removed.length > 0) return "rotated";
  if (added.length > 0) return "added";
  return removed.length > 0 ? "removed" : "metadata-only";
}

function adviceOn(change: ChangeKind): BundleChange["advice"] {
  if (change === "same") return "nothing";
  return change === "revoked-all" || change === "rolled-back" || change === "disjoint"
    ? "confirm"
    : "apply";
}

/** Trust Domain and Bundle, 4.1.1: the sequence must change with the contents. */
function sequenceProblems(
  old: Bundle,
  offered: Bundle,
  change: ChangeKind,
): readonly Problem[] {
  const isUnchanged = old.sequence !== undefined && old.sequence === offered.sequence;
  if (change === "same" || !isUnchanged || printBundle(old) === printBundle(offered)) return [];
  const message = `The contents changed under the unchanged sequence ${old.sequence}`;
  return [{
    severity: "warning",
    code: "bundle/sequence-unchanged",
    message,
    path: "/spiffe_sequence",
  }];
}
