/**
 * Stand-in for the operator's controller: turns its objects into operands, rolls the
 * server out again when its configuration changes, and reports in conditions, with
 * the documented reasons and faults: Ready flaps at each pass and carries no
 * observedGeneration, and a refused configuration is not tried again until it is edited.
 *
 * @module
 */
import type { ApiServer, Json, ObjectName } from "../api.ts";
import { OPERATOR_NAMESPACE as namespace } from "../topology.ts";
import { bundleConfigMap, serverOperands } from "./server_operands.ts";

const MANAGER = "zero-trust-workload-identity-manager";
const GROUP = "operator.openshift.io/v1alpha1";

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** One cluster's operator; it keeps in mind what it has already done. */
export class Operator {
  readonly #api: ApiServer;
  #done = "";
  #reported = "";

  constructor(api: ApiServer) {
    this.#api = api;
  }

  /** Looks at the cluster and does what is left to do. */
  async reconcile(): Promise<void> {
    const manager = await this.#api.get(named("ZeroTrustWorkloadIdentityManager"));
    const server = await this.#api.get(named("SpireServer"));
    if (manager === undefined || server === undefined) return;
    const problem = invalidFederation(manager, server);
    const webhook = server.metadata.annotations?.["spirefed-e2e/webhook"] ?? "inert";
    const wanted = { manager, server, webhook };
    const version = JSON.stringify([manager.spec, server.spec, webhook]);
    if (problem === undefined && version !== this.#done) {
      await this.#report(server, [condition("Ready", "False", "Progressing", "Reconciling")]);
      await this.#api.createOnce(bundleConfigMap(wanted));
      for (const operand of serverOperands(wanted)) await this.#api.apply(operand, MANAGER);
      this.#done = version;
    }
    await this.#report(server, await this.#conditions(server, problem));
  }

  async #conditions(server: Json, problem: string | undefined): Promise<readonly Condition[]> {
    if (problem !== undefined) {
      return [
        condition("ConfigurationValid", "False", "InvalidFederationConfiguration", problem),
        condition("Ready", "False", "Failed", problem),
      ];
    }
    const ready = isRolledOut(
      await this.#api.get({
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: "spire-server", namespace },
      }),
    );
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
  async #report({ metadata }: Json, conditions: readonly Condition[]): Promise<void> {
    const said = JSON.stringify([metadata.uid, conditions]);
    if (said === this.#reported) return;
    const name = named("SpireServer");
    const held: readonly Json[] = (await this.#api.get(name))?.status?.conditions ?? [];
    const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const changed = conditions.map((condition) => ({ ...condition, lastTransitionTime: now }));
    const others = held.filter(({ type }) => !changed.some((one) => one.type === type));
    await this.#api.merge(name, { status: { conditions: [...others, ...changed] } }, "/status");
    this.#reported = said;
  }
}

function named(kind: string): ObjectName {
  return { apiVersion: GROUP, kind, metadata: { name: "cluster" } };
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
