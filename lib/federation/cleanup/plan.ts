/**
 * From what a cluster holds to the phases in which it goes: only what this program made,
 * told by its label, and what follows from that.
 *
 * @module
 */
import type { ObjectKey } from "../../cluster/cluster.ts";
import { printable } from "../../output/printable.ts";
import type { Ask, DeleteStep } from "../../plan/plan.ts";
import { COPIED_FROM } from "../../../manifests/cluster_service_version.ts";
import { DEPLOYMENTS } from "../../../manifests/workload_controllers.ts";
import { isMadeHere, OPERATOR_NAMESPACE, RUN_LABEL } from "../../../manifests/manifest.ts";
import { podName } from "../../../manifests/pod.ts";
import { SUBSCRIPTIONS } from "../../../manifests/subscription.ts";
import { askClaim, askDefinitions, askNamespace, askOrphan } from "./asks.ts";
import { DEPENDENTS } from "./dependents.ts";
import { type Found, type Grounds, STACK } from "./look.ts";
import type { CleanupPart, CleanupRequest } from "./request.ts";
import { followersOf, isPodOf, POD_NAMES, podsOf } from "./stack.ts";

/** Steps that may go side by side, and what has to be gone before the next phase begins. */
export interface Phase {
  readonly part: CleanupPart;
  readonly steps: readonly DeleteStep[];
  /** What has to be gone before them, as far as the operator's objects own it. */
  readonly owned?: readonly ObjectKey[];
  /** What goes with them. */
  readonly followers: readonly ObjectKey[];
  /** Selects the pods of the operator's namespace that go with them, last of all. */
  readonly pods?: string | undefined;
}

/** What decides beside what was found. */
export type CleanupOptions = Pick<CleanupRequest, "parts" | "keepCa" | "crds">;

/** The name of the operator's own Deployment. */
const OPERATOR_DEPLOYMENT = `${OPERATOR_NAMESPACE}-controller-manager`;

/** Why each of the operator's objects goes when it does. */
const STACK_WHYS: Readonly<Record<string, string>> = {
  SpireOIDCDiscoveryProvider: "its pods use the Workload API, so they go first",
  SpiffeCSIDriver: "nobody mounts the Workload API any more",
  SpireAgent: "no workload is left to ask it",
  SpireServer: "no agent is left to ask it",
  ZeroTrustWorkloadIdentityManager: "what it owned is gone",
};

/** Everything but federation, which `unpeer` knows how to take away. */
export function planCleanup(grounds: Grounds, options: CleanupOptions): readonly Phase[] {
  const { parts } = options;
  return [
    ...parts.includes("workloads") ? planWorkloads(grounds) : [],
    ...parts.includes("stack") ? planStack(grounds, options) : [],
    ...parts.includes("operator") ? planOperator(grounds, options) : [],
  ].filter(({ steps, pods }) => steps.length > 0 || pods !== undefined);
}

function planWorkloads(grounds: Grounds): readonly Phase[] {
  const { cluster, namespaces, identities } = grounds;
  const runs = namespaces.filter(isOfRun);
  const why = "made by a run of this program, with all that is in it";
  return [
    phase(
      "workloads",
      runs.map((found) => step(cluster, found, why, foreignPodsIn(grounds, found, askNamespace))),
    ),
    phase(
      "workloads",
      identities.filter(isOurs).map((found) =>
        step(cluster, found, "gives workloads of this program their identity")
      ),
    ),
  ];
}

/** The operands that go: up to the first that somebody else made, as it needs those after it. */
export function goingOperands({ stack }: Grounds): readonly Found[] {
  const foreign = stack.findIndex((found) => !isOurs(found));
  return foreign < 0 ? stack : stack.slice(0, foreign);
}

function planStack(grounds: Grounds, { keepCa }: CleanupOptions): readonly Phase[] {
  const { cluster, stack, routes, claim } = grounds;
  const going = goingOperands(grounds);
  const stays = stack.filter((found) => !going.includes(found)).map(({ object }) => object.kind);
  // Whoever told the operator not to manage a Route may have made one of its name.
  const orphans = routes.filter(({ object: { metadata } }) =>
    !stays.includes(ownerOfRoute(metadata.name)) && isOfOperator(metadata.labels)
  );
  const isLoose = claim !== undefined && !stays.includes("SpireServer");
  return [
    ...going.flatMap((found) => [
      ...phasesBefore(found, grounds),
      phase("stack", [step(cluster, found, STACK_WHYS[found.object.kind] ?? "")], {
        followers: followersOf(found.object.kind),
        pods: podsOf(found.object.kind),
      }),
    ]),
    phase("stack", [
      ...orphans.map((found) => step(cluster, found, "the operator leaves its Routes behind")),
      ...isLoose && !keepCa
        ? [step(cluster, claim, "the SPIRE server leaves its keys behind", [askClaim(cluster)])]
        : [],
    ]),
  ];
}

/** A run that was cut short may have left pods that still end, and need what goes now. */
function phasesBefore({ object }: Found, { stack, pods }: Grounds): readonly Phase[] {
  const kinds = STACK.map(({ kind }) => kind);
  const there = stack.map((found) => found.object.kind);
  const at = kinds.indexOf(object.kind);
  const before = kinds.slice(0, at).findLastIndex((kind) => there.includes(kind)) + 1;
  return kinds.slice(before, at).filter((kind) => pods.some((pod) => isPodOf(pod, kind)))
    .map((kind) => phase("stack", [], { pods: podsOf(kind) }));
}

function ownerOfRoute(name: string): string {
  return name === "spire-oidc-discovery-provider" ? "SpireOIDCDiscoveryProvider" : "SpireServer";
}

