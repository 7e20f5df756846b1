/**
 * The verdict on a bundle that was read, and its canonical order.
 *
 * @module
 */
import type { Bundle, ParsedBundle } from "./model.ts";
import type { Problems } from "./problems.ts";

/** Puts the authorities in canonical order: X.509 ones oldest first, JWT ones by key ID. */
export function sortedBundle(bundle: Bundle): Bundle {
  const { trustDomain, x509Authorities, jwtAuthorities, sequence, refreshHint } = bundle;
  return {
    trustDomain,
    x509Authorities: x509Authorities.toSorted((one, other) =>
      one.notBefore.getTime() - other.notBefore.getTime() || compare(one.sha256, other.sha256)
    ),
    jwtAuthorities: jwtAuthorities.toSorted((one, other) => compare(one.kid, other.kid)),
    sequence,
    refreshHint,
  };
}

/** Says whether a bundle can be installed now, and why not. */
export function judgeBundle(
  bundle: Bundle,
  { now, refreshes, problems }: {
    readonly now: Date;
    readonly refreshes: boolean;
    readonly problems: Problems;
  },
): ParsedBundle {
  const { x509Authorities, jwtAuthorities } = bundle;
  const installs = x509Authorities.some(({ notBefore, notAfter }) =>
    notBefore <= now && now <= notAfter
  );
  if (x509Authorities.length + jwtAuthorities.length === 0) {
    const message = "The bundle holds no authority: every SVID of the trust domain is revoked";
    problems.error("bundle/empty", message, "/keys");
  } else if (x509Authorities.length === 0) {
    problems.error("bundle/no-x509-authority", "The bundle holds no X.509 authority", "/keys");
  } else if (!installs) {
    const message = `No X.509 authority of the bundle is valid at ${now.toISOString()}`;
    problems.error("bundle/expired", message, "/keys");
  }
  return { bundle, verdict: { installs, refreshes }, problems: problems.found };
}

/** By code unit, so that no locale changes the order. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
