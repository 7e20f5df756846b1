/**
 * Why an operand is not ready: what its conditions, its pods, their claim and their
 * events say, in the order in which one causes the other. Pure.
 *
 * @module
 */
import type { Listing } from "../cluster/cluster.ts";
import { printable } from "../output/printable.ts";
import type { Event } from "../../manifests/event.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import type { Pod } from "../../manifests/pod.ts";
import { isRecord } from "../../manifests/raw_object.ts";
import type { Condition } from "../../manifests/reading.ts";
import { type PersistentVolumeClaim, SERVER_CLAIM } from "../../manifests/storage.ts";
import { itemsOf, type Reading, valueOf } from "./reading.ts";

/** What is looked at. */
export interface OperandFacts {
  readonly cluster: string;
  readonly stack: ReadonlyMap<string, Reading<Manifest>>;
  readonly pods: Reading<Listing<Pod>>;
  readonly events: Reading<Listing<Event>>;
  readonly claim: Reading<PersistentVolumeClaim>;
}

/** What is wrong, and what would help. */
export interface Illness {
  readonly detail: string;
  readonly remedy: string;
}

/** The beginning of the names of an operand's pods, by kind. */
const PODS_OF: Readonly<Record<string, string>> = {
  SpireServer: "spire-server",
  SpireAgent: "spire-agent",
  SpiffeCSIDriver: "spire-spiffe-csi-driver",
  SpireOIDCDiscoveryProvider: "spire-spiffe-oidc-discovery-provider",
};

/** What ails an operand; `undefined` when it is ready, or is not there. */
export function illnessOf(kind: string, facts: OperandFacts): Illness | undefined {
  const reading = facts.stack.get(kind);
  const object = reading && valueOf(reading);
  if (object === undefined) return undefined;
  const conditions = conditionsOf(object);
  const invalid = conditions.find(({ type, status }) =>
    type === "ConfigurationValid" && status === "False"
  );
  if (invalid !== undefined) return refusedConfiguration(kind, invalid, facts);
  if (isReady(object)) return undefined;
  return podIllness(PODS_OF[kind] ?? "", facts) ?? notReady(kind, conditions, facts);
}

/** Whether an object's own Ready condition says True now. */
export function isReady(object: Manifest): boolean {
  return conditionsOf(object).some(({ type, status }) => type === "Ready" && status === "True");
}

/** The conditions of any object. */
export function conditionsOf(object: Manifest): readonly Condition[] {
  const { status } = object;
  if (!isRecord(status) || !Array.isArray(status["conditions"])) return [];
  return status["conditions"].filter((one): one is Condition =>
    isRecord(one) && typeof one["type"] === "string" && typeof one["status"] === "string"
  );
}

function refusedConfiguration(
  kind: string,
  { reason = "", message = "" }: Condition,
  { cluster }: OperandFacts,
): Illness {
  const detail = printable(`the operator refuses ${kind}/cluster: ${reason}: ${message}`, 400);
  if (reason === "ProxyConfigurationInvalid") return { detail, remedy: proxyRemedy(cluster) };
  return {
    detail,
    remedy:
      `oc --context ${cluster} edit ${kind.toLowerCase()} cluster; it is not tried again before it is edited`,
  };
}

/** Sets what the operator demands where there is a proxy. */
export function proxyRemedy(cluster: string): string {
  return `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} create configmap trusted-ca && oc --context ${cluster} -n ${OPERATOR_NAMESPACE} label configmap trusted-ca config.openshift.io/inject-trusted-cabundle=true, then name it in TRUSTED_CA_BUNDLE_CONFIGMAP of the Subscription's spec.config.env`;
}

/** What the pods of a workload, their claim and their events say. */
export function podIllness(workload: string, facts: OperandFacts): Illness | undefined {
  if (workload === "") return undefined;
  const pods = itemsOf(facts.pods).filter(({ metadata }) => metadata.name.startsWith(workload));
  return unscheduled(workload, pods, facts) ?? waiting(pods, facts) ??
    refusedPods(workload, facts);
}

