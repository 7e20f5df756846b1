/**
 * Writing SPIFFE bundles.
 *
 * @module
 */
import { sortedBundle } from "./judge_bundle.ts";
import type { Bundle } from "./model.ts";

/**
 * Writes a bundle as the canonical SPIFFE document: JSON with sorted members
 * and two spaces of indentation, authorities in canonical order, a line feed at
 * the end. It depends on nothing but the bundle, reading it again gives the same
 * bundle, and both go-spiffe and SPIRE take it.
 */
export function printBundle(bundle: Bundle): string {
  const { x509Authorities, jwtAuthorities, sequence, refreshHint } = sortedBundle(bundle);
  const keys = [
    ...x509Authorities.map(({ der, jwk }) => ({
      ...jwk,
      use: "x509-svid",
      x5c: [der.toBase64()],
    })),
    ...jwtAuthorities.map(({ kid, jwk }) => ({ ...jwk, kid, use: "jwt-svid" })),
  ];
  const members = [`"keys": ${indent(JSON.stringify(keys.map(sortMembers), null, 2))}`];
  if (refreshHint !== undefined) members.push(`"spiffe_refresh_hint": ${refreshHint}`);
  // JSON.stringify knows no bigint.
  if (sequence !== undefined) members.push(`"spiffe_sequence": ${sequence}`);
  return `{\n  ${members.join(",\n  ")}\n}\n`;
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

function sortMembers(key: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(key).toSorted(([one], [other]) => one < other ? -1 : 1),
  );
}
