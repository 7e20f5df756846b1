/**
 * What has to be known about a bundle before it is kept in a file.
 *
 * @module
 */
import { rfc3339 } from "../../../lib/output/rfc3339.ts";
import type { Bundle } from "../../../lib/spiffe/model.ts";

/** A line each, printable only after `printable()`. */
export function notesOn(bundle: Bundle, defaultHint: number): readonly string[] {
  const hint = bundle.refreshHint === undefined
    ? [`the bundle had no refresh hint; ${defaultHint} s was written into it`]
    : [];
  return [...hint, ...bootstrapNote(bundle)];
}

/**
 * Authorities are replaced before they expire, and an endpoint that has gone over to
 * a new one is not authenticated by the old ones: the last expiry is the latest end.
 */
function bootstrapNote({ x509Authorities, trustDomain }: Bundle): readonly string[] {
  if (x509Authorities.length === 0) return [];
  const last = new Date(Math.max(...x509Authorities.map(({ notAfter }) => notAfter.getTime())));
  return [
    `this bundle bootstraps until ${rfc3339(last)} at the latest (its last authority ` +
    `expires), or until ${trustDomain} replaces its authorities before that`,
  ];
}
