/**
 * Cuts objects down to what may be kept of them, as they arrive.
 *
 * @module
 */
import { isRecord, type RawObject } from "../../../manifests/raw_object.ts";
import type { Observation } from "./facts.ts";
import { redactText } from "./redact_text.ts";

/** The labels that say something to this program. */
const LABELS_REGEXP =
  /^(app\.kubernetes\.io\/(name|managed-by|component)|spirefed\/[\w-]+|name|security\.openshift\.io\/csi-ephemeral-volume-profile|pod-security\.kubernetes\.io\/enforce)$/;

const STRING_LIMIT = 4_096;
const LIST_LIMIT = 2_000;
const DEPTH_LIMIT = 16;

/**
 * Cuts an object down to what may be kept.
 *
 * @throws {Error} when it is no object, or has no name.
 */
export function observe(
  object: unknown,
  { keep, project }: {
    readonly keep: readonly string[];
    readonly project?: ((object: RawObject) => RawObject) | undefined;
  },
): Observation {
  if (!isRecord(object) || !isRecord(object["metadata"])) throw new Error("not an object");
  const { metadata, kind } = object;
  if (typeof metadata["name"] !== "string") throw new Error("metadata.name: it has no name");
  const text = (value: unknown): string | undefined =>
    typeof value === "string" ? clean(value) as string : undefined;
  const generation = metadata["generation"];
  return {
    kind: String(kind ?? "").slice(0, 100),
    name: metadata["name"].slice(0, 300),
    namespace: text(metadata["namespace"]),
    uid: text(metadata["uid"]),
    created: text(metadata["creationTimestamp"]),
    deleted: text(metadata["deletionTimestamp"]),
    generation: typeof generation === "number" ? generation : undefined,
    labels: labelsOf(metadata["labels"]),
    kept: clean(project === undefined ? pick(object, keep) : project(object)) as RawObject,
  };
}

function labelsOf(labels: unknown): Record<string, string> {
  if (!isRecord(labels)) return {};
  return Object.fromEntries(
    Object.entries(labels).filter((label): label is [string, string] =>
      LABELS_REGEXP.test(label[0]) && typeof label[1] === "string"
    ).map(([name, value]) => [name, value.slice(0, 100)]),
  );
}

/** A member of a member of… whatever. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => isRecord(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined,
    value,
  );
}

/** The members named, and what is in them; a list is passed through to its items. */
function pick(object: RawObject, paths: readonly string[]): RawObject {
  const byFirst = Map.groupBy(paths.map((path) => path.split(".")), ([first = ""]) => first);
  const kept: Record<string, unknown> = {};
  for (const [name, own] of byFirst) {
    if (!Object.hasOwn(object, name)) continue;
    const deeper = own.map(([, ...rest]) => rest.join(".")).filter((rest) => rest !== "");
    const value = object[name];
    if (deeper.length < own.length) kept[name] = value;
    else if (isRecord(value)) kept[name] = pick(value, deeper);
    else if (Array.isArray(value)) {
      kept[name] = value.filter(isRecord).map((item) => pick(item, deeper));
    }
  }
  return kept;
}

/** Every text redacted and bounded. */
function clean(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value.slice(0, STRING_LIMIT));
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (depth > DEPTH_LIMIT) return undefined;
  if (Array.isArray(value)) return value.slice(0, LIST_LIMIT).map((item) => clean(item, depth + 1));
  if (!isRecord(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.slice(0, 300), clean(inner, depth + 1)]),
  );
}
