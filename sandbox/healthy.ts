/**
 * Healthy practice clusters: the operator's stack is up, the bundle endpoint answers,
 * nobody is peered with anybody.
 *
 * @module
 */
import { type Manifest, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { SPIRE_SERVERS } from "../manifests/spire_server.ts";
import { kindOf, storeKey } from "./kinds.ts";
import { type KeyRing, mintJwtKey } from "./mint.ts";
import type { ClusterState, Instant, SpireState, World } from "./model.ts";
import { writeObject } from "./object_store.ts";
import { operandsOf } from "./operator.ts";
import { CONFIG_HASH, readConfig, runPods } from "./pods.ts";
import { publishRoots } from "./roots.ts";
import { at } from "./validation.ts";

/** The class of the operator's spire-controller-manager. */
export const CLASS_NAME = "zero-trust-workload-identity-manager-spire";

/** What may be otherwise than usual about a practice cluster. */
export interface ClusterPlan {
  readonly name: string;
  /** @default {"apps.<name>.example"} */
  readonly trustDomain?: string;
  /** @default {"apps.<name>.example"} */
  readonly ingressDomain?: string;
  /** Whether SpireServer has `spec.federation`. @default {true} */
  readonly endpoint?: boolean;
  /** Seconds. @default {300} */
  readonly refreshHint?: number;
}

/** Names of practice clusters: east, west, north, south, c5… */
export function clusterNames(count: number): readonly string[] {
  const names = ["east", "west", "north", "south"];
  return Array.from({ length: count }, (_, index) => names[index] ?? `c${index + 1}`);
}

/** Makes a World of healthy clusters. */
export async function healthyWorld(
  plans: readonly (string | ClusterPlan)[],
  { now, ring }: { readonly now: Instant; readonly ring: KeyRing },
): Promise<World> {
  const clusters = await Promise.all(
    plans.map((plan, index) =>
      healthyCluster(typeof plan === "string" ? { name: plan } : plan, { now, ring, index })
    ),
  );
  return { clock: now, clusters: new Map(clusters.map((cluster) => [cluster.name, cluster])) };
}

async function healthyCluster(
  plan: ClusterPlan,
  { now, ring, index }: { readonly now: Instant; readonly ring: KeyRing; readonly index: number },
): Promise<ClusterState> {
  const domain = `apps.${plan.name}.example`;
  const { name, trustDomain = domain, ingressDomain = domain } = plan;
  const empty: ClusterState = {
    name,
    trustDomain,
    resourceVersion: 1000,
    objects: new Map(),
    changes: [],
    spire: await healthyServer(trustDomain, { now, ring }),
    denied: [],
    missingKinds: [],
    dateSkewMs: 0,
    insecure: false,
    network: { address: `192.0.2.${index + 10}`, routerUp: true, answer: undefined },
    restartingUntil: undefined,
    configHash: "",
  };
  const objects = objectsOf({ ...plan, trustDomain, ingressDomain });
  const filled = objects.reduce((state, object) => created(state, now, object), empty);
  const published = publishRoots(withPodRunning(filled), now);
  const { endpoint } = readConfig(published);
  const admitted = runPods({ ...published, spire: { ...published.spire, endpoint } }, now);
  // What is there from the beginning is no news.
  return { ...admitted, changes: [] };
}

async function healthyServer(
  trustDomain: string,
  { now, ring }: { readonly now: Instant; readonly ring: KeyRing },
): Promise<SpireState> {
  const authority = await ring.authority(trustDomain, now);
  const svid = await ring.svid(`spiffe://${trustDomain}/spire/server`, authority.der, now);
  return {
    x509Authorities: [authority],
    jwtAuthorities: [await mintJwtKey()],
    sequence: 1,
    chain: svid.chain,
    svidIssuedAt: svid.issuedAt,
    svidNotAfter: svid.notAfter,
    endpoint: undefined,
    dynamic: new Map(),
    static: new Map(),
    polls: new Map(),
    stored: new Map(),
    entries: [],
    log: [],
    controller: { className: CLASS_NAME, idleUntil: now, dueAt: undefined, complained: new Set() },
  };
}

function created(state: ClusterState, now: Instant, body: Manifest): ClusterState {
  const kind = kindOf(body);
  if (kind === undefined) throw new Error(`no practice cluster has ${body.kind}`);
  const { name, namespace } = body.metadata;
  const place = { kind, name, namespace };
  const [next, answer] = writeObject(state, now, {
    verb: "create",
    place,
    body,
    mode: { manager: OPERATOR_NAMESPACE },
  });
  if ("status" in answer) throw new Error(answer.status.message);
  return next;
}

function withPodRunning(state: ClusterState): ClusterState {
  const set = state.objects.get(storeKey("statefulsets", "spire-server", OPERATOR_NAMESPACE));
  const annotations = at(set?.manifest, "spec.template.metadata.annotations");
  const configHash = (annotations as Readonly<Record<string, string>>)[CONFIG_HASH] ?? "";
  return { ...state, configHash };
}

function objectsOf(
  plan: Required<Pick<ClusterPlan, "name" | "trustDomain" | "ingressDomain">> & ClusterPlan,
): readonly Manifest[] {
  const server = spireServer(plan);
  const [config, set, route] = operandsOf(SPIRE_SERVERS.parse(server), plan.trustDomain);
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: OPERATOR_NAMESPACE } },
    {
      apiVersion: "config.openshift.io/v1",
      kind: "Ingress",
      metadata: { name: "cluster" },
      spec: { domain: plan.ingressDomain },
    },
    {
      apiVersion: "operator.openshift.io/v1alpha1",
      kind: "ZeroTrustWorkloadIdentityManager",
      metadata: { name: "cluster" },
      spec: {
        trustDomain: plan.trustDomain,
        clusterName: plan.name,
        bundleConfigMap: "spire-bundle",
      },
    },
    server,
    config,
    { ...set, status: { observedGeneration: 1, ...RUNNING } },
    ...(route === undefined ? [] : [route]),
    controllerConfig(plan),
    serverPod(),
  ];
}

