/**
 * Names of objects that stand for a trust domain.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The longest name of an object (RFC 1123 subdomain, as Kubernetes applies it). */
const MAX_LENGTH = 253;

const RFC_1123_REGEXP = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const HASHED_REGEXP = /^td-[0-9a-f]{64}$/;

/**
 * Names an object after a trust domain: by the trust domain itself where that is
 * an object's name, else by `td-` and its SHA-256. Not every trust domain is such a
 * name: `_` is allowed in one, and so are 255 characters. Two trust domains never
 * get one name: one that looks like a hashed name is hashed too.
 *
 * @example
 * ```ts
 * import { objectNameFor } from "./object_name.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(objectNameFor("apps.east.example"), "apps.east.example");
 * assert.match(objectNameFor("apps_east"), /^td-[0-9a-f]{64}$/);
 * ```
 */
export function objectNameFor(trustDomain: string): string {
  const fits = isObjectName(trustDomain) && !HASHED_REGEXP.test(trustDomain);
  return fits ? trustDomain : `td-${createHash("sha256").update(trustDomain).digest("hex")}`;
}

/** Whether the API server takes a text for the name of an object (RFC 1123 subdomain). */
export function isObjectName(text: string): boolean {
  return text.length <= MAX_LENGTH && RFC_1123_REGEXP.test(text);
}
