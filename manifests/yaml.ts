/**
 * Prints Kubernetes objects as YAML that every reader takes for the same objects:
 * YAML 1.2 ones, and YAML 1.1 ones such as kubectl's.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import {
  CORE_SCHEMA,
  type Document,
  dump,
  load,
  SCALAR_STYLE,
  type ScalarNode,
  visit,
  YAML11_SCHEMA,
} from "js-yaml";
import type { Manifest } from "./manifest.ts";

/** What a terminal acts on or hides: none of it may stand in the text as it is. */
const UNPRINTABLE_REGEXP = /[\p{Cf}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Co}\u007f-\u009f]/gu;

/**
 * May begin what some reader takes for a number or a date (`0_x1f`, `2001-1-1`, a lone
 * dot), or for a mark between documents.
 */
const MISREADABLE_REGEXP = /^[-+._0-9]/;

/**
 * Prints objects, one YAML document each, `---` between them. The same objects give
 * the same bytes: keys are sorted, and nothing depends on time or place.
 *
 * The text is read back under the rules of YAML 1.2 and of YAML 1.1 before it is
 * answered, so that no name, URL or key ID can become something else on its way.
 *
 * @throws {Error} when a reader would see other objects: a bug.
 *
 * @example A trust domain that looks like a truth value stays a name
 * ```ts
 * import { printYaml } from "./yaml.ts";
 * import assert from "node:assert/strict";
 *
 * const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "on" } };
 * assert.match(printYaml([object]), /name: 'on'/);
 * ```
 */
export function printYaml(objects: readonly Manifest[]): string {
  return objects.map(printDocument).join("---\n");
}

function printDocument(object: Manifest): string {
  const plain: unknown = JSON.parse(JSON.stringify(object));
  const text = dump(plain, { lineWidth: -1, noRefs: true, transform: settle })
    .replace(UNPRINTABLE_REGEXP, escape);
  for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) {
    if (!isDeepStrictEqual(load(text, { schema }), plain)) {
      throw new Error("the YAML printed does not say what it should");
    }
  }
  return text;
}

function settle(documents: Document[]): void {
  visit(documents, (node) => {
    if (node.kind === "scalar") settleStyle(node);
    if (node.kind !== "mapping") return;
    node.items.sort(({ key: a }, { key: b }) => compare(keyOf(a), keyOf(b)));
  });
}

/** Decides where js-yaml's own choice could be misread, or would print what is not printable. */
function settleStyle(node: ScalarNode): void {
  if (node.tag !== "tag:yaml.org,2002:str") return;
  // A block that ends in an empty line would need a `...` behind it.
  const settled = node.value.search(UNPRINTABLE_REGEXP) >= 0 || /\n\s*\n$/.test(node.value);
  if (settled) node.style = SCALAR_STYLE.DOUBLE_QUOTED;
  else if (MISREADABLE_REGEXP.test(node.value) && !node.value.includes("\n")) {
    node.style = SCALAR_STYLE.SINGLE_QUOTED;
  }
}

function keyOf(node: { readonly kind: string; readonly value?: string }): string {
  return node.value ?? "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** All that needs it stands in double quotes by now, where YAML's escapes are understood. */
function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
