/**
 * Looks at one cluster for all that makes it trust a peer. Reads only.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  type ClusterFederatedTrustDomain,
} from "../../../manifests/cluster_federated_trust_domain.ts";
import { CLUSTER_SPIFFE_IDS, type ClusterSpiffeId } from "../../../manifests/cluster_spiffe_id.ts";
import {
  CLUSTER_STATIC_ENTRIES,
  type ClusterStaticEntry,
} from "../../../manifests/cluster_static_entry.ts";
import { CONFIG_MAPS, NAMESPACES } from "../../../manifests/core.ts";
import { OPERATOR_NAMESPACE, type Resource } from "../../../manifests/manifest.ts";
import { EXEC_ACCESS } from "../../plan/permissions.ts";
import { type Identity, readIdentity, together, unlessUnreadable } from "../inspect.ts";
import { configuredPeers } from "../rollout.ts";
import { type FederatedEntry, SpireServerCli } from "../spire_server_cli.ts";

/** One cluster, and the objects in it that may speak of peers. */
export interface Holder
  extends Pick<Identity, "trustDomain" | "className" | "staticPeers" | "endpoint"> {
  readonly cluster: string;
  readonly server: string;
  readonly identity: string;
  readonly declared: readonly ClusterFederatedTrustDomain[];
  readonly spiffeIds: readonly ClusterSpiffeId[];
  readonly staticEntries: readonly ClusterStaticEntry[];
  /** Peers in the server's static configuration; `undefined` where it may not be read. */
  readonly configured: readonly string[] | undefined;
  /** Objects that could not be read, as messages name them. */
  readonly unreadable: readonly string[];
}

/** What a cluster's SPIRE server itself holds of a peer. */
export interface Held {
  readonly relationship: boolean;
  readonly bundle: boolean;
  readonly entries: readonly FederatedEntry[];
}

/**
 * Reads all that a plan is made from.
 *
 * @throws {SpirefedError} `preflight`; also when commands may not be run in the server's
 * container, as without them the stored bundle cannot be taken away.
 */
export async function lookAt(cluster: Cluster): Promise<Holder> {
  const [identity, kubeSystem, declared, spiffeIds, staticEntries, exec, config] = await together([
    readIdentity(cluster),
    cluster.get(NAMESPACES, "kube-system").catch(unlessUnreadable),
    cluster.list(CLUSTER_FEDERATED_TRUST_DOMAINS),
    cluster.list(CLUSTER_SPIFFE_IDS),
    listIfKnown(cluster, CLUSTER_STATIC_ENTRIES),
    cluster.can(EXEC_ACCESS),
    cluster.get(CONFIG_MAPS, "spire-server", { namespace: OPERATOR_NAMESPACE })
      .catch(unlessUnreadable),
  ]);
  if (!exec.allowed) throw execMissing(cluster.name);
  const { trustDomain, className, staticPeers, endpoint } = identity;
  const lists = [declared, spiffeIds, staticEntries];
  const kinds = [CLUSTER_FEDERATED_TRUST_DOMAINS, CLUSTER_SPIFFE_IDS, CLUSTER_STATIC_ENTRIES];
  return {
    trustDomain,
    className,
    staticPeers,
    endpoint,
    cluster: cluster.name,
    server: cluster.server.url,
    identity: kubeSystem?.metadata.uid ?? cluster.server.fingerprint,
    declared: declared.items,
    spiffeIds: spiffeIds.items,
    staticEntries: staticEntries.items,
    configured: config && configuredPeers(config),
    unreadable: lists.flatMap(({ unreadable }, at) =>
      unreadable.map(({ name }) => `${kinds[at]?.kind ?? ""}/${name}`)
    ),
  };
}

/** Older definitions of spire-controller-manager do not have every kind. */
async function listIfKnown<T>(
  cluster: Cluster,
  resource: Resource<T>,
): Promise<Awaited<ReturnType<typeof cluster.list<T>>>> {
  try {
    return await cluster.list(resource);
  } catch (error) {
    const isUnknown = error instanceof SpirefedError && error.code === "http/404-kind";
    if (!isUnknown) throw error;
    return { items: [], unreadable: [] };
  }
}

function execMissing(cluster: string): SpirefedError {
  const { verb, namespace } = EXEC_ACCESS;
  return new SpirefedError(
    "preflight",
    `[${cluster}] needs ${verb} pods/exec in ${namespace}: without it the stored bundle stays, and with it the trust`,
    {
      code: "permission/missing",
      remedy: `oc --context ${cluster} auth can-i ${verb} pods/exec -n ${namespace}`,
    },
  );
}

/** How a server that restarts is waited out. */
export interface Patience {
  readonly now: () => Date;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly waitingFor: (what: string) => void;
  readonly signal: AbortSignal;
}

const RESTART_LIMIT_MS = 60_000;
const RETRY_MS = 1_000;

/** Asks the SPIRE server what it holds of a peer; one that restarts is waited for. */
export async function lookInside(
  cluster: Cluster,
  trustDomain: TrustDomain,
  patience: Patience,
): Promise<Held> {
  const cli = new SpireServerCli(cluster, patience.signal);
  return await onceUp(cluster.name, patience, async () => {
    // One after the other: the first finds out where the command is.
    const relationship = await cli.hasRelationship(trustDomain);
    const [bundle, entries] = await together([
      cli.storedBundle(trustDomain),
      cli.federatedEntries(trustDomain),
    ]);
    return { relationship, bundle: bundle !== undefined, entries };
  });
}

/** Asks again while the server's container is not there, or does not listen yet. */
export async function onceUp<T>(
  cluster: string,
  { now, sleep, waitingFor, signal }: Patience,
  ask: () => Promise<T>,
): Promise<T> {
  const deadline = now().getTime() + RESTART_LIMIT_MS;
  while (true) {
    try {
      return await ask();
    } catch (error) {
      if (!mayBeDown(error) || signal.aborted || now().getTime() >= deadline) throw error;
      waitingFor(`[${cluster}] spire-server-0 to answer`);
      await sleep(RETRY_MS, signal);
    }
  }
}

/** No pod, no container, one that is ending, no socket yet. */
function mayBeDown(error: unknown): boolean {
  if (!(error instanceof SpirefedError)) return false;
  if (error.code === "exec/failed") return !/no such file|file not found/i.test(error.message);
  return ["http/404", "http/500", "net/reset", "spire/exit"].includes(error.code ?? "");
}
