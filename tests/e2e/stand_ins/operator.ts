/**
 * Stand-in for the operator's controllers: they turn its objects into operands that those
 * own, roll the server out again when its configuration changes, and report in conditions,
 * with the documented reasons and faults: Ready flaps at each pass and carries no
 * observedGeneration, and a refused configuration is not tried again until it is edited.
 *
 * @module
 */
import type { ApiServer, Json, KubernetesObject, ObjectName } from "../api.ts";
import { OPERATOR_NAMESPACE as namespace } from "../topology.ts";
import { agentOperands, driverOperands, providerOperands, providerRoute } from "./node_operands.ts";
import { serverAccount } from "./operator_objects.ts";
import { bundleConfigMap, federationRoute, serverOperands } from "./server_operands.ts";

/** Who the stand-ins are in the eyes of an API server. */
export const MANAGER = "zero-trust-workload-identity-manager";
const GROUP = "operator.openshift.io/v1alpha1";

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** One of the kinds whose objects become operands and nothing else. */
interface Simple {
  readonly kind: string;
  /** Says when its pods run. */
  readonly controller: readonly [kind: string, name: string];
  readonly operandsOf: (manager: Json, object: Json) => readonly KubernetesObject[];
  /** What it makes and does not own. */
  readonly routeOf?: (object: Json) => KubernetesObject;
}

const SIMPLE: readonly Simple[] = [
  { kind: "SpireAgent", controller: ["DaemonSet", "spire-agent"], operandsOf: agentOperands },
  {
    kind: "SpiffeCSIDriver",
    controller: ["DaemonSet", "spire-spiffe-csi-driver"],
    operandsOf: driverOperands,
  },
  {
    kind: "SpireOIDCDiscoveryProvider",
    controller: ["Deployment", "spire-spiffe-oidc-discovery-provider"],
    operandsOf: providerOperands,
    routeOf: providerRoute,
  },
];

/** One cluster's operator; it keeps in mind what it has already done. */
export class Operator {
  readonly #api: ApiServer;
  readonly #done = new Map<string, string>();
  readonly #reported = new Map<string, string>();

  constructor(api: ApiServer) {
    this.#api = api;
  }

