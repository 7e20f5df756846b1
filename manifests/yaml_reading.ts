/**
 * Reads Kubernetes objects out of YAML or JSON that somebody else wrote.
 *
 * @module
 */
import {
  boolYaml11Tag,
  CORE_SCHEMA,
  floatCoreTag,
  intYaml11Tag,
  loadAll,
  nullYaml11Tag,
  YAMLException,
} from "js-yaml";
import { SpirefedError } from "../lib/errors.ts";
import { isRecord, type RawObject } from "./raw_object.ts";

/** One object of an input. */
export interface FoundObject {
  readonly object: RawObject;
  /** JSON Pointer to it in its document: empty, or `/items/3` in a List. */
  readonly path: string;
}

const SIZE_LIMIT = 8 * 1024 * 1024;

/** Plain words as kubectl's reader takes them: `on` is a truth value, `012` is ten, `1e2` a number. */
const KUBECTL_SCHEMA = CORE_SCHEMA.withTags(
  boolYaml11Tag,
  nullYaml11Tag,
  intYaml11Tag,
  floatCoreTag,
);

/**
 * Reads all documents of a file, YAML or JSON; Lists are taken apart. Aliases,
 * tags, duplicate keys and more than 8 MiB are refused.
 *
 * @param source the file's name, for messages.
 *
 * @throws {SpirefedError} of kind `usage`, naming file, line and column.
 *
 * @example
 * ```ts
 * import { readManifests } from "./yaml_reading.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = new TextEncoder().encode("kind: A\n---\nkind: B\n");
 * assert.deepEqual(readManifests(bytes, "two.yaml").map(({ object }) => object.kind), ["A", "B"]);
 * ```
 */
export function readManifests(bytes: Uint8Array, source: string): readonly FoundObject[] {
  return loadDocuments(decode(bytes, source), source).flatMap((document, index) => {
    if (document === null) return []; // nothing but comments between two marks
    if (!isRecord(document)) {
      throw unreadable(`${source}: document ${index + 1} is not an object`);
    }
    return takeApart(document);
  });
}

function decode(bytes: Uint8Array, source: string): string {
  if (bytes.length > SIZE_LIMIT) {
    throw unreadable(`${source} is larger than ${SIZE_LIMIT / 1024 / 1024} MiB`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(`${source} is not UTF-8 text`, cause);
  }
}

function loadDocuments(text: string, source: string): readonly unknown[] {
  try {
    return loadAll(text, { schema: KUBECTL_SCHEMA, maxAliases: 0 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw unreadable(`${source} cannot be read`, error);
    const { mark, reason } = error;
    const place = mark === undefined ? source : `${source}:${mark.line + 1}:${mark.column + 1}`;
    throw unreadable(`${place}: ${inOurWords(reason)}`);
  }
}

function inOurWords(reason: string): string {
  return reason.startsWith("aliases exceeded") ? "YAML aliases are not read" : reason;
}

function takeApart(document: RawObject): readonly FoundObject[] {
  const { kind, items } = document;
  const isList = typeof kind === "string" && kind.endsWith("List") && Array.isArray(items);
  if (!isList) return [{ object: document, path: "" }];
  return items.map((item, index) => ({
    object: isRecord(item) ? item : {},
    path: `/items/${index}`,
  }));
}

function unreadable(message: string, cause?: unknown): SpirefedError {
  return new SpirefedError("usage", message, { code: "input/unreadable", cause });
}
