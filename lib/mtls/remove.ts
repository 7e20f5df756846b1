/**
 * Takes away what a run made, and what earlier runs left.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { CLUSTER_SPIFFE_IDS } from "../../manifests/cluster_spiffe_id.ts";
import { NAMESPACES } from "../../manifests/core.ts";
import { MANAGED_BY, type ObjectMeta, type Resource, RUN_LABEL } from "../../manifests/manifest.ts";
import { PODS } from "../../manifests/pod.ts";
import type { SidePlan } from "./probe_plan.ts";

/** Runs younger than this may still be at work. */
export const LEFTOVER_AGE_MS = 3_600_000;

type Known = { readonly metadata: ObjectMeta };

/** Kinds without namespace; everything else lies in the namespaces and goes with them. */
const CLUSTER_WIDE: readonly Resource<Known>[] = [NAMESPACES, CLUSTER_SPIFFE_IDS];
/** Pods go first by name: a namespace takes its time, and they run until then. */
const REMOVED: readonly Resource<Known>[] = [...CLUSTER_WIDE, PODS];

/**
 * Deletes what a plan named, however far it was carried out. What carries another
 * run's label, or none, stays.
 *
 * @returns what could not be deleted, with why.
 */
export async function removePlanned(
  plan: SidePlan,
  { cluster, run }: { readonly cluster: Cluster; readonly run: string },
): Promise<readonly string[]> {
  const wanted = plan.manifests.flatMap(({ kind, metadata: { name, namespace } }) => {
    const resource = REMOVED.find((resource) => resource.kind === kind);
    return resource === undefined ? [] : [{ resource, name, namespace }];
  });
  const failures = await Promise.all(wanted.map(async ({ resource, name, namespace }) => {
    try {
      const held = await cluster.get(
        resource,
        name,
        namespace === undefined ? undefined : { namespace },
      );
      if (held?.metadata.labels?.[RUN_LABEL] === run) await remove(cluster, resource, held);
      return undefined;
    } catch (error) {
      if (error instanceof SpirefedError) return `${resource.kind}/${name}: ${error.message}`;
      throw error;
    }
  }));
  return failures.filter((failure) => failure !== undefined);
}

/** Whether nothing of a plan runs any more; its namespace may still be going. */
export async function isRemoved(plan: SidePlan, cluster: Cluster): Promise<boolean> {
  const pods = plan.manifests.filter(({ kind }) => kind === PODS.kind);
  const held = await Promise.all(
    pods.map(({ metadata: { name, namespace = "" } }) => cluster.get(PODS, name, { namespace })),
  );
  return held.every((pod) => pod === undefined);
}

/** Deletes what runs older than an hour left in a cluster; answers what went. */
export async function sweep(cluster: Cluster, now: Date): Promise<readonly string[]> {
  const labelSelector = `${
    Object.entries(MANAGED_BY).map(([key, value]) => `${key}=${value}`).join(",")
  },${RUN_LABEL}`;
  const gone: string[] = [];
  for (const resource of CLUSTER_WIDE) {
    const { items } = await cluster.list(resource, { labelSelector });
    for (const held of items) {
      const made = Date.parse(held.metadata.creationTimestamp ?? "");
      if (!(timeThere(cluster, now) - made > LEFTOVER_AGE_MS)) continue;
      if (await remove(cluster, resource, held)) {
        gone.push(`${resource.kind}/${held.metadata.name}`);
      }
    }
  }
  return gone;
}

/** By the cluster's clock, which stamped the objects: a wrong one here must not end a run at work. */
function timeThere({ server }: Cluster, now: Date): number {
  const clock = server.clock();
  if (clock === undefined) return now.getTime();
  return now.getTime() + clock.server.getTime() - clock.local.getTime();
}

async function remove(
  cluster: Cluster,
  resource: Resource<Known>,
  { metadata }: Known,
): Promise<boolean> {
  const { name, namespace, uid } = metadata;
  if (uid === undefined) throw new Error(`${resource.kind}/${name} has no uid`);
  return await cluster.delete({ resource, name, namespace }, { uid });
}
