/**
 * What has to be written on one cluster, what stands in the way of it, and what has to be
 * agreed to first. Pure.
 *
 * @module
 */
import { runChecks } from "../check/run.ts";
import { SpirefedError } from "../errors.ts";
import type { ApplyStep, Ask } from "../plan/plan.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { isRecord } from "../../manifests/raw_object.ts";
import { OPERATOR_PACKAGE } from "../../manifests/subscription.ts";
import { type Change, changeFor } from "./changes.ts";
import { INSTALL_CHECKS } from "./checks/all.ts";
import type { ClusterFacts } from "./facts.ts";
import { judgeOlm } from "./olm_progress.ts";
import { itemsOf, valueOf } from "./reading.ts";
import { unreadIn } from "./unread.ts";
import { obstacle } from "./obstacle.ts";
import type { Subject } from "./subject.ts";
import type { Part, Wanted } from "./wanted.ts";

/** A plan for one cluster. */
export interface InstallPlan {
  readonly cluster: string;
  readonly facts: ClusterFacts;
  readonly wanted: Wanted;
  readonly parts: readonly Part[];
  readonly operator: readonly ApplyStep[];
  readonly stack: readonly ApplyStep[];
}

/**
 * Plans one cluster.
 *
 * @throws {SpirefedError} `preflight`, with everything that stands in the way.
 */
export function planInstall(
  subject: Subject,
  { parts, forceConflicts }: { readonly parts: readonly Part[]; readonly forceConflicts: boolean },
): InstallPlan {
  const { looked, wanted } = subject;
  const failures = obstacles(subject, parts);
  if (failures.length > 0) throw together(failures);
  if (looked.facts === undefined || wanted === undefined) throw new Error("checks let it pass");
  const { facts } = looked;
  const { cluster } = facts;
  const step = ({ action, manifest, why }: Change, asks: readonly Ask[] = []): ApplyStep => ({
    action,
    cluster,
    manifest,
    why,
    asks,
    force: forceConflicts,
  });
  const operator = parts.includes("operator")
    ? changesOf(wanted.operator, (object) => heldOperatorObject(facts, object)).map((one) =>
      step(one)
    )
    : [];
  const changes = changesOf(stackWanted(wanted, parts), ({ kind }) => heldIn(facts, kind));
  const asks = asksFor(changes, { cluster, wanted, facts });
  const stack = changes.map((one, at) => step(one, at === 0 ? asks : []));
  return { cluster, facts, wanted, parts, operator, stack };
}

/** Only the endpoint concerns only the server. */
export function stackWanted(wanted: Wanted, parts: readonly Part[]): readonly Manifest[] {
  if (parts.includes("stack")) return wanted.stack;
  return parts.includes("endpoint")
    ? wanted.stack.filter(({ kind }) => kind === "SpireServer").map(onlyFederation)
    : [];
}

function onlyFederation(server: Manifest): Manifest {
  const spec = isRecord(server["spec"]) ? server["spec"] : {};
  return { ...server, spec: { federation: spec["federation"] } };
}

function changesOf(
  wanted: readonly Manifest[],
  held: (object: Manifest) => Manifest | undefined,
): readonly Change[] {
  return wanted.map((object) => changeFor(held(object), object))
    .filter((change) => change !== undefined).map(inWords);
}

/** An endpoint is more than the sum of its fields. */
function inWords(change: Change): Change {
  const endpoint = change.action === "update" && /federation\.bundleEndpoint\.profile is to be/;
  return endpoint && endpoint.test(change.why)
    ? { ...change, why: "has no bundle endpoint yet; its server restarts once" }
    : change;
}

function heldIn({ stack }: ClusterFacts, kind: string): Manifest | undefined {
  const reading = stack.get(kind);
  return reading && valueOf(reading);
}

function heldOperatorObject(
  facts: ClusterFacts,
  { kind, metadata }: Manifest,
): Manifest | undefined {
  switch (kind) {
    case "Namespace":
      return valueOf(facts.namespace);
    case "Subscription":
      return itemsOf(facts.subscriptions).find(({ spec }) => spec.name === OPERATOR_PACKAGE);
    case "OperatorGroup":
      return itemsOf(facts.groups).find((one) => one.metadata.name === metadata.name);
    default:
      return undefined;
  }
}

/** Everything that would make it fail, found before anything is written. */
function obstacles(subject: Subject, parts: readonly Part[]): readonly SpirefedError[] {
  const { looked, settings } = subject;
  const { cluster } = looked;
  const failed = runChecks(INSTALL_CHECKS, subject, cluster).flatMap(({ id, outcome }) =>
    outcome.status === "fail" && concerns(id, parts)
      ? [obstacle(cluster, id, outcome.detail, outcome.remedy)]
      : []
  );
  if (looked.facts === undefined) return looked.failure === undefined ? failed : [looked.failure];
  return [
    ...failed,
    ...unreadIn(looked.facts, parts),
    ...goingNamespace(looked.facts),
    ...missingParts(looked.facts, parts),
    ...stuckOlm(looked.facts, settings),
  ];
}

