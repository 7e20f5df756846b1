/**
 * The operator: its Subscription, OLM's work on it, and the definitions that come of it.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { together } from "../federation/inspect.ts";
import { CLUSTER_SERVICE_VERSIONS } from "../../manifests/cluster_service_version.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  isEstablished,
  OWNED_DEFINITIONS,
} from "../../manifests/custom_resource_definition.ts";
import { EVENTS } from "../../manifests/event.ts";
import { INSTALL_PLANS, type InstallPlan } from "../../manifests/install_plan.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { PODS } from "../../manifests/pod.ts";
import { OPERATOR_PACKAGE, SUBSCRIPTIONS } from "../../manifests/subscription.ts";
import { DEPLOYMENTS } from "../../manifests/workload_controllers.ts";
import { judgeOlm, type OlmProgress } from "./olm_progress.ts";
import { podIllness } from "./operand_health.ts";
import { reading } from "./reading.ts";
import type { Site } from "./request.ts";
import { OPERATOR_DEPLOYMENT } from "./stack.ts";
import { rehearseAll, writeAll } from "./write.ts";

const AT_OPERATOR = { namespace: OPERATOR_NAMESPACE } as const;
const POLL_MS = 2_000;
/** A fresh Subscription may complain before its catalog was looked at. */
const PATIENCE_MS = 60_000;
/** OLM itself gives a version five minutes. */
const LIMIT_MS = 8 * 60_000;

/** Installs the operator and waits for it; answers the version that runs. */
export async function installOperator(site: Site): Promise<string> {
  const { operator, facts } = site.plan;
  // What lives in a namespace can be tried only once the namespace is there.
  const [namespace] = operator.filter(({ manifest }) => manifest.kind === "Namespace");
  const rest = operator.filter((step) => step !== namespace);
  if (namespace !== undefined) {
    await rehearseAll(site.cluster, [namespace]);
    await writeAll(site, [namespace]);
  }
  if (facts.namespace.state !== "read") await rehearseAll(site.cluster, rest);
  await writeAll(site, rest);
  const csv = await waitForOlm(site);
  await waitForDefinitions(site);
  return csv;
}

async function waitForOlm(site: Site): Promise<string> {
  const { cluster, context, lines } = site;
  const started = context.now().getTime();
  let failingSince: number | undefined;
  for (;;) {
    const progress = await progressOf(site);
    if (progress.state === "done") return progress.csv;
    const now = context.now().getTime();
    if (progress.state === "approval") {
      await approve(site, progress.plan);
      if (now - started > LIMIT_MS) throw await slow(site, "its InstallPlan to stay approved");
    } else if (progress.state === "failed") {
      failingSince ??= now;
      if (!progress.retried || now - failingSince > PATIENCE_MS) throw failed(site, progress);
      lines.waitingFor(cluster.name, `OLM to get over it: ${progress.reason}`);
    } else {
      failingSince = undefined;
      lines.waitingFor(cluster.name, progress.for);
      if (now - started > LIMIT_MS) throw await slow(site, progress.for);
    }
    await context.sleep(POLL_MS, context.signal);
  }
}

/** Whatever is waited for, the operator's pod may know why. */
async function slow({ cluster }: Site, what: string): Promise<SpirefedError> {
  const [pods, events] = await Promise.all([
    reading(cluster.list(PODS, AT_OPERATOR)),
    reading(cluster.list(EVENTS, AT_OPERATOR)),
  ]);
  const none = { state: "absent" } as const;
  const facts = { cluster: cluster.name, stack: new Map(), pods, events, claim: none };
  const ill = podIllness(OPERATOR_DEPLOYMENT, facts);
  return new SpirefedError(
    "partial",
    `[${cluster.name}] still waiting for ${what}${ill === undefined ? "" : `: ${ill.detail}`}`,
    {
      code: "operator/slow",
      remedy: ill?.remedy ??
        `oc --context ${cluster.name} -n ${OPERATOR_NAMESPACE} get csv,pods,events`,
    },
  );
}

