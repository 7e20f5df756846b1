/**
 * The committed bundles, and short ways to read variants of them.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { ParsedBundle } from "./model.ts";
import { parseBundle } from "./parse_bundle.ts";
import { parseTrustDomain } from "./trust_domain.ts";

/** A key of a bundle as plain data. */
export type Key = Readonly<Record<string, unknown>>;

/** A bundle as plain data. */
export interface BundleDocument extends Readonly<Record<string, unknown>> {
  readonly keys: readonly Key[];
}

/** The committed bundles, all of the trust domain `east.example`, all good until 2060. */
export const BUNDLES = ["p256", "rsa_with_jwt", "every_key_type", "every_extension", "unknown_use"];

/** When and for whom the tests read. */
export const READING = {
  trustDomain: parseTrustDomain("east.example"),
  now: new Date("2026-11-24T12:00:00Z"),
};

/** Bytes of a file below `testdata/`. */
export function testData(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`testdata/${name}`, import.meta.url)));
}

/** A committed bundle as plain data. */
export function document(name: string): BundleDocument {
  return JSON.parse(new TextDecoder().decode(testData(`bundles/${name}.json`)));
}

/** Parses text, or the JSON of a value, as the bundle of `east.example`. */
export function read(source: unknown): ParsedBundle {
  const text = typeof source === "string" ? source : JSON.stringify(source);
  return parseBundle(new TextEncoder().encode(text), READING);
}

/** The errors, each as `code path`. */
export function errors({ problems }: ParsedBundle): readonly string[] {
  return problems.filter(({ severity }) => severity === "error")
    .map(({ code, path }) => `${code} ${path}`);
}

/** The warnings, each as `code path`. */
export function warnings({ problems }: ParsedBundle): readonly string[] {
  return problems.filter(({ severity }) => severity === "warning")
    .map(({ code, path }) => `${code} ${path}`);
}
