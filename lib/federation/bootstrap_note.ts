/**
 * How long a bundle that is kept in a file can begin trust.
 *
 * @module
 */
import { rfc3339 } from "../output/rfc3339.ts";
import type { Bundle } from "../spiffe/model.ts";

/**
 * Authorities are replaced before they expire, and an endpoint that has gone over to
 * a new one is not authenticated by the old ones: the last expiry is the latest end.
 *
 * @returns `undefined` for a bundle without X.509 authorities.
 */
export function bootstrapNote({ x509Authorities, trustDomain }: Bundle): string | undefined {
  if (x509Authorities.length === 0) return undefined;
  const last = new Date(Math.max(...x509Authorities.map(({ notAfter }) => notAfter.getTime())));
  return `this bundle bootstraps until ${rfc3339(last)} at the latest (its last authority ` +
    `expires), or until ${trustDomain} replaces its authorities before that`;
}
