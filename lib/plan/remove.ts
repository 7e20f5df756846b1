/**
 * Carries out the steps that take something away. Each takes away what was seen and
 * nothing that came since, and finds what is gone already to be done.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { SPIRE_SERVERS, type StaticPeer } from "../../manifests/spire_server.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Hands } from "./apply.ts";
import type { EditStep, FederatingObject, RemovalStep, Step, UnlistStep } from "./plan.ts";

/** How often a list that others change at the same time is read again. */
const ATTEMPTS = 5;

/** Whether a step takes something away. */
export function isRemoval(step: Step): step is RemovalStep {
  return ["delete", "edit", "unlist", "forget"].includes(step.action);
}

/** Takes away what a step says, or has the server try it. */
export async function remove(step: RemovalStep, hands: Hands, dryRun: boolean): Promise<void> {
  const cluster = hands.clusterOf(step.cluster);
  switch (step.action) {
    case "delete": {
      const { resource, name, namespace, uid } = step;
      await cluster.delete({ resource, name, namespace }, { uid, dryRun });
      return;
    }
    case "edit": {
      const { resource, name } = step;
      const body = patchOf(await cluster.get(resource, name), step);
      if (body === undefined) return;
      await cluster.patch({ resource, name }, { type: "json", body }, { dryRun });
      return;
    }
    case "unlist":
      return await unlist(step, cluster, dryRun);
    case "forget":
      return await hands.deleteBundle(step);
  }
}

/** Whether what a step takes away is gone, after an answer that was lost. */
export async function isRemoved(step: RemovalStep, hands: Hands): Promise<boolean> {
  const cluster = hands.clusterOf(step.cluster);
  switch (step.action) {
    case "delete": {
      const { resource, name, namespace, uid } = step;
      const at = namespace === undefined ? undefined : { namespace };
      const held = await cluster.get(resource, name, at) as
        | { readonly metadata: { readonly uid?: string } }
        | undefined;
      return held === undefined || held.metadata.uid !== uid;
    }
    case "unlist":
      return patchWithout(await readPeers(cluster), step) === undefined;
    case "edit":
      return patchOf(await cluster.get(step.resource, step.name), step) === undefined;
    case "forget":
      // It may be done again without harm: the next run does so, where it must.
      return false;
  }
}

/**
 * The JSON patch that leaves peers out of an object's `federatesWith`, as long as it is
 * that object and that list; `undefined` when none of them is in it.
 */
function patchOf(
  object: FederatingObject | undefined,
  { uid, trustDomains }: EditStep,
): readonly Readonly<Record<string, unknown>>[] | undefined {
  const held = object?.spec.federatesWith ?? [];
  const kept = held.filter((name) => !trustDomains.some((gone) => gone === name));
  if (kept.length === held.length) return undefined;
  const path = "/spec/federatesWith";
  return [
    { op: "test", path: "/metadata/uid", value: uid },
    { op: "test", path, value: held },
    kept.length === 0 ? { op: "remove", path } : { op: "replace", path, value: kept },
  ];
}

/**
 * The operator writes conditions into the object all the time, so the version that was
 * planned with is soon an old one: the list is read anew, and locked by what was read.
 */
async function unlist(step: UnlistStep, cluster: Cluster, dryRun: boolean): Promise<void> {
  for (let attempt = 1;; attempt++) {
    const body = patchWithout(await readPeers(cluster), step);
    if (body === undefined) return;
    try {
      const target = { resource: SPIRE_SERVERS, name: "cluster" };
      await cluster.patch(target, { type: "json", body }, { dryRun });
      return;
    } catch (error) {
      const isChanged = error instanceof SpirefedError && error.code === "http/409";
      if (!isChanged || attempt === ATTEMPTS) throw error;
    }
  }
}

interface Listed {
  readonly resourceVersion: string | undefined;
  readonly peers: readonly StaticPeer[];
}

async function readPeers(cluster: Cluster): Promise<Listed> {
  const server = await cluster.get(SPIRE_SERVERS, "cluster");
  return {
    resourceVersion: server?.metadata.resourceVersion,
    peers: server?.spec.federation?.federatesWith ?? [],
  };
}

/**
 * The JSON patch that takes peers out of the list; `undefined` when none of them is in
 * it. An empty list is refused by the definition, so with the last peer the list goes.
 */
export function patchWithout(
  { resourceVersion, peers }: Listed,
  { trustDomains }: Pick<UnlistStep, "trustDomains">,
): readonly Readonly<Record<string, unknown>>[] | undefined {
  const list = "/spec/federation/federatesWith";
  const going = [...peers.keys()].filter((at) =>
    trustDomains.some((name) => name === peers[at]?.trustDomain)
  );
  if (going.length === 0) return undefined;
  // Indices shift when an item goes: the last one first.
  const removals = going.length === peers.length
    ? [list]
    : going.reverse().map((at) => `${list}/${at}`);
  return [
    { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
    ...removals.map((path) => ({ op: "remove", path })),
  ];
}
