/**
 * A bundle from an endpoint whose cluster there is no context for: it must prove
 * itself under a bundle that the user holds, or under a root that the user can name.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { Bundle, Problem, SpiffeId, TrustDomain } from "../spiffe/model.ts";
import { compareBundles, parseBundle, trustDomainOf } from "../spiffe/mod.ts";
import { unusualChange } from "./asks.ts";
import type { EndpointAccess } from "./authenticate_endpoint.ts";
import { withRefreshHint } from "./authenticate_endpoint.ts";
import { refusedWith } from "./refusals.ts";

/** Which endpoint, and what it must prove itself under. */
export interface KnownEndpoint {
  readonly url: string;
  readonly trustDomain: TrustDomain;
  readonly endpointId: SpiffeId;
  /** Of the trust domain that `endpointId` is in; absent, `fingerprints` must do. */
  readonly known: Bundle | undefined;
  /** SHA-256 of roots that the user got elsewhere. */
  readonly fingerprints: readonly string[];
}

/** What came of it. */
export interface KnownEndpointAnswer {
  readonly bundle: Bundle;
  /** What there is to say of the document as it was served. */
  readonly problems: readonly Problem[];
  /** Why the new bundle must not take the known one's place without a look; empty when it may. */
  readonly confirm: string | undefined;
}

/**
 * Fetches a bundle over https_spiffe under what is held or named already.
 *
 * @throws {SpirefedError} `refused`, when the endpoint does not prove itself or serves what
 * may not be trusted; `preflight`, when it cannot be reached or answers no bundle.
 */
export async function fetchKnown(
  { url, trustDomain, endpointId, known, fingerprints }: KnownEndpoint,
  access: EndpointAccess,
): Promise<KnownEndpointAnswer> {
  const answer = await access.fetchBundle({
    url,
    profile: {
      type: "https_spiffe",
      endpointSPIFFEID: endpointId,
      authorities: (known?.x509Authorities ?? []).map(({ der }) => der),
      ...(known === undefined ? { fingerprints } : {}),
    },
    connectTo: access.connectTo,
    now: access.now(),
    signal: access.signal,
  });
  const { bundle, verdict, problems } = parseBundle(answer.body, {
    trustDomain,
    now: access.now(),
  });
  if (bundle === undefined) {
    const { message, code } = refusedWith(problems, `${url} answered no usable bundle`);
    throw new SpirefedError("preflight", message, { code });
  }
  if (!verdict.installs) {
    throw refusedWith(problems, `${url} serves a bundle that may not be trusted`);
  }
  const comparable = known !== undefined && trustDomainOf(endpointId) === trustDomain;
  return {
    bundle: withRefreshHint(bundle),
    problems,
    confirm: comparable && compareBundles(known, bundle).advice === "confirm"
      ? unusualChange(known, bundle)
      : undefined,
  };
}
