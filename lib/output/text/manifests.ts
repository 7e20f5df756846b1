/**
 * How Kubernetes objects are printed, so that they can be piped into
 * `oc apply -f -`.
 *
 * @module
 */
import { printYaml } from "../../../manifests/yaml.ts";
import { ascii } from "../printable.ts";
import type { ManifestsResult } from "../result.ts";

/** YAML, a document an object. */
export function renderManifestsYaml({ items }: ManifestsResult): string {
  return printYaml(items);
}

/** JSON: the object itself, or a List of several; plain ASCII, keys sorted. */
export function renderManifestsJson({ items }: ManifestsResult): string {
  const [only, ...more] = items;
  const whole = only !== undefined && more.length === 0
    ? only
    : { apiVersion: "v1", kind: "List", items };
  return `${ascii(JSON.stringify(sorted(JSON.parse(JSON.stringify(whole))), null, 2))}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, sorted(member)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