const RUNNING = {
  replicas: 1,
  readyReplicas: 1,
  updatedReplicas: 1,
  currentRevision: "spire-server-1",
  updateRevision: "spire-server-1",
};

function spireServer({ trustDomain, endpoint = true, refreshHint = 300 }: ClusterPlan): Manifest {
  const federation = {
    bundleEndpoint: { profile: "https_spiffe", refreshHint },
    managedRoute: "true",
  };
  return {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind: "SpireServer",
    metadata: { name: "cluster" },
    spec: {
      jwtIssuer: `https://oidc-discovery.${trustDomain}`,
      caSubject: { country: "US", organization: "Practice", commonName: trustDomain },
      persistence: { size: "1Gi", accessMode: "ReadWriteOnce" },
      datastore: { databaseType: "sqlite3" },
      ...(endpoint ? { federation } : {}),
    },
    status: {
      conditions: [
        { type: "ConfigurationValid", status: "True", reason: "Valid", message: "" },
        { type: "Ready", status: "True", reason: "Ready", message: "" },
      ],
    },
  };
}

function controllerConfig({ name, trustDomain }: ClusterPlan): Manifest {
  const lines = [
    "apiVersion: spire.spiffe.io/v1alpha1",
    "kind: ControllerManagerConfig",
    `clusterName: ${name}`,
    `trustDomain: ${trustDomain}`,
    `className: ${CLASS_NAME}`,
    "watchClassless: false",
    "gcInterval: 0s",
    "spireServerSocketPath: /tmp/spire-server/private/api.sock",
  ];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "spire-controller-manager", namespace: OPERATOR_NAMESPACE },
    data: { "controller-manager-config.yaml": `${lines.join("\n")}\n` },
  };
}

function serverPod(): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "spire-server-0",
      namespace: OPERATOR_NAMESPACE,
      labels: { "app.kubernetes.io/name": "spire-server" },
    },
    spec: { containers: [{ name: "spire-server" }, { name: "spire-controller-manager" }] },
    status: { phase: "Running" },
  };
}
