/**
 * Whether a cluster's bundle endpoint answers from here, and proves to be the cluster's
 * own under the roots that its API names.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { readApiRoots } from "../federation/api_roots.ts";
import { authenticateEndpoint, type EndpointAccess } from "../federation/authenticate_endpoint.ts";
import { readIdentity } from "../federation/inspect.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { isRecord } from "../../manifests/raw_object.ts";

/** How endpoints are reached, and by which clock certificates are judged. */
export type Probing = EndpointAccess;

/** What came of it. */
export type EndpointFacts =
  | { readonly state: "none"; readonly why: string }
  | {
    readonly state: "answers";
    readonly url: string;
    /** X.509 authorities that it serves. */
    readonly roots: number;
  }
  | { readonly state: "failed"; readonly failure: SpirefedError };

/** Goes to the endpoint as a peer would, where there is one. */
export async function probeEndpoint(
  cluster: Cluster,
  server: Manifest | undefined,
  probing: Probing,
): Promise<EndpointFacts> {
  const spec = server?.["spec"];
  if (!isRecord(spec)) return { state: "none", why: "SPIRE is not installed yet" };
  if (spec["federation"] === undefined) {
    return { state: "none", why: "SpireServer/cluster has no bundle endpoint yet" };
  }
  try {
    return await probe(cluster, probing);
  } catch (error) {
    if (!(error instanceof SpirefedError) || probing.signal.aborted) throw error;
    return { state: "failed", failure: error };
  }
}

/**
 * As {@linkcode probeEndpoint}, of an endpoint that has to be there.
 *
 * @throws {SpirefedError} saying what is in the way.
 */
export async function probe(
  cluster: Cluster,
  probing: Probing,
): Promise<Extract<EndpointFacts, { state: "answers" }>> {
  const { trustDomain, endpoint, bundleConfigMap } = await readIdentity(cluster);
  if (endpoint === undefined) {
    throw new SpirefedError("preflight", `[${cluster.name}] it has no bundle endpoint`, {
      code: "endpoint/disabled",
      remedy: `oc spirefed install ${cluster.name} --only endpoint`,
    });
  }
  const readRoots = async () =>
    (await readApiRoots(cluster, {
      trustDomain,
      configMap: bundleConfigMap,
      now: probing.now(),
      signal: probing.signal,
    })).bundle;
  const { bundle } = await authenticateEndpoint(
    { cluster: cluster.name, trustDomain, endpoint, readRoots, voucher: `${cluster.name}'s API` },
    probing,
  );
  return { state: "answers", url: endpoint.url, roots: bundle.x509Authorities.length };
}