/** A catalog that is down is no reason not to enable an endpoint. */
function concerns(id: string, parts: readonly Part[]): boolean {
  if (id.startsWith("olm/")) return parts.includes("operator");
  return id.startsWith("storage/") ? parts.includes("stack") : true;
}

/** While a namespace goes, nothing can be made in it; the next of its name is another one. */
function goingNamespace({ cluster, namespace }: ClusterFacts): readonly SpirefedError[] {
  if (valueOf(namespace)?.status.phase !== "Terminating") return [];
  return [obstacle(
    cluster,
    "namespace/terminating",
    `Namespace/${OPERATOR_NAMESPACE} is being deleted`,
    `oc --context ${cluster} wait --for=delete namespace/${OPERATOR_NAMESPACE} --timeout 5m, then run the command again; what keeps it: oc --context ${cluster} get namespace ${OPERATOR_NAMESPACE} -o yaml`,
  )];
}

function missingParts(
  { cluster, definitions, stack, operator }: ClusterFacts,
  parts: readonly Part[],
): readonly SpirefedError[] {
  const remedy = (part: Part): string => `oc spirefed install ${cluster}, or --only ${part} first`;
  if (!parts.includes("operator")) {
    const none = [...definitions.values()].some(({ state }) => state === "absent");
    if (none || operator.state === "absent") {
      return [
        obstacle(cluster, "operator/missing", "the operator is not installed", remedy("operator")),
      ];
    }
  }
  if (!parts.includes("stack") && parts.includes("endpoint")) {
    const server = stack.get("SpireServer");
    if (server?.state === "absent" || server?.state === "no-kind") {
      return [
        obstacle(
          cluster,
          "stack/missing",
          "there is no SpireServer to give an endpoint",
          remedy("stack"),
        ),
      ];
    }
  }
  return [];
}

/** What OLM will not get over by itself, and what nobody was told to approve. */
function stuckOlm(facts: ClusterFacts, settings: Subject["settings"]): readonly SpirefedError[] {
  const { cluster } = facts;
  const subscription = itemsOf(facts.subscriptions).find(({ spec }) =>
    spec.name === OPERATOR_PACKAGE
  );
  if (subscription === undefined) return [];
  const progress = judgeOlm({
    cluster,
    subscription,
    plans: itemsOf(facts.plans),
    versions: itemsOf(facts.versions),
  });
  if (progress.state === "failed" && !progress.retried) {
    return [obstacle(cluster, "olm/install", progress.reason, progress.remedy)];
  }
  if (progress.state !== "approval" || settings.approval === "manual") return [];
  return [obstacle(
    cluster,
    "olm/install",
    `InstallPlan/${progress.plan.metadata.name} waits for approval`,
    `oc spirefed install ${cluster} --approval manual approves this plan, and no other`,
  )];
}

function together(failures: readonly SpirefedError[]): SpirefedError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  return new SpirefedError(
    "preflight",
    `${failures.length} things stand in the way; nothing was written`,
    {
      all: failures,
    },
  );
}

/** Nothing one-way without asking: one question a cluster holds all of it. */
function asksFor(
  changes: readonly Change[],
  { cluster, wanted, facts }: {
    readonly cluster: string;
    readonly wanted: Wanted;
    readonly facts: ClusterFacts;
  },
): readonly Ask[] {
  const creates = (kind: string): Manifest | undefined =>
    changes.find(({ action, manifest }) => action === "create" && manifest.kind === kind)?.manifest;
  const server = changes.find(({ manifest }) => manifest.kind === "SpireServer");
  const spec = isRecord(server?.manifest["spec"]) ? server.manifest["spec"] : {};
  const persistence = creates("SpireServer") && spec["persistence"];
  const endpoint = spec["federation"] !== undefined && !hasEndpoint(facts);
  const evidence = [
    ...(creates("ZeroTrustWorkloadIdentityManager") === undefined ? [] : [
      `its trust domain is ${wanted.trustDomain} and its cluster name ${wanted.clusterName}, for ever`,
    ]),
    ...(isRecord(persistence)
      ? [`its keys lie on a volume: ${Object.values(persistence).join(", ")}`]
      : []),
    ...(endpoint
      ? [
        `https://federation.${wanted.trustDomain} serves its public keys to anyone; the operator refuses to take the endpoint away again`,
      ]
      : []),
    ...(endpoint && server?.action === "update"
      ? ["spire-server-0 restarts once; for that time no new identities are issued"]
      : []),
  ];
  if (evidence.length === 0) return [];
  const question = creates("ZeroTrustWorkloadIdentityManager") === undefined
    ? `[${cluster}] change what cannot be changed back?`
    : `[${cluster}] set SPIRE up with what cannot be changed later?`;
  return [{ question, evidence, yes: true }];
}

function hasEndpoint({ stack }: ClusterFacts): boolean {
  const reading = stack.get("SpireServer");
  const spec = reading && valueOf(reading)?.["spec"];
  return isRecord(spec) && spec["federation"] !== undefined;
}