function planOperator(grounds: Grounds, options: CleanupOptions): readonly Phase[] {
  const { cluster, subscriptions, groups, definitions } = grounds;
  const ours = subscriptions.filter(({ metadata }) => isMadeHere(metadata))
    .map((object) => ({ resource: SUBSCRIPTIONS, object }));
  const operator = {
    resource: DEPLOYMENTS,
    name: OPERATOR_DEPLOYMENT,
    namespace: OPERATOR_NAMESPACE,
  };
  const versions = versionSteps(grounds);
  return [
    phase("operator", ours.map((found) => step(cluster, found, "orders the operator from OLM"))),
    phase("operator", versions, { followers: versions.length === 0 ? [] : [operator] }),
    phase(
      "operator",
      groups.filter(isOurs).map((found) => step(cluster, found, "lets OLM serve the namespace")),
    ),
    phase(
      "operator",
      options.crds
        ? definitions.map((found) =>
          step(cluster, found, "defines a kind", [askDefinitions(cluster, definitions.length)])
        )
        : [],
      { owned: DEPENDENTS },
    ),
    phase("operator", namespaceSteps(grounds, options)),
  ];
}

/** Exactly the version that the Subscription installed, or that a cut-short run left without one. */
function versionSteps(grounds: Grounds): readonly DeleteStep[] {
  const { cluster, subscriptions, versions } = grounds;
  const installed = subscriptions.filter(({ metadata }) => isMadeHere(metadata))
    .map(({ status }) => status.installedCSV);
  const own = versions.filter(({ object }) => object.metadata.labels?.[COPIED_FROM] === undefined);
  return own.flatMap((found) => {
    const { name } = found.object.metadata;
    if (installed.includes(name)) return [step(cluster, found, "the version that was installed")];
    if (subscriptions.length > 0 || !name.startsWith(`${OPERATOR_NAMESPACE}.v`)) return [];
    return [
      step(cluster, found, "no Subscription stands for it any more", [askOrphan(cluster, name)]),
    ];
  });
}

/** Whether there is anything of the operator that would go. */
export function takesOperator(grounds: Grounds): boolean {
  return grounds.subscriptions.some(({ metadata }) => isMadeHere(metadata)) ||
    versionSteps(grounds).length > 0;
}

/** The namespace goes last, unless something in it is to stay. */
function namespaceSteps(
  grounds: Grounds,
  { keepCa, parts }: CleanupOptions,
): readonly DeleteStep[] {
  const { cluster, namespaces, stack, claim } = grounds;
  const goes = parts.includes("stack");
  const stays = goes ? stack.length - goingOperands(grounds).length : stack.length;
  if (stays > 0 || (claim !== undefined && (keepCa || !goes))) return [];
  if (strangersIn(grounds, OPERATOR_NAMESPACE).length > 0) return [];
  const subscriptions = grounds.subscriptions.filter(({ metadata }) => !isMadeHere(metadata));
  const going = versionSteps(grounds).map(({ uid }) => uid);
  const versions = grounds.versions.filter(({ object: { metadata } }) =>
    metadata.labels?.[COPIED_FROM] === undefined && !going.includes(metadata.uid ?? "")
  );
  if (subscriptions.length + versions.length > 0) return [];
  return namespaces.filter((found) => isOurs(found) && isOperators(found)).map((found) =>
    step(cluster, found, "made for the operator, with all that is in it", [
      askNamespace(cluster, found.object.metadata.name, []),
    ])
  );
}

/** Pods that neither this program nor the operator made. */
export function strangersIn({ pods }: Grounds, namespace: string): readonly string[] {
  return pods.filter(({ metadata }) =>
    metadata.namespace === namespace && !isMadeHere(metadata) && !isOfOperator(metadata.labels)
  ).map(podName);
}

/** Whether the operator's labels, or OLM's for the operator, are on a pod. */
export function isOfOperator(labels: Readonly<Record<string, string>> = {}): boolean {
  return labels["app.kubernetes.io/managed-by"] === OPERATOR_NAMESPACE ||
    labels["app.kubernetes.io/part-of"] === OPERATOR_NAMESPACE ||
    labels["name"] === OPERATOR_NAMESPACE ||
    Object.values(POD_NAMES).includes(labels["app.kubernetes.io/name"] ?? "");
}

function foreignPodsIn(
  grounds: Grounds,
  { object }: Found,
  ask: (cluster: string, namespace: string, strangers: readonly string[]) => Ask,
): readonly Ask[] {
  const strangers = strangersIn(grounds, object.metadata.name);
  return strangers.length === 0 ? [] : [ask(grounds.cluster, object.metadata.name, strangers)];
}

/** Made by this program. */
export function isOurs({ object }: Found): boolean {
  return isMadeHere(object.metadata);
}

/** A namespace that a run of this program made for its workloads. */
export function isOfRun({ object }: Found): boolean {
  return isMadeHere(object.metadata) && !isOperators({ object }) &&
    object.metadata.labels?.[RUN_LABEL] !== undefined;
}

function isOperators({ object }: Pick<Found, "object">): boolean {
  return object.metadata.name === OPERATOR_NAMESPACE;
}

function phase(
  part: CleanupPart,
  steps: readonly DeleteStep[],
  { followers = [], owned = [], pods }: Partial<Omit<Phase, "part" | "steps">> = {},
): Phase {
  return { part, steps, owned, followers, pods };
}

function step(
  cluster: string,
  { resource, object: { metadata } }: Pick<Found, "resource"> & {
    readonly object: { readonly metadata: Found["object"]["metadata"] };
  },
  why: string,
  asks: readonly Ask[] = [],
): DeleteStep {
  return {
    action: "delete",
    cluster,
    resource,
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid ?? "",
    why: printable(why),
    asks,
  };
}
