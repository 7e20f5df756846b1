/**
 * What a practice cluster's API server lets be read: permissions, selectors, lists.
 *
 * @module
 */
import type { Manifest } from "../manifests/manifest.ts";
import { isServed } from "./definitions.ts";
import { type Kind, resourceName, storeKey } from "./kinds.ts";
import type { ClusterState, Status } from "./model.ts";
import { forbidden, notFound, refused } from "./statuses.ts";

/** Which object, by kind and name. */
export interface Place {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Whether the user may do it; asked by every verb and by SelfSubjectAccessReview. */
export function isAllowed(
  state: ClusterState,
  verb: string,
  resource: string,
  { onWrite = false } = {},
): boolean {
  // Whoever lacks anything may not do everything.
  if (resource === "*") return state.denied.every(({ onlyOnWrite }) => onlyOnWrite === true);
  return !state.denied.some((denial) =>
    (denial.verb === "*" || denial.verb === verb) && denial.resource === resource &&
    (onWrite || denial.onlyOnWrite !== true)
  );
}

/** One object, or why not. */
export function readObject(state: ClusterState, place: Place): Manifest | Status {
  const { kind, name } = place;
  const closed = closedFor(state, "get", kind);
  if (closed !== undefined) return closed;
  return state.objects.get(keyOf(place))?.manifest ?? notFound(kind, name);
}

/** All objects of a kind, in the order of their names, or why not. */
export function listObjects(
  state: ClusterState,
  kind: Kind,
  { namespace, labelSelector = "", verb = "list" }: {
    readonly namespace?: string | undefined;
    readonly labelSelector?: string | undefined;
    readonly verb?: "list" | "watch";
  },
): readonly Manifest[] | Status {
  const closed = closedFor(state, verb, kind);
  if (closed !== undefined) return closed;
  const prefix = namespace === undefined ? `${kind.plural}/` : `${kind.plural}/${namespace}/`;
  return [...state.objects].filter(([key, { manifest }]) =>
    key.startsWith(prefix) && selects(labelSelector, manifest)
  ).sort(([a], [b]) => a < b ? -1 : 1).map(([, { manifest }]) => manifest);
}

/** Whether a label selector of `name`, `name=value` and `name!=value` terms selects an object. */
export function selects(selector: string, { metadata }: Manifest): boolean {
  return selector.split(",").filter((term) => term.trim() !== "").every((term) => {
    const [, name = "", not = "", value] = /^\s*([^=!\s]+)\s*(?:(!?)==?\s*(\S*))?\s*$/.exec(term) ??
      [];
    const held = metadata.labels?.[name];
    return value === undefined ? held !== undefined : (held === value) !== (not === "!");
  });
}

/** Why a verb is refused: the kind is not served, or the user may not. */
export function closedFor(
  state: ClusterState,
  verb: string,
  kind: Kind,
  onWrite = false,
): Status | undefined {
  if (!isServed(state, kind)) {
    return refused(404, "NotFound", "the server could not find the requested resource");
  }
  return isAllowed(state, verb, kind.plural, { onWrite })
    ? undefined
    : forbidden(verb, resourceName(kind), kind.group);
}

/** Under which key the store holds an object. */
export function keyOf({ kind, name, namespace }: Place): string {
  return storeKey(kind.plural, name, kind.namespaced ? namespace : "");
}
