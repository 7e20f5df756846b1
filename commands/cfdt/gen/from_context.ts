/**
 * What a ClusterFederatedTrustDomain is made of, from the cluster itself.
 *
 * @module
 */
import type { Context } from "../../../lib/context.ts";
import { parseConnectTo } from "../../../lib/endpoint/connect_to.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import type { TrustDomain } from "../../../lib/spiffe/model.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import { clusterAccess } from "../../cluster_access.ts";
import type { Invocation } from "../../command.ts";
import { refuseTogether } from "../../required_flag.ts";
import type { Ingredients } from "./run.ts";
import type { spec } from "./spec.ts";

type Flags = Invocation<typeof spec>["flags"];

/**
 * Reads them over the cluster's API, and authenticates its endpoint by it.
 *
 * @throws {SpirefedError} `refused` (4), when the endpoint or the trust domain is not the
 * one expected; `preflight` (5), when something cannot be read.
 */
export async function fromContext(
  name: string,
  flags: Flags,
  context: Context,
): Promise<Ingredients> {
  refuseTogether("--context", {
    "--bundle": flags.bundle,
    "--endpoint-url": flags.endpointUrl,
    "--endpoint-spiffe-id": flags.endpointSpiffeId,
    "--profile": flags.profile,
    "--at": flags.at,
  });
  const expected = flags.trustDomain === undefined
    ? undefined
    : parseTrustDomain(flags.trustDomain);
  const { authenticatedBundle } = await import("../../../lib/federation/authenticated_bundle.ts");
  const { endpoint, ...found } = await authenticatedBundle(name, {
    access: clusterAccess(flags, context),
    source: flags.source,
    connectTo: parseConnectTo(flags.connectTo),
  }, context);
  requireExpected({ name, found: found.trustDomain, expected });
  return {
    trustDomain: found.trustDomain,
    bundleEndpointURL: endpoint.url,
    bundleEndpointProfile: endpoint.spiffeId === undefined
      ? { type: "https_web" }
      : { type: "https_spiffe", endpointSPIFFEID: endpoint.spiffeId },
    bundle: found.bundle,
    className: found.className,
    problems: found.problems,
  };
}

function requireExpected({ name, found, expected }: {
  readonly name: string;
  readonly found: TrustDomain;
  readonly expected: TrustDomain | undefined;
}): void {
  if (expected === undefined || expected === found) return;
  throw new SpirefedError(
    "refused",
    `[${name}] is in trust domain ${found}, but ${expected} was expected of it`,
    {
      code: "trust/unexpected-trust-domain",
      remedy: `check which cluster the context ${name} leads to`,
    },
  );
}
