/**
 * What stands in for the kubelet, the StatefulSet controller and the router: the server
 * pod restarts when its template changes, reads its configuration when it starts, and
 * routes get admitted. There are no pods behind it.
 *
 * @module
 */
import { type Manifest, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { isDefaultClass, SERVER_CLAIM, STORAGE_CLASSES } from "../manifests/storage.ts";
import { manage, managedBy } from "./bundle_manager.ts";
import { LEASE_MS, REACTION_MS } from "./controller_manager.ts";
import { kindOf, storeKey } from "./kinds.ts";
import { type ClusterState, type Instant, logged, type Relationship } from "./model.ts";
import { writeObject } from "./object_store.ts";
import { CONFIG_HASH } from "./operands.ts";
import { publishRoots } from "./roots.ts";
import { isStatus } from "./statuses.ts";
import { at } from "./validation.ts";

/** How long a restart of the one server takes when its data is kept. */
export const RESTART_MS = 3_300;

/** On the server's claim: the trust domain that the data in it is of (practice only). */
export const DATA_OF = "spirefed-practice/trust-domain";

/** Everything beneath the operator, up to now. */
export function runPods(cluster: ClusterState, now: Instant): ClusterState {
  return started(rolled(claimed(reported(cluster, now), now), now), now);
}

/** Takes the pod down, as deleting it does. */
export function restart(cluster: ClusterState, now: Instant): ClusterState {
  return withStatefulSetStatus({ ...cluster, restartingUntil: now + RESTART_MS }, now, 0);
}

function statefulSetOf({ objects }: ClusterState): Manifest | undefined {
  return objects.get(storeKey("statefulsets", "spire-server", OPERATOR_NAMESPACE))?.manifest;
}

function claimOf({ objects }: ClusterState): Manifest | undefined {
  return objects.get(storeKey("persistentvolumeclaims", SERVER_CLAIM, OPERATOR_NAMESPACE))
    ?.manifest;
}

function serverOf({ objects }: ClusterState): Manifest | undefined {
  return objects.get(storeKey("spireservers", "cluster"))?.manifest;
}

function trustDomainOf({ objects }: ClusterState): unknown {
  const manager = objects.get(storeKey("zerotrustworkloadidentitymanagers", "cluster"))?.manifest;
  return at(manager, "spec.trustDomain");
}

/** The claim is made with the StatefulSet, from its template. */
function claimed(cluster: ClusterState, now: Instant): ClusterState {
  if (statefulSetOf(cluster) === undefined || claimOf(cluster) !== undefined) return cluster;
  const { accessMode = "ReadWriteOnce", size = "1Gi", storageClass } =
    (at(serverOf(cluster), "spec.persistence") ?? {}) as Readonly<Record<string, string>>;
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: SERVER_CLAIM,
      namespace: OPERATOR_NAMESPACE,
      annotations: { [DATA_OF]: String(trustDomainOf(cluster)) },
    },
    spec: {
      accessModes: [accessMode],
      resources: { requests: { storage: size } },
      ...(storageClass ? { storageClassName: storageClass } : {}),
    },
  };
  return reported(created(cluster, now, claim), now);
}

function rolled(cluster: ClusterState, now: Instant): ClusterState {
  const hash = at(statefulSetOf(cluster), "spec.template.metadata.annotations");
  const wanted = (hash as Readonly<Record<string, string>> | undefined)?.[CONFIG_HASH];
  if (wanted === undefined || wanted === cluster.configHash) return cluster;
  if (at(claimOf(cluster), "status.phase") !== "Bound" || cluster.stuck.includes("spire-server")) {
    return unstartable(cluster, now, "Unschedulable");
  }
  if (
    (claimOf(cluster)?.metadata.annotations?.[DATA_OF] ?? trustDomainOf(cluster)) !==
      trustDomainOf(cluster)
  ) {
    return unstartable(cluster, now, "CrashLoopBackOff");
  }
  return restart({ ...cluster, configHash: wanted }, now);
}

/** The pod is there and says why it does not run. */
function unstartable(
  cluster: ClusterState,
  now: Instant,
  reason: "Unschedulable" | "CrashLoopBackOff",
): ClusterState {
  if (cluster.objects.has(storeKey("pods", "spire-server-0", OPERATOR_NAMESPACE))) return cluster;
  const status = reason === "Unschedulable"
    ? {
      phase: "Pending",
      conditions: [{
        type: "PodScheduled",
        status: "False",
        reason,
        message: "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
      }],
    }
    : {
      phase: "Running",
      containerStatuses: [{
        name: "spire-server",
        ready: false,
        restartCount: 4,
        state: { waiting: { reason, message: "back-off 1m20s restarting failed container" } },
      }],
    };
  const text = `level=error msg="Fatal run error" error="a registration entry with trust domain '${
    claimOf(cluster)?.metadata.annotations?.[DATA_OF]
  }' has been detected, which does not match the configured trust domain '${
    trustDomainOf(cluster)
  }'."`;
  const spire = reason === "CrashLoopBackOff"
    ? logged(cluster.spire, { at: now, container: "spire-server", text })
    : cluster.spire;
  return created({ ...cluster, spire }, now, serverPod(status));
}

