/**
 * Stands in for the Zero Trust Workload Identity Manager operator: operands, rollout,
 * Routes and conditions of its five kinds.
 *
 * It sees a cluster only through its port, so the same code serves the World and a real
 * API server with the operator's definitions.
 *
 * @module
 */
import type { Cluster, ObjectKey } from "../lib/cluster/cluster.ts";
import { asFound } from "../manifests/as_found.ts";
import { CONFIG_MAPS, STATEFUL_SETS } from "../manifests/core.ts";
import { type Manifest, OPERATOR_NAMESPACE, type Resource } from "../manifests/manifest.ts";
import { PROXIES, proxyInForce } from "../manifests/openshift_config.ts";
import {
  type Operand,
  SPIFFE_CSI_DRIVERS,
  SPIRE_AGENTS,
  SPIRE_OIDC_DISCOVERY_PROVIDERS,
} from "../manifests/operands.ts";
import { ROUTES } from "../manifests/route.ts";
import { SPIRE_SERVERS, type SpireServer } from "../manifests/spire_server.ts";
import {
  CREATE_ONLY_MODE,
  environmentOf,
  SUBSCRIPTIONS,
  TRUSTED_CA_BUNDLE_CONFIGMAP,
} from "../manifests/subscription.ts";
import { DAEMON_SETS, DEPLOYMENTS } from "../manifests/workload_controllers.ts";
import {
  ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS,
  type ZeroTrustWorkloadIdentityManager,
} from "../manifests/zero_trust_workload_identity_manager.ts";
import {
  agentOperand,
  CONFIG_HASH,
  csiDriverOperand,
  oidcOperands,
  operatorDeployment,
  serverOperands,
} from "./operands.ts";
import { at } from "./validation.ts";

const AT_OPERATOR = { namespace: OPERATOR_NAMESPACE } as const;

/** One condition that the operator sets; none carries an observedGeneration. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** Merges into an object's `status`; the port has no verb for it, since no command needs one. */
export type WriteStatus = (
  target: ObjectKey,
  status: Readonly<Record<string, unknown>>,
) => Promise<void>;

/** What the operator knows of its surroundings at a pass. */
interface Pass {
  readonly cluster: Cluster;
  readonly writeStatus: WriteStatus;
  readonly manager: ZeroTrustWorkloadIdentityManager;
  /** `CREATE_ONLY_MODE`: nothing that exists is changed. */
  readonly createOnly: boolean;
  /** What is wrong with the proxy's settings, if something is. */
  readonly proxyProblem: string | undefined;
}

/**
 * One pass of the operator. Ready goes False while it works, stays at its old value
 * until it begins, and may say True for a moment before the restart shows.
 */
export async function operate(cluster: Cluster, writeStatus: WriteStatus): Promise<void> {
  const [manager, itself] = await Promise.all([
    cluster.get(ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS, "cluster"),
    cluster.get(DEPLOYMENTS, operatorDeployment("").metadata.name, AT_OPERATOR),
  ]);
  if (manager === undefined || itself === undefined || itself.status.availableReplicas < 1) return;
  const pass = { cluster, writeStatus, manager, ...await surroundings(cluster) };
  const ready = [
    await operateServer(pass),
    await operatePods(pass, SPIRE_AGENTS, DAEMON_SETS, agentOperand()),
    await operatePods(pass, SPIFFE_CSI_DRIVERS, DAEMON_SETS, csiDriverOperand()),
    await operateOidc(pass),
  ];
  const all = ready.every((one) => one === true);
  await say(pass, ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS, [
    condition("OperandsAvailable", all, all ? "Ready" : "Progressing"),
    condition("Ready", all, all ? "Ready" : "Progressing"),
  ]);
}

async function surroundings(
  cluster: Cluster,
): Promise<Pick<Pass, "createOnly" | "proxyProblem">> {
  const [{ items }, proxy] = await Promise.all([
    cluster.list(SUBSCRIPTIONS, AT_OPERATOR),
    cluster.get(PROXIES, "cluster"),
  ]);
  const value = (name: string): string | undefined =>
    items.map((subscription) => environmentOf(subscription, name)).find((one) => one !== undefined);
  const lacksCa = proxyInForce(proxy) !== undefined &&
    value(TRUSTED_CA_BUNDLE_CONFIGMAP) === undefined;
  return {
    createOnly: value(CREATE_ONLY_MODE) === "true",
    proxyProblem: lacksCa
      ? `proxy is configured but ${TRUSTED_CA_BUNDLE_CONFIGMAP} is not set`
      : undefined,
  };
}