  /** Looks at the cluster and does what is left to do. */
  async reconcile(): Promise<void> {
    const manager = await this.#api.get(named("ZeroTrustWorkloadIdentityManager"));
    if (manager === undefined) return;
    const server = await this.#reconcileServer(manager);
    const states = [server];
    for (const simple of SIMPLE) states.push(await this.#reconcileSimple(simple, manager));
    const open = states.includes(false);
    await this.#report(manager, [
      condition("OperandsAvailable", open ? "False" : "True", open ? "Progressing" : "Ready", ""),
      condition("Ready", open ? "False" : "True", open ? "Progressing" : "Ready", ""),
    ]);
  }

  /** Answers whether its pods run; `undefined` where there is no such object. */
  async #reconcileSimple(
    { kind, controller, operandsOf, routeOf }: Simple,
    manager: Json,
  ): Promise<boolean | undefined> {
    const object = await this.#api.get(named(kind));
    if (object === undefined) return undefined;
    const version = versionOf(manager, object);
    if (version !== this.#done.get(kind)) {
      // An agent that finds no bundle exits, and its next try is 10 s later.
      if (kind === "SpireAgent" && !await this.#hasBundle(manager)) return false;
      await this.#own(manager, object);
      for (const operand of operandsOf(manager, object)) {
        await this.#api.apply(ownedBy(object, operand), MANAGER);
      }
      if (routeOf !== undefined) await this.#api.apply(routeOf(object), MANAGER);
      this.#done.set(kind, version);
    }
    const [type, name] = controller;
    const isReady = areReplicasReady(await this.#api.get(workload(type, name)));
    const reason = `${type}${isReady ? "Ready" : "NotReady"}`;
    await this.#report(object, [
      condition(`${type}Available`, isReady ? "True" : "False", reason, ""),
      condition("Ready", isReady ? "True" : "False", isReady ? "Ready" : "Progressing", ""),
    ]);
    return isReady;
  }

  async #hasBundle({ spec }: Json): Promise<boolean> {
    const metadata = { name: spec.bundleConfigMap, namespace };
    const map = await this.#api.get({ apiVersion: "v1", kind: "ConfigMap", metadata });
    return map?.data?.["bundle.crt"] !== undefined;
  }

  async #reconcileServer(manager: Json): Promise<boolean | undefined> {
    const server = await this.#api.get(named("SpireServer"));
    if (server === undefined) return undefined;
    const problem = invalidFederation(manager, server);
    const webhook = server.metadata.annotations?.["spirefed-e2e/webhook"] ?? "inert";
    const wanted = { manager, server, webhook };
    const version = versionOf(manager, server, webhook);
    if (problem === undefined && version !== this.#done.get("SpireServer")) {
      await this.#report(server, [condition("Ready", "False", "Progressing", "Reconciling")]);
      await this.#own(manager, server);
      await this.#api.createOnce(ownedBy(server, bundleConfigMap(wanted)), MANAGER);
      for (const operand of [...serverAccount(), ...serverOperands(wanted)]) {
        await this.#api.apply(ownedBy(server, operand), MANAGER);
      }
      const route = federationRoute(wanted);
      if (route !== undefined) await this.#api.apply(route, MANAGER);
      this.#done.set("SpireServer", version);
    }
    const conditions = await this.#conditions(server, problem);
    await this.#report(server, conditions);
    return conditions.every(({ type, status }) => type !== "Ready" || status === "True");
  }

  /** Whoever takes the manager away takes its four away with it. */
  async #own(manager: Json, { kind }: Json): Promise<void> {
    const { ownerReferences } = ownedBy(manager, named(kind)).metadata;
    await this.#api.merge(
      named(kind),
      { metadata: { ownerReferences } },
      `?fieldManager=${MANAGER}`,
    );
  }

  async #conditions(server: Json, problem: string | undefined): Promise<readonly Condition[]> {
    if (problem !== undefined) {
      return [
        condition("ConfigurationValid", "False", "InvalidFederationConfiguration", problem),
        condition("Ready", "False", "Failed", problem),
      ];
    }
    const ready = isRolledOut(await this.#api.get(workload("StatefulSet", "spire-server")));
    const available = ready
      ? condition("StatefulSetAvailable", "True", "StatefulSetReady", "All replicas are ready")
      : condition("StatefulSetAvailable", "False", "StatefulSetNotReady", "Waiting for replicas");
    const routed = server.spec.federation?.managedRoute === "false"
      ? condition("RouteAvailable", "False", "FederationRouteDisabled", "Managed route disabled")
      : condition("RouteAvailable", "True", "FederationRouteCreated", "Federation route created");
    // Without its managed route the operator never calls itself ready.
    const failed = server.spec.federation?.managedRoute === "false";
    const reason = failed ? "Failed" : ready ? "Ready" : "Progressing";
    return [
      condition("ConfigurationValid", "True", "ReconciliationSucceeded", "Configuration is valid"),
      available,
      ...(server.spec.federation === undefined ? [] : [routed]),
      condition("Ready", reason === "Ready" ? "True" : "False", reason, reason),
    ];
  }

  /** Sets conditions of these types and leaves those of others as they are. */
  async #report({ kind, metadata }: Json, conditions: readonly Condition[]): Promise<void> {
    const said = JSON.stringify([metadata.uid, conditions]);
    if (said === this.#reported.get(kind)) return;
    const name = named(kind);
    const held: readonly Json[] = (await this.#api.get(name))?.status?.conditions ?? [];
    const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const changed = conditions.map((condition) => ({ ...condition, lastTransitionTime: now }));
    const others = held.filter(({ type }) => !changed.some((one) => one.type === type));
    await this.#api.merge(name, { status: { conditions: [...others, ...changed] } }, "/status");
    this.#reported.set(kind, said);
  }
}

function named(kind: string): ObjectName {
  return { apiVersion: GROUP, kind, metadata: { name: "cluster" } };
}

function workload(kind: string, name: string): ObjectName {
  return { apiVersion: "apps/v1", kind, metadata: { name, namespace } };
}

/** What an operand was made from; another object of the same words makes it anew. */
function versionOf(manager: Json, object: Json, more?: string): string {
  const ids = [manager.metadata.uid, object.metadata.uid];
  return JSON.stringify([ids, manager.spec, object.spec, more]);
}

function ownedBy(
  { apiVersion, kind, metadata: { name, uid } }: Json,
  operand: ObjectName,
): KubernetesObject {
  const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }];
  return { ...operand, metadata: { ...operand.metadata, ownerReferences } };
}

function condition(
  type: string,
  status: "True" | "False",
  reason: string,
  message: string,
): Condition {
  return { type, status, reason, message };
}

/** What the API server accepts and the operator does not. */
function invalidFederation(manager: Json, server: Json): string | undefined {
  const peers: readonly string[] = (server.spec.federation?.federatesWith ?? []).map(
    ({ trustDomain }: Json) => trustDomain,
  );
  if (peers.includes(manager.spec.trustDomain)) return "cannot federate with own trust domain";
  const twice = peers.find((peer, index) => peers.indexOf(peer) !== index);
  return twice === undefined ? undefined : `duplicate trust domain ${twice} in federatesWith`;
}

function isRolledOut(set: Json | undefined): boolean {
  const { status, metadata } = set ?? {};
  return status?.observedGeneration === metadata?.generation &&
    status?.readyReplicas === 1 && status?.updatedReplicas === 1 &&
    status?.currentRevision === status?.updateRevision;
}

/** Of a DaemonSet or a Deployment. */
function areReplicasReady({ metadata, status }: Json = {}): boolean {
  const ready = status?.numberReady ?? status?.readyReplicas ?? 0;
  return status?.observedGeneration === metadata?.generation && ready > 0 &&
    ready === (status.desiredNumberScheduled ?? status.replicas);
}
