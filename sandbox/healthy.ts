/**
 * Healthy practice clusters: the operator's stack is up, the bundle endpoint answers,
 * nobody is peered with anybody. Or an empty OpenShift, with the operator in its catalog.
 *
 * @module
 */
import { MARKETPLACE_NAMESPACE } from "../manifests/catalog_source.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { SPIRE_SERVERS } from "../manifests/spire_server.ts";
import { OPERATOR_PACKAGE } from "../manifests/subscription.ts";
import { ownedDefinitions } from "./definitions.ts";
import { storeKey } from "./kinds.ts";
import { type KeyRing, mintJwtKey } from "./mint.ts";
import type { ClusterState, Instant, SpireState, World } from "./model.ts";
import { csvName, OFFERED_VERSIONS, openShiftObjects } from "./openshift.ts";
import {
  agentOperand,
  CLASS_NAME,
  CONFIG_HASH,
  csiDriverOperand,
  oidcOperands,
  operatorDeployment,
  serverOperands,
} from "./operands.ts";
import { created, readConfig, runPods, serverPod } from "./pods.ts";
import { publishRoots } from "./roots.ts";
import { at } from "./validation.ts";

export { CLASS_NAME };

/** What may be otherwise than usual about a practice cluster. */
export interface ClusterPlan {
  readonly name: string;
  /** @default {"apps.<name>.example"} */
  readonly trustDomain?: string;
  /** @default {"apps.<name>.example"} */
  readonly ingressDomain?: string;
  /** Whether the operator and its stack are there; without them it is an empty OpenShift. @default {true} */
  readonly operator?: boolean;
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
    stuck: [],
    dateSkewMs: 0,
    insecure: false,
    network: { address: `192.0.2.${index + 10}`, routerUp: true, answer: undefined },
    restartingUntil: Infinity,
    configHash: "",
  };
  const bare = openShiftObjects(ingressDomain).reduce(
    (state, object) => created(state, now, object),
    empty,
  );
  // What is there from the beginning is no news.
  if (plan.operator === false) return { ...runPods(bare, now), changes: [] };
  const objects = objectsOf({ ...plan, trustDomain });
  const filled = objects.reduce((state, object) => created(state, now, object), bare);
  const published = publishRoots(withPodRunning(filled), now);
  const { endpoint } = readConfig(published);
  const settled = runPods({ ...published, spire: { ...published.spire, endpoint } }, now);
  return { ...settled, changes: [] };
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

function withPodRunning(state: ClusterState): ClusterState {
  const set = state.objects.get(storeKey("statefulsets", "spire-server", OPERATOR_NAMESPACE));
  const annotations = at(set?.manifest, "spec.template.metadata.annotations");
  const configHash = (annotations as Readonly<Record<string, string>>)[CONFIG_HASH] ?? "";
  return { ...state, configHash, restartingUntil: undefined };
}

function objectsOf(
  plan: Required<Pick<ClusterPlan, "name" | "trustDomain">> & ClusterPlan,
): readonly Manifest[] {
  const server = spireServer(plan);
  const identity = { trustDomain: plan.trustDomain, clusterName: plan.name };
  const { config, statefulSet, controllerConfig, route } = serverOperands(
    SPIRE_SERVERS.parse(server),
    identity,
  );
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: OPERATOR_NAMESPACE } },
    ...ownedDefinitions(),
    ...olmObjects(),
    operand("ZeroTrustWorkloadIdentityManager", { ...identity, bundleConfigMap: "spire-bundle" }),
    server,
    operand("SpireAgent", {
      nodeAttestor: { k8sPSATEnabled: "true" },
      workloadAttestors: {
        k8sEnabled: "true",
        workloadAttestorsVerification: { type: "auto" },
      },
    }),
    operand("SpiffeCSIDriver", {}),
    operand("SpireOIDCDiscoveryProvider", { jwtIssuer: issuerOf(plan) }),
    config,
    { ...statefulSet, status: { observedGeneration: 1, ...RUNNING } },
    controllerConfig,
    ...(route === undefined ? [] : [route]),
    agentOperand(),
    csiDriverOperand(),
    ...oidcOperands(issuerOf(plan)),
    serverPod({ phase: "Running" }),
  ];
}

function issuerOf({ trustDomain }: ClusterPlan): string {
  return `https://oidc-discovery.${trustDomain}`;
}

/** What the operator was installed by. */
function olmObjects(): readonly Manifest[] {
  const namespace = OPERATOR_NAMESPACE;
  const csv = csvName(OFFERED_VERSIONS[1]);
  const olm = { apiVersion: "operators.coreos.com/v1alpha1" };
  return [
    {
      apiVersion: "operators.coreos.com/v1",
      kind: "OperatorGroup",
      metadata: { name: `${namespace}-og`, namespace },
      spec: { upgradeStrategy: "Default" },
    },
    {
      ...olm,
      kind: "Subscription",
      metadata: { name: OPERATOR_PACKAGE, namespace },
      spec: {
        name: OPERATOR_PACKAGE,
        source: "redhat-operators",
        sourceNamespace: MARKETPLACE_NAMESPACE,
        channel: "stable-v1",
      },
      status: {
        state: "AtLatestKnown",
        currentCSV: csv,
        installedCSV: csv,
        installPlanRef: { name: "install-first", namespace },
        conditions: [],
      },
    },
    {
      ...olm,
      kind: "InstallPlan",
      metadata: { name: "install-first", namespace },
      spec: { approval: "Automatic", approved: true, clusterServiceVersionNames: [csv] },
      status: { phase: "Complete", conditions: [] },
    },
    {
      ...olm,
      kind: "ClusterServiceVersion",
      metadata: { name: csv, namespace },
      spec: { version: OFFERED_VERSIONS[1] },
      status: { phase: "Succeeded", reason: "InstallSucceeded", message: "" },
    },
    operatorDeployment(namespace),
  ];
}

function operand(kind: string, spec: Readonly<Record<string, unknown>>): Manifest {
  return {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind,
    metadata: { name: "cluster" },
    spec,
    status: READY,
  };
}

const READY = {
  conditions: [
    { type: "ConfigurationValid", status: "True", reason: "Valid", message: "" },
    { type: "Ready", status: "True", reason: "Ready", message: "" },
  ],
};

const RUNNING = {
  replicas: 1,
  readyReplicas: 1,
  updatedReplicas: 1,
  currentRevision: "spire-server-1",
  updateRevision: "spire-server-1",
};

function spireServer(plan: ClusterPlan): Manifest {
  const { trustDomain, endpoint = true, refreshHint = 300 } = plan;
  const federation = {
    bundleEndpoint: { profile: "https_spiffe", refreshHint },
    managedRoute: "true",
  };
  return operand("SpireServer", {
    jwtIssuer: issuerOf(plan),
    caSubject: { country: "US", organization: "Practice", commonName: trustDomain },
    persistence: { size: "1Gi", accessMode: "ReadWriteOnce" },
    datastore: { databaseType: "sqlite3" },
    ...(endpoint ? { federation } : {}),
  });
}
