/**
 * What a ClusterFederatedTrustDomain is made of, from what the user holds.
 *
 * @module
 */
import type { Context } from "../../../lib/context.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import type { ParsedBundle, TrustDomain } from "../../../lib/spiffe/model.ts";
import { parseSpiffeId, trustDomainOf } from "../../../lib/spiffe/spiffe_id.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import { endpointUrlComplaint } from "../../../manifests/cluster_federated_trust_domain_url.ts";
import { readBundle, refusedBundle } from "../../bundle/read_bundle.ts";
import type { Invocation } from "../../command.ts";
import { refuseTogether, requiredFlag } from "../../required_flag.ts";
import type { Ingredients } from "./run.ts";
import type { spec } from "./spec.ts";

type Flags = Invocation<typeof spec>["flags"];

/**
 * Takes them from the flags and a bundle file; asks nobody.
 *
 * @throws {SpirefedError} `usage`, when a flag is missing or wrong, or the bundle would
 * not install.
 */
export async function fromFile(flags: Flags, context: Context): Promise<Ingredients> {
  const trustDomain = parseTrustDomain(
    requiredFlag(flags.trustDomain, "--trust-domain apps.east.example (or --context CTX)"),
  );
  const bundleEndpointURL = flags.endpointUrl ?? `https://federation.${trustDomain}`;
  requireEndpointUrl(bundleEndpointURL);
  const bundleEndpointProfile = profileOf(flags, trustDomain);
  const parsed = await bundleOf(flags, trustDomain, context);
  return {
    trustDomain,
    bundleEndpointURL,
    bundleEndpointProfile,
    bundle: parsed?.bundle,
    className: undefined,
    problems: [...parsed?.problems ?? [], ...elsewhere(bundleEndpointProfile, trustDomain)],
  };
}

async function bundleOf(
  { bundle: path, profile, at }: Flags,
  trustDomain: TrustDomain,
  context: Context,
): Promise<ParsedBundle | undefined> {
  if (path === undefined && profile === "https_web") return undefined;
  const file = {
    path: requiredFlag(path, "--bundle east.json"),
    trustDomain,
    now: at ?? context.now(),
  };
  const parsed = await readBundle(file, context);
  if (parsed.verdict.installs) return parsed;
  throw refusedBundle(file, parsed, "holds no bundle that would install");
}

function profileOf(
  { profile, endpointSpiffeId }: Flags,
  trustDomain: TrustDomain,
): Ingredients["bundleEndpointProfile"] {
  if (profile === "https_web") {
    refuseTogether("--profile https_web", { "--endpoint-spiffe-id": endpointSpiffeId });
    return { type: "https_web" };
  }
  const endpointSPIFFEID = parseSpiffeId(
    endpointSpiffeId ?? `spiffe://${trustDomain}/spire/server`,
  );
  return { type: "https_spiffe", endpointSPIFFEID };
}

function requireEndpointUrl(url: string): void {
  const complaint = endpointUrlComplaint(url);
  if (complaint === undefined) return;
  // Not repeated in the message: it may hold a password.
  throw new SpirefedError("usage", `Not the URL of a bundle endpoint: ${complaint}`, {
    code: "cfdt/endpoint-url",
    remedy: "give --endpoint-url https://HOST",
  });
}

function elsewhere(
  profile: Ingredients["bundleEndpointProfile"],
  trustDomain: TrustDomain,
): Ingredients["problems"] {
  if (profile.type === "https_web") return [];
  const owner = trustDomainOf(profile.endpointSPIFFEID);
  if (owner === trustDomain) return [];
  return [{
    severity: "warning",
    code: "cfdt/endpoint-id-elsewhere",
    message: `The endpoint's ID lies in ${owner}: that trust domain's bundle, not this one, ` +
      "has to authenticate the endpoint",
    path: "",
  }];
}
