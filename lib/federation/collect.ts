/**
 * Gathers what a plan is made from, over all clusters side by side: one fetch of
 * each endpoint, one listing of each server's bundles, however many edges there are.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { Bundle, TrustDomain } from "../spiffe/model.ts";
import { parseBundle } from "../spiffe/mod.ts";
import { readApiRoots } from "./api_roots.ts";
import {
  authenticateEndpoint,
  type EndpointAccess,
  withRefreshHint,
} from "./authenticate_endpoint.ts";
import { declaredFor } from "./declared.ts";
import type { Edge } from "./edge.ts";
import type { PeerFacts } from "./peer/plan.ts";
import { findRefresh, presentSince } from "./refresh_log.ts";
import type { Side, Stored, Vouched } from "./side.ts";
import { allSideBySide } from "./side_by_side.ts";
import { SPIRE_SERVER, SpireServerCli } from "./spire_server_cli.ts";
import { type Waiting, whileRestarting } from "./while_restarting.ts";

/** How bundles are come by. */
export interface CollectOptions extends EndpointAccess {
  /** `api` takes the bundle that the cluster's API names, and speaks to no endpoint. */
  readonly source: "endpoint" | "api";
}

/** Fetches and authenticates every peer's bundle: one connection a cluster. */
export async function collectVouched(
  sides: readonly Side[],
  clusterOf: (name: string) => Cluster,
  options: CollectOptions,
): Promise<ReadonlyMap<string, Vouched>> {
  const vouched = await allSideBySide(sides, async (side): Promise<readonly [string, Vouched]> => [
    side.cluster,
    await vouchFor(side, clusterOf(side.cluster), options),
  ]);
  return new Map(vouched);
}

async function vouchFor(side: Side, cluster: Cluster, options: CollectOptions): Promise<Vouched> {
  const { endpoint, trustDomain, roots } = side;
  if (endpoint === undefined) throw new Error(`${side.cluster} has no endpoint`);
  if (options.source === "api") {
    return { bundle: withRefreshHint(roots.bundle), source: roots.source, chain: [], problems: [] };
  }
  const readRoots = async (again: boolean): Promise<Bundle> =>
    again ? (await rereadRoots(side, cluster, { ...options, doubted: true })).bundle : roots.bundle;
  try {
    return await authenticateEndpoint(
      { cluster: side.cluster, trustDomain, endpoint, readRoots, voucher: `${side.cluster}'s API` },
      options,
    );
  } catch (error) {
    throw side.admitted === false ? withRoute(error, side.cluster) : error;
  }
}

/**
 * Reads a cluster's roots once more, from where they were read before; from the server
 * itself when they are doubted, since a revoked authority stays in the ConfigMap.
 */
export async function rereadRoots(
  side: Side,
  cluster: Cluster,
  { now, signal, doubted = false }: Pick<EndpointAccess, "now" | "signal"> & {
    readonly doubted?: boolean;
  },
): Promise<Side["roots"]> {
  const wasServer = !side.roots.source.startsWith("ConfigMap/");
  const fromServer = wasServer || (doubted && side.allowed.exec);
  return await readApiRoots(cluster, {
    trustDomain: side.trustDomain,
    configMap: wasServer ? "spire-bundle" : side.roots.source.slice("ConfigMap/".length),
    preferWhole: fromServer,
    now: now(),
    signal,
  });
}

/** An endpoint that nobody reaches is most often a route that no router serves. */
function withRoute(error: unknown, cluster: string): unknown {
  if (!(error instanceof SpirefedError) || error.kind !== "preflight") return error;
  return new SpirefedError("preflight", error.message, {
    code: error.code,
    cause: new Error("no router has admitted Route/spire-server-federation"),
    remedy:
      `oc --context ${cluster} -n zero-trust-workload-identity-manager describe route spire-server-federation`,
  });
}

/** What each holder stores, and whether its log shows a relationship refreshing where nobody may look. */
export async function collectStored(
  sides: readonly Side[],
  edges: readonly Edge[],
  { clusterOf, vouched, ...waiting }: Waiting & {
    readonly clusterOf: (name: string) => Cluster;
    readonly vouched: ReadonlyMap<string, Vouched>;
  },
): Promise<Pick<PeerFacts, "stored" | "refreshing">> {
  const { now, signal } = waiting;
  const parsed = new Map<string, Bundle | undefined>();
  const byName = new Map(sides.map((side) => [side.cluster, side]));
  const read = await allSideBySide(sides, async (side) => {
    const cluster = clusterOf(side.cluster);
    const wanted = edges.filter(({ holder }) => holder === side.cluster).flatMap(({ peer }) => {
      const [found, bundle] = [byName.get(peer), vouched.get(peer)];
      return found === undefined || bundle === undefined ? [] : [{ side: found, vouched: bundle }];
    });
    if (side.allowed.exec) {
      const cli = new SpireServerCli(cluster, signal);
      const texts = await whileRestarting(side.cluster, () => cli.storedBundles(), waiting);
      return { side, texts, refreshing: new Set<TrustDomain>() };
    }
    return {
      side,
      texts: undefined,
      refreshing: await readRefreshing(side, cluster, { wanted, now }),
    };
  });
  const byCluster = new Map(read.map((one) => [one.side.cluster, one]));
  return {
    stored: (holder, trustDomain) => {
      const texts = byCluster.get(holder)?.texts;
      if (texts === undefined) return { state: "unknown" };
      const bytes = texts.get(trustDomain);
      return bytes === undefined
        ? { state: "absent" }
        : readStored(bytes, { trustDomain, now: now(), parsed });
    },
    refreshing: (holder, trustDomain) =>
      byCluster.get(holder)?.refreshing.has(trustDomain) ?? false,
  };
}

/** A stored bundle that cannot be read holds nothing that could authenticate anybody. */
function readStored(
  bytes: Uint8Array,
  { trustDomain, now, parsed }: {
    readonly trustDomain: TrustDomain;
    readonly now: Date;
    readonly parsed: Map<string, Bundle | undefined>;
  },
): Stored {
  const key = `${trustDomain}\n${new TextDecoder().decode(bytes)}`;
  if (!parsed.has(key)) parsed.set(key, parseBundle(bytes, { trustDomain, now }).bundle);
  const bundle = parsed.get(key) ?? {
    trustDomain,
    x509Authorities: [],
    jwtAuthorities: [],
    sequence: undefined,
    refreshHint: undefined,
  };
  return { state: "present", bundle };
}

/** The peers whose latest refresh is a success that the endpoint's present certificate was part of. */
async function readRefreshing(
  side: Side,
  cluster: Cluster,
  { wanted, now }: {
    readonly wanted: readonly { readonly side: Side; readonly vouched: Vouched }[];
    readonly now: () => Date;
  },
): Promise<Set<TrustDomain>> {
  const declared = wanted.filter((peer) => declaredFor(side, peer.side.trustDomain).length > 0);
  if (!side.allowed.logs || declared.length === 0) return new Set();
  const log = await cluster.logs(SPIRE_SERVER, { sinceTime: hoursAgo(now(), 1), timestamps: true });
  const fresh = declared.filter(({ side: { trustDomain }, vouched }) => {
    const found = findRefresh(log, trustDomain);
    const since = presentSince(vouched);
    return found?.ok === true && since !== undefined && found.at > since;
  });
  return new Set(fresh.map((peer) => peer.side.trustDomain));
}

function hoursAgo(now: Date, hours: number): Date {
  return new Date(now.getTime() - hours * 3_600_000);
}
