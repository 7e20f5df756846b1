/**
 * The members that a ClusterFederatedTrustDomain may have, and what a wrong one was
 * probably meant to be.
 *
 * @module
 */
import type { Problem } from "../lib/spiffe/model.ts";

/** Members of `spec`. */
export const SPEC_FIELDS = [
  "trustDomain",
  "bundleEndpointURL",
  "bundleEndpointProfile",
  "trustDomainBundle",
  "className",
] as const;

/** Members of `spec.bundleEndpointProfile`. */
export const PROFILE_FIELDS = ["type", "endpointSPIFFEID"] as const;

/** Members of the object itself. */
export const OBJECT_FIELDS = ["apiVersion", "kind", "metadata", "spec", "status"] as const;

/**
 * One problem for each member that the kind does not have: the API server refuses
 * or drops it. SpireServer spells the same things otherwise (`bundleEndpointUrl`),
 * so a likely meaning is offered.
 */
export function unknownFields(
  record: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
): readonly Problem[] {
  return Object.keys(record).filter((name) => !known.includes(name)).map((name) => {
    const meant = closest(name, known);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    return {
      severity: "error",
      code: "cfdt/unknown-field",
      message: `There is no such field: ${JSON.stringify(name)}${hint}`,
      path: `${path}/${pointerToken(name)}`,
    };
  });
}

/** A member's name as a token of a JSON Pointer (RFC 6901, section 3). */
function pointerToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function closest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({
      candidate,
      distance: distance(name.slice(0, 64).toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= 3 ? best.candidate : undefined;
}

/** How many insertions, deletions and replacements lie between two words (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, character] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