async function progressOf({ cluster }: Site): Promise<OlmProgress> {
  try {
    const [subscriptions, plans, versions] = await together([
      cluster.list(SUBSCRIPTIONS, AT_OPERATOR),
      cluster.list(INSTALL_PLANS, AT_OPERATOR),
      cluster.list(CLUSTER_SERVICE_VERSIONS, AT_OPERATOR),
    ]);
    const subscription = subscriptions.items.find(({ spec }) => spec.name === OPERATOR_PACKAGE);
    if (subscription === undefined) return { state: "waiting", for: "the Subscription" };
    return judgeOlm({
      cluster: cluster.name,
      subscription,
      plans: plans.items,
      versions: versions.items,
    });
  } catch (error) {
    return { state: "waiting", for: `an answer (${messageOf(error)})` };
  }
}

function messageOf(error: unknown): string {
  if (error instanceof SpirefedError && error.kind === "preflight" && error.code !== "http/403") {
    return error.message;
  }
  throw error;
}

/** Agrees to the Subscription's own plan, if it is for this operator and nothing else. */
async function approve(
  { cluster, context, lines, request, wrote }: Site,
  plan: InstallPlan,
): Promise<void> {
  const { name, resourceVersion } = plan.metadata;
  const settings = request.settingsFor(cluster.name);
  const others = plan.spec.clusterServiceVersionNames.filter((csv) =>
    !csv.startsWith("zero-trust-workload-identity-manager.")
  );
  if (settings.approval !== "manual" || others.length > 0) {
    throw new SpirefedError(
      "partial",
      others.length > 0
        ? `[${cluster.name}] InstallPlan/${name} would install ${
          others.join(", ")
        }, too: not approved`
        : `[${cluster.name}] InstallPlan/${name} waits for approval`,
      {
        code: "olm/approval",
        remedy: others.length > 0
          ? `oc --context ${cluster.name} -n ${OPERATOR_NAMESPACE} patch installplan ${name} --type merge -p '{"spec":{"approved":true}}', if all of it is meant`
          : `oc spirefed install ${cluster.name} --approval manual`,
      },
    );
  }
  context.signal.throwIfAborted();
  try {
    await cluster.patch({ resource: INSTALL_PLANS, name, ...AT_OPERATOR }, {
      type: "merge",
      // The plan that was looked at, and no later one of its name.
      body: { metadata: { resourceVersion }, spec: { approved: true } },
    });
  } catch (error) {
    // Changed meanwhile, or the answer was lost: the next look tells.
    const code = error instanceof SpirefedError ? error.code ?? "" : "";
    if (/^(net\/|http\/5)/.test(code)) wrote();
    else if (code !== "http/409") throw error;
    return lines.waitingFor(cluster.name, `InstallPlan/${name} to take the approval`);
  }
  wrote();
  lines.say(cluster.name, `InstallPlan/${name} approved`);
}

function failed(
  { cluster }: Site,
  { reason, remedy }: Extract<OlmProgress, { state: "failed" }>,
): SpirefedError {
  return new SpirefedError("partial", `[${cluster.name}] ${reason}`, {
    code: "olm/failed",
    remedy,
  });
}

/** A version that succeeded may be ahead of the API server's knowledge of its kinds. */
async function waitForDefinitions(site: Site): Promise<void> {
  const { cluster, context, lines } = site;
  const started = context.now().getTime();
  for (;;) {
    const open = await missing(site);
    if (open === undefined) return;
    lines.waitingFor(cluster.name, open);
    if (context.now().getTime() - started > PATIENCE_MS) throw await slow(site, open);
    await context.sleep(POLL_MS, context.signal);
  }
}

async function missing({ cluster }: Site): Promise<string | undefined> {
  try {
    const found = await Promise.all(OWNED_DEFINITIONS.map(async (name) => {
      const definition = await cluster.get(CUSTOM_RESOURCE_DEFINITIONS, name);
      return definition !== undefined && isEstablished(definition) ? undefined : name;
    }));
    const name = found.find((one) => one !== undefined);
    if (name !== undefined) return `${name} to be Established`;
    const operator = await cluster.get(DEPLOYMENTS, OPERATOR_DEPLOYMENT, AT_OPERATOR);
    return (operator?.status.availableReplicas ?? 0) > 0 ? undefined : "the operator's pod";
  } catch (error) {
    return `an answer (${messageOf(error)})`;
  }
}
