/**
 * One cluster's bundle, known to be that cluster's: for `bundle fetch` and `cfdt gen`.
 *
 * @module
 */
import type { ClusterAccess, Context } from "../context.ts";
import type { ConnectTo } from "../endpoint/endpoint.ts";
import { SpirefedError } from "../errors.ts";
import type { Bundle, Problem, TrustDomain } from "../spiffe/model.ts";
import { readApiRoots } from "./api_roots.ts";
import { authenticateEndpoint, withRefreshHint } from "./authenticate_endpoint.ts";
import { judgeClock } from "./clock.ts";
import { type Identity, readIdentity } from "./inspect.ts";
import type { EndpointParameters } from "./side.ts";

/** How to read it. */
export interface AuthenticatedBundleOptions {
  readonly access: ClusterAccess;
  readonly source: "endpoint" | "api";
  readonly connectTo: readonly ConnectTo[];
}

/** A bundle with everything a ClusterFederatedTrustDomain for it needs. */
export interface AuthenticatedBundle {
  readonly trustDomain: TrustDomain;
  readonly bundle: Bundle;
  /** Where a peer polls it; what the cluster would have if it has none yet is not guessed. */
  readonly endpoint: EndpointParameters;
  readonly className: string;
  /** The endpoint's URL, or what in the API it was read from. */
  readonly source: string;
  /** What there is to say of the document as it was served. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a cluster's bundle: its API names the roots, the roots authenticate its
 * endpoint, and what the endpoint serves is answered.
 *
 * @throws {SpirefedError} `preflight` (5) or `refused` (4), naming the cluster.
 */
export async function authenticatedBundle(
  name: string,
  options: AuthenticatedBundleOptions,
  context: Context,
): Promise<AuthenticatedBundle> {
  const cluster = await context.openCluster(name, options.access);
  const identity = await readIdentity(cluster);
  const warning = judgeClock(cluster);
  if (warning !== undefined) context.stderr(`warning: ${warning}\n`);
  const { trustDomain, className } = identity;
  const endpoint = requireEndpoint(identity, name);
  const rootsQuery = {
    trustDomain,
    configMap: identity.bundleConfigMap,
    preferWhole: options.source === "api",
    signal: context.signal,
  };
  // A revoked authority stays in the ConfigMap: when in doubt the server itself is asked.
  const readRoots = async (doubted = false): Promise<{ bundle: Bundle; source: string }> =>
    await readApiRoots(cluster, {
      ...rootsQuery,
      preferWhole: rootsQuery.preferWhole || doubted,
      now: context.now(),
    });
  if (options.source === "api") {
    const { bundle, source } = await readRoots();
    return {
      trustDomain,
      bundle: withRefreshHint(bundle),
      endpoint,
      className,
      source,
      problems: [],
    };
  }
  const vouched = await authenticateEndpoint({
    cluster: name,
    trustDomain,
    endpoint,
    readRoots: async (again) => (await readRoots(again)).bundle,
    voucher: `${name}'s API`,
  }, { ...context, connectTo: options.connectTo });
  return { trustDomain, endpoint, className, ...vouched };
}

/**
 * The trust domain of a context, as the cluster itself says.
 *
 * @throws {SpirefedError} `preflight`, when it cannot be read.
 */
export async function trustDomainOfContext(
  name: string,
  access: ClusterAccess,
  context: Context,
): Promise<TrustDomain> {
  return (await readIdentity(await context.openCluster(name, access))).trustDomain;
}

function requireEndpoint({ endpoint }: Identity, name: string): EndpointParameters {
  if (endpoint !== undefined) return endpoint;
  throw new SpirefedError("preflight", `[${name}] SpireServer/cluster has no bundle endpoint`, {
    code: "endpoint/disabled",
    remedy: `oc spirefed peer ${name} OTHER enables it after asking; it cannot be disabled again`,
  });
}
