/**
 * Roots that the user got elsewhere, by their SHA-256.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { Bundle } from "../spiffe/model.ts";

/**
 * Demands that every fingerprint given is that of an authority of a bundle. What the
 * bundle has instead is not shown: a person comparing would only copy it.
 *
 * @param fingerprints lower-case hexadecimal.
 * @throws {SpirefedError} `refused`, naming the fingerprint that is not there.
 */
export function requireFingerprints(bundle: Bundle, fingerprints: readonly string[]): void {
  const have = new Set(bundle.x509Authorities.map(({ sha256 }) => sha256));
  const missing = fingerprints.find((fingerprint) => !have.has(fingerprint));
  if (missing === undefined) return;
  throw new SpirefedError(
    "refused",
    `No root of ${bundle.trustDomain} has the SHA-256 that was expected: ${missing}`,
    {
      code: "trust/fingerprint",
      remedy: "ask the owner of the trust domain for the SHA-256 of a root, over another channel",
    },
  );
}

/**
 * Demands that nothing but expected roots is in a bundle that nobody vouches for: one
 * good root in a file says nothing of the others beside it.
 *
 * @throws {SpirefedError} `refused`.
 */
export function requireOnlyFingerprints(bundle: Bundle, fingerprints: readonly string[]): void {
  requireFingerprints(bundle, fingerprints);
  const others =
    bundle.x509Authorities.filter(({ sha256 }) => !fingerprints.includes(sha256)).length;
  if (others === 0) return;
  throw new SpirefedError(
    "refused",
    `The bundle of ${bundle.trustDomain} has ${others} more ${
      others === 1 ? "root" : "roots"
    } than were expected, and nothing vouches for them`,
    {
      code: "trust/fingerprint",
      remedy:
        "give --expect-fingerprint once for each root, or fetch the bundle over the cluster's API",
    },
  );
}
