/**
 * What is asked for and can no longer be changed, over a whole stack. Pure.
 *
 * @module
 */
import { type Conflict, conflictsOf, spell } from "./changes.ts";
import type { ClusterFacts } from "./facts.ts";
import { valueOf } from "./reading.ts";
import type { Wanted } from "./wanted.ts";

/** Every conflict of a cluster. */
export function conflictsIn(
  { stack }: Pick<ClusterFacts, "stack">,
  wanted: Wanted | undefined,
): readonly Conflict[] {
  return (wanted?.stack ?? []).flatMap((object) => {
    const held = stack.get(object.kind);
    return held === undefined ? [] : conflictsOf(valueOf(held), object);
  });
}

/** `SpireServer/cluster: spec.persistence.size is 1Gi, wanted is 5Gi`. */
export function changeWords({ object, difference }: Conflict): string {
  return `${object}: ${spell(difference)}`;
}