/** The server: configuration, rollout, Route. Answers whether it is ready, `undefined` without one. */
async function operateServer(pass: Pass): Promise<boolean | undefined> {
  const { cluster, manager } = pass;
  const server = await cluster.get(SPIRE_SERVERS, "cluster");
  if (server === undefined) return undefined;
  const tell = (...conditions: readonly Condition[]): Promise<void> =>
    say(pass, SPIRE_SERVERS, conditions);
  const refused = problemWith(server.spec.federation, manager.spec.trustDomain);
  if (refused !== undefined) {
    await tell(
      {
        ...condition("ConfigurationValid", false, "InvalidFederationConfiguration"),
        message: refused,
      },
      { ...condition("Ready", false, "Failed"), message: refused },
    );
    return false;
  }
  if (pass.proxyProblem !== undefined) return await sayProxy(pass, SPIRE_SERVERS);
  const { config, statefulSet, controllerConfig, route } = serverOperands(server, manager.spec);
  const wanted = [config, statefulSet, controllerConfig, ...route === undefined ? [] : [route]];
  const modeOf = condition(
    "CreateOnlyMode",
    pass.createOnly,
    pass.createOnly ? "CreateOnlyModeEnabled" : "CreateOnlyModeDisabled",
  );
  if (await writeOperands(pass, wanted)) {
    await tell(VALID, modeOf, {
      ...condition("Ready", false, "Progressing"),
      message: "Reconciling",
    });
    return false;
  }
  const set = await cluster.get(STATEFUL_SETS, "spire-server", AT_OPERATOR);
  const available = set?.status?.readyReplicas === 1;
  const conditions = readyConditions(available, server);
  await tell(VALID, modeOf, ...routeConditions(server), ...conditions);
  return conditions.at(-1)?.status === "True";
}

/** An operand that is pods alone: a DaemonSet. */
async function operatePods(
  pass: Pass,
  resource: Resource<Operand>,
  controllers: Resource<
    { readonly status: { readonly numberReady: number; readonly desiredNumberScheduled: number } }
  >,
  wanted: Manifest,
): Promise<boolean | undefined> {
  const { cluster } = pass;
  if (await cluster.get(resource, "cluster") === undefined) return undefined;
  if (await writeOperands(pass, [wanted])) {
    await say(pass, resource, [VALID, condition("Ready", false, "Progressing")]);
    return false;
  }
  const held = await cluster.get(controllers, wanted.metadata.name, AT_OPERATOR);
  const { numberReady = 0, desiredNumberScheduled = 0 } = held?.status ?? {};
  const ready = desiredNumberScheduled > 0 && numberReady === desiredNumberScheduled;
  const available = condition(
    "DaemonSetAvailable",
    ready,
    ready ? "DaemonSetReady" : "DaemonSetNotReady",
  );
  await say(pass, resource, [
    VALID,
    { ...available, message: `${numberReady} of ${desiredNumberScheduled} pods are ready` },
    condition("Ready", ready, ready ? "Ready" : "Progressing"),
  ]);
  return ready;
}

async function operateOidc(pass: Pass): Promise<boolean | undefined> {
  const { cluster } = pass;
  const resource = SPIRE_OIDC_DISCOVERY_PROVIDERS;
  const found = await cluster.get(asFound(resource), "cluster");
  if (found === undefined) return undefined;
  if (pass.proxyProblem !== undefined) return await sayProxy(pass, resource);
  const wanted = oidcOperands(String(at(found, "spec.jwtIssuer")));
  if (await writeOperands(pass, wanted)) {
    await say(pass, resource, [VALID, condition("Ready", false, "Progressing")]);
    return false;
  }
  const held = await cluster.get(DEPLOYMENTS, wanted[0].metadata.name, AT_OPERATOR);
  const ready = (held?.status.availableReplicas ?? 0) > 0;
  await say(pass, resource, [
    VALID,
    condition("DeploymentAvailable", ready, ready ? "DeploymentReady" : "DeploymentNotReady"),
    condition("Ready", ready, ready ? "Ready" : "Progressing"),
  ]);
  return ready;
}

