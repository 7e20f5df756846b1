/**
 * One visit to a cluster's bundle endpoint, authenticated by the roots that its own API
 * names. What it served is judged later.
 *
 * @module
 */
import type { ConnectTo, FetchBundle } from "../../endpoint/endpoint.ts";
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import { parametersOf } from "../inspect.ts";
import { bundleFact } from "./declaration.ts";
import type { ClusterFacts, EndpointFact } from "./facts.ts";
import { at } from "./observation.ts";
import type { KnownRoots } from "./collect_facts.ts";
import { itemsOf } from "./section.ts";

/** How endpoints are reached. */
export interface EndpointReach {
  readonly fetchBundle: FetchBundle;
  readonly connectTo: readonly ConnectTo[];
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** What is known of its cluster by now. */
export interface Known {
  readonly objects: ClusterFacts["objects"];
  readonly roots: KnownRoots;
  readonly trustDomain: TrustDomain | undefined;
}

/** Where a cluster's endpoint is, by its objects; `undefined` when it has none. */
export function endpointIn(
  objects: ClusterFacts["objects"],
  trustDomain: TrustDomain,
): ReturnType<typeof parametersOf> | undefined {
  const [server] = itemsOf(objects["server"]);
  const federation = at(server?.kept, "spec", "federation");
  if (federation === undefined) return undefined;
  const route = itemsOf(objects["routes"]).find(({ name }) => name === "spire-server-federation");
  const host = at(route?.kept, "spec", "host");
  const profile = at(federation, "bundleEndpoint", "profile");
  return parametersOf(trustDomain, {
    host: typeof host === "string" ? host : undefined,
    profile: typeof profile === "string" ? profile : undefined,
  });
}

/** Goes there once. */
export async function collectEndpoint(
  { objects, roots, trustDomain }: Known,
  reach: EndpointReach & { readonly at: Date },
): Promise<EndpointFact | undefined> {
  const endpoint = trustDomain && endpointIn(objects, trustDomain);
  if (endpoint === undefined || trustDomain === undefined || roots.roots === undefined) {
    return undefined;
  }
  const started = reach.now().getTime();
  try {
    const { body, chain } = await reach.fetchBundle({
      url: endpoint.url,
      profile: endpoint.spiffeId === undefined ? { type: "https_web" } : {
        type: "https_spiffe",
        endpointSPIFFEID: endpoint.spiffeId,
        authorities: roots.roots.x509Authorities.map(({ der }) => der),
      },
      connectTo: reach.connectTo,
      now: reach.now(),
      signal: reach.signal,
    });
    return {
      state: "answered",
      url: endpoint.url,
      bundle: bundleFact(body, trustDomain, reach.at),
      chain: chain.map((der) => der.toBase64()),
      milliseconds: reach.now().getTime() - started,
    };
  } catch (error) {
    reach.signal.throwIfAborted();
    if (!(error instanceof SpirefedError)) throw error;
    const { code = "failed", message } = error;
    return { state: "failed", url: endpoint.url, code, why: printable(message, 500) };
  }
}