/** The pod of the server. */
export function serverPod(status: Readonly<Record<string, unknown>>): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "spire-server-0",
      namespace: OPERATOR_NAMESPACE,
      labels: { "app.kubernetes.io/name": "spire-server" },
    },
    spec: { containers: [{ name: "spire-server" }, { name: "spire-controller-manager" }] },
    status,
  };
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
  const up = { ...cluster, spire, restartingUntil: undefined };
  const first = !cluster.objects.has(storeKey("pods", "spire-server-0", OPERATOR_NAMESPACE));
  const running = first ? created(up, now, serverPod({ phase: "Running" })) : up;
  return withStatefulSetStatus(publishRoots(running, now), now, 1);
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

type Report = Readonly<Record<string, unknown>>;

/** What the controllers of Kubernetes and OpenShift say of an object once they saw it. */
const REPORTS: Readonly<
  Record<string, (object: Manifest, cluster: ClusterState) => Report | undefined>
> = {
  Route: (route) =>
    at(route, "status.ingress") !== undefined ? undefined : {
      ingress: [{
        host: at(route, "spec.host"),
        routerName: "default",
        conditions: [{ type: "Admitted", status: "True" }],
      }],
    },
  CustomResourceDefinition: (definition) =>
    at(definition, "status.conditions") !== undefined ? undefined : {
      conditions: [
        { type: "NamesAccepted", status: "True" },
        { type: "Established", status: "True" },
      ],
    },
  PersistentVolumeClaim: (claim, cluster) => {
    const phase = isBindable(claim, cluster) ? "Bound" : "Pending";
    return at(claim, "status.phase") === phase ? undefined : { phase };
  },
  DaemonSet: (set, { stuck }) =>
    unlessSeen(set, {
      desiredNumberScheduled: 3,
      numberReady: stuck.includes(set.metadata.name) ? 0 : 3,
    }),
  Deployment: (deployment, { stuck }) =>
    unlessSeen(deployment, {
      replicas: 1,
      availableReplicas: stuck.includes(deployment.metadata.name) ? 0 : 1,
    }),
};

function unlessSeen(object: Manifest, status: Report): Report | undefined {
  const observedGeneration = object.metadata.generation;
  return at(object, "status.observedGeneration") === observedGeneration
    ? undefined
    : { observedGeneration, ...status };
}

/** A claim is bound when there is a class for it that can do what it asks. */
function isBindable(claim: Manifest, { objects }: ClusterState): boolean {
  const classes = [...objects.values()].map(({ manifest }) => manifest)
    .filter(({ kind }) => kind === "StorageClass").map((object) => STORAGE_CLASSES.parse(object));
  const name = at(claim, "spec.storageClassName");
  const found = classes.find((one) =>
    name === undefined ? isDefaultClass(one) : one.metadata.name === name
  );
  const onlyCsi = (at(claim, "spec.accessModes") as readonly string[]).includes("ReadWriteOncePod");
  return found !== undefined &&
    (!onlyCsi || objects.has(storeKey("csidrivers", found.provisioner)));
}

/** What was looked at already: objects of a World are values. */
const seen = new WeakSet<ClusterState["objects"]>();

function reported(cluster: ClusterState, now: Instant): ClusterState {
  if (seen.has(cluster.objects)) return cluster;
  let next = cluster;
  for (const { manifest } of cluster.objects.values()) {
    const status = REPORTS[manifest.kind]?.(manifest, cluster);
    if (status !== undefined) next = withStatus(next, now, manifest, status);
  }
  seen.add(next.objects);
  return next;
}

/** Creates an object as a controller of Kubernetes' own does. */
export function created(cluster: ClusterState, now: Instant, body: Manifest): ClusterState {
  const kind = kindOf(body);
  if (kind === undefined) throw new Error(`no practice cluster has ${body.kind}`);
  const { name, namespace } = body.metadata;
  const [next, answer] = writeObject({ ...cluster, denied: [] }, now, {
    verb: "create",
    place: { kind, name, namespace },
    body,
    mode: { manager: "kube-controller-manager" },
  });
  if ("status" in answer && isStatus(answer.status)) throw new Error(answer.status.message);
  return { ...next, denied: cluster.denied };
}

function withStatus(
  cluster: ClusterState,
  now: Instant,
  object: Manifest | undefined,
  status: Report,
): ClusterState {
  if (object === undefined) return cluster;
  const kind = kindOf(object);
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