async function sayProxy(pass: Pass, resource: Resource<unknown>): Promise<false> {
  const message = pass.proxyProblem ?? "";
  await say(pass, resource, [
    { ...condition("ConfigurationValid", false, "ProxyConfigurationInvalid"), message },
    { ...condition("Ready", false, "Failed"), message },
  ]);
  return false;
}

function condition(type: string, good: boolean, reason: string): Condition {
  return { type, status: good ? "True" : "False", reason, message: "" };
}

const VALID = condition("ConfigurationValid", true, "Valid");

/** Sets conditions; the list of them only grows. */
async function say(
  { cluster, writeStatus }: Pass,
  resource: Resource<unknown>,
  conditions: readonly Condition[],
): Promise<void> {
  const held = await cluster.get(asFound(resource), "cluster");
  const old = (at(held, "status.conditions") ?? []) as readonly Condition[];
  const byType = new Map(old.map((one) => [one.type, one]));
  for (const one of conditions) byType.set(one.type, one);
  const merged = [...byType.values()];
  if (JSON.stringify(merged) === JSON.stringify(old)) return;
  await writeStatus({ resource, name: "cluster" }, { conditions: merged });
}

function readyConditions(available: boolean, { spec }: SpireServer): readonly Condition[] {
  const rollout = available ? condition("StatefulSetAvailable", true, "StatefulSetReady") : {
    ...condition("StatefulSetAvailable", false, "StatefulSetNotReady"),
    message: "0/1 replicas are ready",
  };
  // Without a managed route the operator never becomes Ready.
  const failed = spec.federation?.managedRoute === "false";
  const reason = failed ? "Failed" : available ? "Ready" : "Progressing";
  return [
    rollout,
    { ...condition("Ready", reason === "Ready", reason), message: rollout.message },
  ];
}

function routeConditions({ spec: { federation } }: SpireServer): readonly Condition[] {
  if (federation === undefined) return [];
  return [
    federation.managedRoute === "false"
      ? {
        ...condition("RouteAvailable", false, "FederationRouteDisabled"),
        message: "managedRoute is false",
      }
      : condition("RouteAvailable", true, "FederationRouteCreated"),
  ];
}

/** What the operator refuses, although the API server took it. */
function problemWith(
  federation: SpireServer["spec"]["federation"],
  trustDomain: string,
): string | undefined {
  const seen = new Set<string>();
  for (const peer of federation?.federatesWith ?? []) {
    if (peer.trustDomain === trustDomain) {
      return `federatesWith: trust domain ${trustDomain} cannot federate with itself`;
    }
    if (seen.has(peer.trustDomain)) {
      return `federatesWith: duplicate trust domain ${peer.trustDomain}`;
    }
    seen.add(peer.trustDomain);
  }
  return undefined;
}

const KINDS_OF_OPERANDS: readonly Resource<unknown>[] = [
  CONFIG_MAPS,
  STATEFUL_SETS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ROUTES,
];

/** Brings objects up to date; whether anything was written. */
async function writeOperands(
  { cluster, createOnly }: Pass,
  wanted: readonly Manifest[],
): Promise<boolean> {
  let written = false;
  for (const object of wanted) {
    const resource = KINDS_OF_OPERANDS.find(({ kind }) => kind === object.kind);
    if (resource === undefined) throw new Error(`no operand is a ${object.kind}`);
    const held = await cluster.get(asFound(resource), object.metadata.name, AT_OPERATOR);
    if (held !== undefined && (createOnly || isUpToDate(held, object))) continue;
    written = true;
    await cluster.apply(object, { force: true });
  }
  return written;
}

/** By what the operator itself would write again. */
function isUpToDate(held: Manifest, wanted: Manifest): boolean {
  const said = ({ kind, data, spec }: Manifest): unknown => {
    if (kind === "ConfigMap") return data;
    const annotations = at(spec, "template.metadata.annotations");
    return kind === "Route"
      ? at(spec, "host")
      : (annotations as Readonly<Record<string, unknown>> | undefined)?.[CONFIG_HASH];
  };
  return JSON.stringify(said(held)) === JSON.stringify(said(wanted));
}
