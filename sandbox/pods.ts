/**
 * What stands in for the kubelet, the StatefulSet controller and the router: the server
 * pod restarts when its template changes, reads its configuration when it starts, and
 * routes get admitted. There are no pods behind it.
 *
 * @module
 */
import type { Manifest } from "../manifests/manifest.ts";
import { manage, managedBy } from "./bundle_manager.ts";
import { LEASE_MS, REACTION_MS } from "./controller_manager.ts";
import { storeKey } from "./kinds.ts";
import type { ClusterState, Instant, Relationship } from "./model.ts";
import { writeObject } from "./object_store.ts";
import { isStatus } from "./statuses.ts";
import { at } from "./validation.ts";
import { kindAt } from "./kinds.ts";
import { OPERATOR_NAMESPACE } from "../manifests/manifest.ts";

/** How long a restart of the one server takes when its data is kept. */
export const RESTART_MS = 3_300;

/** The pod annotation that follows server.conf. */
export const CONFIG_HASH = "ztwim.openshift.io/spire-server-config-hash";

/** Everything beneath the operator, up to now. */
export function runPods(cluster: ClusterState, now: Instant): ClusterState {
  return started(rolled(admitted(cluster, now), now), now);
}

/** Takes the pod down, as deleting it does. */
export function restart(cluster: ClusterState, now: Instant): ClusterState {
  return withStatefulSetStatus({ ...cluster, restartingUntil: now + RESTART_MS }, now, 0);
}

function statefulSetOf({ objects }: ClusterState): Manifest | undefined {
  return objects.get(storeKey("statefulsets", "spire-server", OPERATOR_NAMESPACE))?.manifest;
}

function rolled(cluster: ClusterState, now: Instant): ClusterState {
  const hash = at(statefulSetOf(cluster), "spec.template.metadata.annotations");
  const wanted = (hash as Readonly<Record<string, string>> | undefined)?.[CONFIG_HASH];
  if (wanted === undefined || wanted === cluster.configHash) return cluster;
  return restart({ ...cluster, configHash: wanted }, now);
}

function started(cluster: ClusterState, now: Instant): ClusterState {
  if (cluster.restartingUntil === undefined || now < cluster.restartingUntil) return cluster;
  const federation = readConfig(cluster);
  const before = managedBy({ ...cluster.spire, dynamic: new Map(), static: new Map() });
  const spire = manage(before, {
    ...cluster.spire,
    endpoint: federation.endpoint,
    static: federation.peers,
    polls: new Map(),
    controller: {
      ...cluster.spire.controller,
      idleUntil: now + LEASE_MS,
      dueAt: now + REACTION_MS,
    },
  }, now);
  return withStatefulSetStatus({ ...cluster, spire, restartingUntil: undefined }, now, 1);
}

/** What of server.conf the server acts on. */
export function readConfig(cluster: ClusterState): {
  readonly endpoint: { readonly refreshHint: number } | undefined;
  readonly peers: ReadonlyMap<string, Relationship>;
} {
  const object = cluster.objects.get(storeKey("configmaps", "spire-server", OPERATOR_NAMESPACE));
  const data = at(object?.manifest, "data") as Readonly<Record<string, string>> | undefined;
  const federation = at(JSON.parse(data?.["server.conf"] ?? "{}"), "server.federation");
  const hint = at(federation, "bundle_endpoint.refresh_hint");
  const peers = Object.entries((at(federation, "federates_with") ?? {}) as Record<string, unknown>);
  return {
    endpoint: typeof hint === "string" ? { refreshHint: parseInt(hint, 10) } : undefined,
    peers: new Map(peers.map(([name, peer]) => {
      const id = at(peer, "bundle_endpoint_profile.https_spiffe.endpoint_spiffe_id");
      return [name, {
        url: String(at(peer, "bundle_endpoint_url")),
        profile: id === undefined ? "https_web" : "https_spiffe",
        endpointId: id as string | undefined,
      }];
    })),
  };
}

function withStatefulSetStatus(cluster: ClusterState, now: Instant, ready: number): ClusterState {
  const object = statefulSetOf(cluster);
  const revision = `spire-server-${cluster.configHash.slice(0, 10)}`;
  const old = at(object, "status.currentRevision") ?? revision;
  return withStatus(cluster, now, object, {
    observedGeneration: object?.metadata.generation,
    replicas: 1,
    readyReplicas: ready,
    updatedReplicas: 1,
    currentRevision: ready === 1 ? revision : old,
    updateRevision: revision,
  });
}

function admitted(cluster: ClusterState, now: Instant): ClusterState {
  let next = cluster;
  for (const { manifest } of cluster.objects.values()) {
    if (manifest.kind !== "Route" || at(manifest, "status.ingress") !== undefined) continue;
    const conditions = [{ type: "Admitted", status: "True" }];
    next = withStatus(next, now, manifest, {
      ingress: [{ host: at(manifest, "spec.host"), routerName: "default", conditions }],
    });
  }
  return next;
}

function withStatus(
  cluster: ClusterState,
  now: Instant,
  object: Manifest | undefined,
  status: Readonly<Record<string, unknown>>,
): ClusterState {
  if (object === undefined) return cluster;
  const [group, version] = object.apiVersion.split("/") as [string, string];
  const kind = kindAt(group, version, `${object.kind.toLowerCase()}s`);
  if (kind === undefined) return cluster;
  const { name, namespace } = object.metadata;
  const [next, answer] = writeObject({ ...cluster, denied: [] }, now, {
    verb: "patch",
    place: { kind, name, namespace },
    patch: { type: "merge", body: { status } },
    mode: { manager: "kube-controller-manager", status: true },
  });
  return "status" in answer && isStatus(answer.status)
    ? cluster
    : { ...next, denied: cluster.denied };
}
