/**
 * How far OLM has come with a Subscription, and why it does not get further. Pure.
 *
 * @module
 */
import { printable } from "../output/printable.ts";
import type { ClusterServiceVersion } from "../../manifests/cluster_service_version.ts";
import type { InstallPlan } from "../../manifests/install_plan.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import type { Subscription } from "../../manifests/subscription.ts";

/** What it is judged from. */
export interface OlmFacts {
  readonly cluster: string;
  readonly subscription: Subscription;
  /** All of the namespace. */
  readonly plans: readonly InstallPlan[];
  readonly versions: readonly ClusterServiceVersion[];
}

/** Where it stands. */
export type OlmProgress =
  | { readonly state: "done"; readonly csv: string }
  | { readonly state: "waiting"; readonly for: string }
  /** Somebody has to agree to this plan, which is the Subscription's own. */
  | { readonly state: "approval"; readonly plan: InstallPlan }
  | {
    readonly state: "failed";
    readonly reason: string;
    readonly remedy: string;
    /** OLM tries again by itself: it may heal while somebody waits. */
    readonly retried: boolean;
  };

/** Judges from the last thing that OLM did to the first. */
export function judgeOlm(facts: OlmFacts): OlmProgress {
  const { subscription: { status }, versions } = facts;
  const name = status.installedCSV ?? status.currentCSV;
  const version = versions.find(({ metadata }) => metadata.name === name);
  // An upgrade that waits for approval is no reason to wait: a version runs.
  if (version?.status.phase === "Succeeded" && name !== undefined) {
    return { state: "done", csv: name };
  }
  const complaint = complaintOf(facts);
  if (complaint !== undefined) return complaint;
  const pending = pendingPlan(facts);
  if (pending !== undefined) return pending;
  if (version === undefined) {
    if (status.installedCSV !== undefined) return deletedVersion(status.installedCSV, facts);
    return {
      state: "waiting",
      for: name === undefined ? "OLM to find a version" : `${name} to be made`,
    };
  }
  return judgeVersion(version, facts);
}

type Failed = Extract<OlmProgress, { state: "failed" }>;

/** OLM takes its plan for done and makes no version twice; while it upgrades, one is missing for a moment. */
function deletedVersion(name: string, { cluster, subscription: { metadata } }: OlmFacts): Failed {
  const csv = printable(name, 253);
  return {
    state: "failed",
    reason: `ClusterServiceVersion/${csv} was installed and is gone; OLM does not make it again`,
    remedy:
      `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete subscription ${metadata.name}, then oc spirefed install ${cluster}`,
    retried: true,
  };
}

/** What the Subscription itself complains of. */
function complaintOf({ cluster, subscription }: OlmFacts): Failed | undefined {
  const { metadata, spec, status } = subscription;
  const at = `oc --context ${cluster} -n ${OPERATOR_NAMESPACE}`;
  for (const { type, status: is, reason = "", message = "" } of status.conditions) {
    if (is !== "True") continue;
    const said = printable(
      `Subscription/${metadata.name} ${type}: ${reason} ${message}`.trim(),
      400,
    );
    if (type === "CatalogSourcesUnhealthy") {
      const remedy =
        `oc --context ${cluster} -n ${spec.sourceNamespace} get catalogsource ${spec.source}, or oc spirefed install ${cluster} --source NAME`;
      return { state: "failed", reason: said, remedy, retried: true };
    }
    if (type === "ResolutionFailed") {
      const remedy =
        `oc --context ${cluster} get packagemanifest ${spec.name} -n ${spec.sourceNamespace} -o jsonpath='{.status.channels[*].name}', then oc spirefed install ${cluster} --channel NAME`;
      return { state: "failed", reason: said, remedy, retried: true };
    }
    if (type === "BundleUnpackFailed" || type === "InstallPlanFailed") {
      const remedy =
        `mend the pull secret, mirror or quota; then ${at} delete subscription ${metadata.name}, delete the failed jobs in ${spec.sourceNamespace}, and oc spirefed install ${cluster}`;
      return { state: "failed", reason: said, remedy, retried: false };
    }
  }
  return undefined;
}

function pendingPlan({ cluster, subscription, plans }: OlmFacts): OlmProgress | undefined {
  const { installPlanRef, currentCSV } = subscription.status;
  const plan = plans.find(({ metadata }) => metadata.name === installPlanRef?.name);
  if (plan === undefined) return undefined;
  if (plan.status.phase === "Failed") {
    const said = plan.status.conditions.find(({ status }) => status === "False");
    return {
      state: "failed",
      reason: printable(
        `InstallPlan/${plan.metadata.name} failed: ${said?.reason ?? ""} ${
          said?.message ?? plan.status.message
        }`,
        400,
      ),
      remedy:
        `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} describe installplan ${plan.metadata.name}`,
      retried: false,
    };
  }
  if (!plan.spec.approved) return { state: "approval", plan };
  return plan.status.phase === "Complete"
    ? undefined
    : { state: "waiting", for: `OLM to install ${currentCSV ?? plan.metadata.name}` };
}

/** Reasons for which nothing changes before somebody does. */
const FINAL =
  /^(TooManyOperatorGroups|NoOperatorGroup|UnsupportedOperatorGroup|InterOperatorGroupOwnerConflict)$/;

function judgeVersion(
  { metadata: { name }, status: { phase, reason, message } }: ClusterServiceVersion,
  { cluster }: OlmFacts,
): OlmProgress {
  if (phase === "Succeeded") return { state: "done", csv: name };
  if (phase !== "Failed") {
    const said = [phase || "new", reason].filter((text) => text !== "").join(": ");
    return { state: "waiting", for: printable(`${name} to succeed (${said})`, 200) };
  }
  const at = `oc --context ${cluster} -n ${OPERATOR_NAMESPACE}`;
  return {
    state: "failed",
    reason: printable(`${name} failed: ${reason}: ${message}`, 400),
    remedy: FINAL.test(reason)
      ? `${at} get operatorgroups: exactly one is needed, for all namespaces or one`
      : `${at} get pods,events`,
    retried: !FINAL.test(reason),
  };
}
