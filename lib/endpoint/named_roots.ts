/**
 * Roots that the user named by their SHA-256, taken out of what an endpoint serves
 * before it is authenticated: a hash says which certificate it is, whoever sends it.
 * The endpoint must then prove itself under them like under any other root.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { parseBundle, parseSpiffeId, trustDomainOf } from "../spiffe/mod.ts";
import type { SvidProfile } from "./svid_authentication.ts";

/**
 * The profile with the authorities of a served bundle that were named, and no others.
 *
 * @throws {SpirefedError} `refused`, when none of them is there. What is there instead
 * is not shown: a person comparing would only copy it.
 */
export function withNamedRoots(
  profile: SvidProfile,
  body: Uint8Array | undefined,
  { shown, now }: { readonly shown: string; readonly now: Date },
): SvidProfile {
  const trustDomain = trustDomainOf(parseSpiffeId(profile.endpointSPIFFEID));
  const served = body && parseBundle(body, { trustDomain, now }).bundle;
  const authorities = (served?.x509Authorities ?? [])
    .filter(({ sha256 }) => profile.fingerprints?.includes(sha256))
    .map(({ der }) => der);
  if (authorities.length > 0) return { ...profile, authorities };
  throw new SpirefedError(
    "refused",
    `${shown}: it serves no root of ${trustDomain} with the SHA-256 that was expected`,
    {
      code: "trust/fingerprint",
      remedy: "ask the owner of the trust domain for the SHA-256 of a root, over another channel",
    },
  );
}

/** Whether a profile has nothing but names of roots to go by. */
export function isNamedOnly(profile: SvidProfile): boolean {
  return profile.authorities.length === 0 && (profile.fingerprints ?? []).length > 0;
}
