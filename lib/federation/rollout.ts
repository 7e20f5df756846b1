/**
 * When a change of `SpireServer.spec.federation` has arrived. The operator's Ready
 * condition alone says nothing of it: it carries no observedGeneration, is stale right
 * after a patch, and flaps while the operator works.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import {
  CONFIG_MAPS,
  type ConfigMap,
  STATEFUL_SETS,
  type StatefulSet,
} from "../../manifests/core.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { FEDERATION_ROUTE, isAdmitted, type Route, ROUTES } from "../../manifests/route.ts";
import { SPIRE_SERVERS, type SpireServer } from "../../manifests/spire_server.ts";
import { together } from "./inspect.ts";

/** What the judgement is made from; absent objects are `undefined`. */
export interface RolloutFacts {
  readonly spireServer: SpireServer | undefined;
  readonly config: ConfigMap | undefined;
  readonly statefulSet: StatefulSet | undefined;
  readonly route: Route | undefined;
  /** Trust domains that must stand in the server's static configuration. */
  readonly trustDomains: readonly string[];
  /** Trust domains that must stand there no more. */
  readonly gone?: readonly string[] | undefined;
}

/** Whether it has arrived, and what is waited for if not. */
export type RolloutState =
  | { readonly state: "done" }
  | { readonly state: "waiting"; readonly for: string }
  | { readonly state: "failed"; readonly reason: string };

/** The peers in a server's static configuration, whatever else it says. */
export function configuredPeers(config: ConfigMap | undefined): readonly string[] {
  return Object.keys(federationOf(config)?.federates_with ?? {});
}

/** Judges a rollout from what was read. */
export function judgeRollout(facts: RolloutFacts): RolloutState {
  const { spireServer, statefulSet, route } = facts;
  const conditions = spireServer?.status?.conditions ?? [];
  const invalid = conditions.find(({ type, status }) =>
    type === "ConfigurationValid" && status === "False"
  );
  if (invalid !== undefined) {
    return {
      state: "failed",
      reason: printable(
        `the operator refuses the configuration: ${invalid.message ?? invalid.reason ?? ""}`,
        300,
      ),
    };
  }
  const missing = missingFromConfig(facts);
  if (missing !== undefined) return { state: "waiting", for: missing };
  if (!isRolledOut(statefulSet)) return { state: "waiting", for: "the restart of spire-server-0" };
  const managed = spireServer?.spec.federation?.managedRoute !== "false";
  if (managed && (route === undefined || !isAdmitted(route))) {
    return { state: "waiting", for: "a router to admit Route/spire-server-federation" };
  }
  // Without a managed route the operator never says Ready: that is its way, not a fault.
  const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  if (managed && !ready) return { state: "waiting", for: "SpireServer/cluster to be Ready" };
  return { state: "done" };
}

function missingFromConfig({ config, trustDomains, gone = [] }: RolloutFacts): string | undefined {
  const federation = federationOf(config);
  if (federation?.bundle_endpoint === undefined) return "the bundle endpoint in server.conf";
  const held = federation.federates_with ?? {};
  const missing = trustDomains.find((name) => !Object.hasOwn(held, name));
  if (missing !== undefined) return `${missing} in server.conf`;
  const left = gone.find((name) => Object.hasOwn(held, name));
  return left === undefined ? undefined : `${left} to leave server.conf`;
}

interface ServerFederation {
  readonly bundle_endpoint?: unknown;
  readonly federates_with?: Readonly<Record<string, unknown>>;
}

function federationOf(config: ConfigMap | undefined): ServerFederation | undefined {
  try {
    const parsed = JSON.parse(config?.data["server.conf"] ?? "") as {
      readonly server?: { readonly federation?: ServerFederation };
    };
    return parsed.server?.federation;
  } catch {
    return undefined;
  }
}

/** Whether a server already runs without these static peers. */
export async function runsWithout(cluster: Cluster, gone: readonly string[]): Promise<boolean> {
  const at = { namespace: OPERATOR_NAMESPACE };
  const [config, statefulSet] = await together([
    cluster.get(CONFIG_MAPS, "spire-server", at),
    cluster.get(STATEFUL_SETS, "spire-server", at),
  ]);
  const held = configuredPeers(config);
  return isRolledOut(statefulSet) && !gone.some((name) => held.includes(name));
}

function isRolledOut(statefulSet: StatefulSet | undefined): boolean {
  const { generation } = statefulSet?.metadata ?? {};
  const status = statefulSet?.status;
  return status !== undefined && status.observedGeneration === generation &&
    status.readyReplicas === 1 && status.updatedReplicas === 1 &&
    status.currentRevision === status.updateRevision;
}

/** How long the last step of a rollout must hold before it is believed. */
const STABLE_MS = 10_000;
const POLL_MS = 2_000;
const LIMIT_MS = 3 * 60_000;

/** What waiting needs. */
export interface RolloutWait {
  readonly trustDomains: readonly string[];
  /** Trust domains that leave the configuration. */
  readonly gone?: readonly string[] | undefined;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly waitingFor: (what: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits until a change has arrived and stays.
 *
 * @throws {SpirefedError} `partial`, when the operator refuses it or three minutes are
 * not enough: the change itself was written.
 */
export async function waitForRollout(cluster: Cluster, wait: RolloutWait): Promise<void> {
  const started = wait.now().getTime();
  let since: number | undefined;
  let last = "the operator";
  while (true) {
    const state = await judgeNow(cluster, wait);
    const now = wait.now().getTime();
    if (state.state === "failed") {
      throw new SpirefedError("partial", `[${cluster.name}] SpireServer/cluster: ${state.reason}`, {
        code: "rollout/refused",
        remedy: `oc --context ${cluster.name} get spireserver cluster -o yaml`,
      });
    }
    if (state.state === "done") {
      since ??= now;
      if (now - since >= STABLE_MS) return;
      wait.waitingFor(`[${cluster.name}] SpireServer/cluster to stay Ready`);
    } else {
      since = undefined;
      last = state.for;
      wait.waitingFor(`[${cluster.name}] ${state.for}`);
    }
    if (now - started > LIMIT_MS) {
      throw new SpirefedError(
        "partial",
        `[${cluster.name}] still waiting for ${last} after 3 min`,
        {
          code: "rollout/slow",
          remedy: `oc --context ${cluster.name} -n ${OPERATOR_NAMESPACE} get pods,routes`,
        },
      );
    }
    await wait.sleep(POLL_MS, wait.signal);
  }
}

async function judgeNow(
  cluster: Cluster,
  { trustDomains, gone }: Pick<RolloutWait, "trustDomains" | "gone">,
): Promise<RolloutState> {
  const at = { namespace: OPERATOR_NAMESPACE };
  try {
    const [spireServer, config, statefulSet, route] = await together([
      cluster.get(SPIRE_SERVERS, "cluster"),
      cluster.get(CONFIG_MAPS, "spire-server", at),
      cluster.get(STATEFUL_SETS, "spire-server", at),
      cluster.get(ROUTES, FEDERATION_ROUTE, at),
    ]);
    return judgeRollout({ spireServer, config, statefulSet, route, trustDomains, gone });
  } catch (error) {
    if (!(error instanceof SpirefedError) || error.kind !== "preflight") throw error;
    return { state: "waiting", for: `an answer (${error.message})` };
  }
}