function unscheduled(
  workload: string,
  pods: readonly Pod[],
  { claim, cluster }: OperandFacts,
): Illness | undefined {
  const found =
    pods.flatMap(({ metadata, status }) =>
      status.conditions.filter(({ type, status }) => type === "PodScheduled" && status === "False")
        .map(({ message = "" }) => ({ name: metadata.name, message }))
    )[0];
  if (workload === "spire-server" && valueOf(claim)?.status.phase === "Pending") {
    return {
      detail: printable(
        `${SERVER_CLAIM} is Pending: no storage class provides it${
          found === undefined ? "" : ` (${found.message})`
        }`,
        400,
      ),
      remedy:
        `oc --context ${cluster} get storageclass; the class cannot be changed afterwards: delete SpireServer/cluster and the claim, then oc spirefed install ${cluster} --storage-class NAME`,
    };
  }
  return found && {
    detail: printable(`${found.name} is not scheduled: ${found.message}`, 400),
    remedy: `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} describe pod ${found.name}`,
  };
}

function waiting(pods: readonly Pod[], { cluster }: OperandFacts): Illness | undefined {
  for (const { metadata, status } of pods) {
    for (const container of [...status.initContainerStatuses, ...status.containerStatuses]) {
      const { reason = "", message = "" } = container.state.waiting ?? {};
      if (reason === "" || reason === "ContainerCreating" || reason === "PodInitializing") continue;
      const where = `${metadata.name} -c ${container.name}`;
      return {
        detail: printable(`${metadata.name}: ${container.name} is in ${reason}: ${message}`, 400),
        remedy: remedyFor(reason, where, cluster),
      };
    }
  }
  return undefined;
}

function remedyFor(reason: string, where: string, cluster: string): string {
  const logs = `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} logs ${where} --previous`;
  if (/^(ErrImagePull|ImagePullBackOff)$/.test(reason)) {
    return `give the cluster a pull secret for the image, or mirror it: oc --context ${cluster} -n ${OPERATOR_NAMESPACE} describe pod ${
      where.split(" ")[0]
    }`;
  }
  if (where.includes("-c set-context")) {
    return `${logs}; then oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete pod ${
      where.split(" ")[0]
    }, which labels the socket's folder again`;
  }
  if (!where.startsWith("spire-server-0")) return logs;
  return `${logs}; "a registration entry with trust domain" means data of another trust domain in ${SERVER_CLAIM}, expired keys after a long stop a restart: oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete pod spire-server-0`;
}

/** Pods that were never made, or never got their volumes. */
function refusedPods(workload: string, { events, cluster }: OperandFacts): Illness | undefined {
  const found = itemsOf(events).filter(({ involvedObject, type }) =>
    type === "Warning" && involvedObject.name.startsWith(workload)
  ).find(({ reason }) => /^(FailedCreate|FailedMount|FailedScheduling)$/.test(reason));
  if (found === undefined) return undefined;
  const { involvedObject: { kind, name }, reason, message } = found;
  const scc = message.includes("security context constraint");
  return {
    detail: printable(`${kind}/${name} ${reason}: ${message}`, 400),
    remedy: scc
      ? `oc --context ${cluster} get scc spire-agent spire-spiffe-csi-driver; take privileged settings out of the operand, the operator makes both again`
      : `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} describe ${kind.toLowerCase()} ${name}`,
  };
}

function notReady(
  kind: string,
  conditions: readonly Condition[],
  { cluster }: OperandFacts,
): Illness {
  const bad = conditions.filter(({ type, status }) =>
    status === "False" && type !== "CreateOnlyMode"
  );
  const said = bad.map(({ type, reason = "", message = "" }) =>
    `${type}: ${[reason, message].filter((text) => text !== "").join(": ")}`
  );
  return {
    detail: printable(
      said.length === 0 ? `${kind}/cluster has no Ready condition yet` : said.join("; "),
      400,
    ),
    remedy: `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} get pods,events`,
  };
}
