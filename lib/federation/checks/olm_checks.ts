/**
 * Whether the operator got onto the cluster: what OLM says of it.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { type Check, fail, pass, skip, warn } from "../../check/check.ts";
import { printable } from "../../output/printable.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import type { Observation } from "../facts/facts.ts";
import { at } from "../facts/observation.ts";
import type { ClusterView } from "../facts/view.ts";
import { conditionIn } from "../status/operands.ts";

/** Reads a text out of what is kept of an object. */
export function textIn(object: Observation | undefined, ...path: readonly string[]): string {
  const value = at(object?.kept, ...path);
  return typeof value === "string" ? printable(value, 400) : "";
}

/** Our Subscription; others may live in the namespace. */
function subscriptionOf(view: ClusterView): Observation | undefined {
  return view.objects("subscriptions").find((one) =>
    textIn(one, "spec", "name").includes("zero-trust-workload-identity-manager")
  );
}

function operatorCsv(view: ClusterView): Observation | undefined {
  const all = view.objects("csvs").filter(({ name }) => name.startsWith(OPERATOR_NAMESPACE));
  const installed = textIn(subscriptionOf(view), "status", "currentCSV");
  return all.find(({ name }) => name === installed) ?? all.at(-1);
}

function isInstalled(view: ClusterView): boolean {
  return textIn(operatorCsv(view), "status", "phase") === "Succeeded";
}

function describe(view: ClusterView, object: string): string {
  return `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} describe ${object}`;
}

const GROUP_REASONS: ReadonlySet<string> = new Set([
  "NoOperatorGroup",
  "TooManyOperatorGroups",
  "UnsupportedOperatorGroup",
  "InterOperatorGroupOwnerConflict",
]);

/** In the order in which one step of OLM follows the other. */
export const OLM_CHECKS: readonly Check<ClusterView>[] = [
  {
    id: "olm/operator-group",
    title: "one OperatorGroup that the operator supports is in its namespace",
    after: ["api/reachable"],
    judge: (view) => {
      const groups = view.objects("operatorGroups");
      const reason = textIn(operatorCsv(view), "status", "reason");
      if (groups.length > 1) {
        return fail(
          `${groups.length} OperatorGroups are in ${OPERATOR_NAMESPACE}: ${
            groups.map(({ name }) => printable(name, 60)).join(", ")
          }`,
          `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} delete operatorgroup ${
            groups.at(-1)?.name
          }`,
        );
      }
      if (GROUP_REASONS.has(reason)) {
        return fail(
          `${reason}: ${textIn(operatorCsv(view), "status", "message")}`,
          describe(view, "operatorgroups"),
        );
      }
      if (subscriptionOf(view) === undefined) return pass("not installed through OLM here");
      return groups.length === 1 || view.facts.objects["operatorGroups"]?.state !== "read"
        ? pass()
        : fail(
          "no OperatorGroup is in its namespace",
          `oc spirefed install ${view.name} --only operator`,
        );
    },
  },
  {
    id: "olm/catalog",
    title: "the catalog that the operator comes from is healthy",
    after: ["api/reachable"],
    judge: (view) => {
      const subscription = subscriptionOf(view);
      if (subscription === undefined) return pass("not installed through OLM here");
      const name = textIn(subscription, "spec", "source");
      const catalog = view.objects("catalogs").find((one) => one.name === name);
      const state = textIn(catalog, "status", "connectionState", "lastObservedState");
      const unhealthy = conditionIn(subscription, "CatalogSourcesUnhealthy")?.status === "True";
      const known = view.facts.objects["catalogs"]?.state === "read";
      const missing = known && catalog === undefined &&
        textIn(subscription, "spec", "sourceNamespace") === "openshift-marketplace";
      if (!unhealthy && !missing && (state === "" || state === "READY")) return pass();
      const said = missing
        ? `CatalogSource/${name} is not there`
        : `CatalogSource/${name} is ${state === "" || state === "READY" ? "unhealthy" : state}`;
      const remedy = `oc --context ${view.name} -n openshift-marketplace get catalogsource,pods`;
      return isInstalled(view) ? warn(`${said}: no updates`, remedy) : fail(said, remedy);
    },
  },
  {
    id: "olm/resolution",
    title: "OLM can resolve the Subscription",
    after: ["olm/catalog", "olm/operator-group"],
    judge: (view) => {
      const failed = conditionIn(subscriptionOf(view), "ResolutionFailed");
      return failed?.status === "True"
        ? fail(
          printable(`${failed.reason}: ${failed.message}`, 400),
          `oc --context ${view.name} get packagemanifest openshift-zero-trust-workload-identity-manager -o jsonpath='{.status.channels[*].name}'`,
        )
        : pass();
    },
  },
  {
    id: "olm/approval",
    title: "no InstallPlan waits for approval",
    after: ["olm/resolution"],
    judge: (view) => {
      const waiting = view.objects("installPlans").find((plan) =>
        textIn(plan, "status", "phase") === "RequiresApproval" &&
        at(plan.kept, "spec", "approved") !== true
      );
      const pending = conditionIn(subscriptionOf(view), "InstallPlanPending");
      if (isInstalled(view)) return pass(waiting && `an update waits: InstallPlan/${waiting.name}`);
      const name = waiting?.name ??
        textIn(subscriptionOf(view), "status", "installPlanRef", "name");
      return waiting !== undefined || pending?.reason === "RequiresApproval"
        ? fail(
          `InstallPlan/${name} waits for approval`,
          `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} patch installplan ${name} --type merge -p '{"spec":{"approved":true}}'`,
        )
        : pass();
    },
  },
  {
    id: "olm/unpack",
    title: "the operator's bundle was unpacked and its InstallPlan carried out",
    after: ["olm/approval"],
    judge: (view) => {
      const subscription = subscriptionOf(view);
      const failed = ["BundleUnpackFailed", "InstallPlanFailed"]
        .map((type) => conditionIn(subscription, type))
        .find((condition) => condition?.status === "True");
      const plan = view.objects("installPlans").find((one) =>
        textIn(one, "status", "phase") === "Failed"
      );
      if (failed === undefined && plan === undefined) return pass();
      const said = failed === undefined
        ? `InstallPlan/${plan?.name} failed: ${conditionIn(plan, "Installed")?.message ?? ""}`
        : `${failed.type}: ${failed.message}`;
      return isInstalled(view)
        ? pass("the operator is installed")
        : fail(printable(said, 400), describe(view, "jobs,installplans"));
    },
  },
  {
    id: "olm/csv",
    title: "the operator's ClusterServiceVersion succeeded",
    after: ["olm/unpack"],
    judge: (view) => {
      const csv = operatorCsv(view);
      const subscription = subscriptionOf(view);
      if (csv === undefined) {
        return subscription === undefined || view.facts.objects["csvs"]?.state !== "read"
          ? pass("not installed through OLM here")
          : fail("the Subscription made no ClusterServiceVersion", describe(view, "subscriptions"));
      }
      const phase = textIn(csv, "status", "phase");
      if (phase === "Succeeded" || phase === "") return pass(csv.name);
      const pod = view.objects("pods").find(({ labels }) => labels["name"] === OPERATOR_NAMESPACE);
      const why = pod === undefined ? "" : `; ${pod.name}: ${waitingReason(pod) ?? "not ready"}`;
      return fail(
        `${csv.name} is ${phase}: ${textIn(csv, "status", "reason")} ${
          textIn(csv, "status", "message")
        }${why}`,
        `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} describe pods -l name=${OPERATOR_NAMESPACE}`,
      );
    },
  },
  {
    id: "crd/established",
    title: "the operator's kinds are served",
    after: ["olm/csv"],
    judge: (view) => {
      const kinds = Object.entries(KINDS).filter(([key]) => {
        const section = key === "declared" ? view.facts.declared : view.facts.objects[key];
        return section?.state === "unread" && section.code === "http/404-kind";
      }).map(([, kind]) => kind);
      if (kinds.length === 0) return pass();
      return fail(
        `not served: ${kinds.join(", ")}`,
        kinds.length === Object.keys(KINDS).length
          ? `oc spirefed install ${view.name}`
          : `oc --context ${view.name} get crd -o name | grep -e operator.openshift.io -e spire.spiffe.io`,
      );
    },
  },
  {
    id: "stack/created",
    title: "the operator was told to set SPIRE up",
    after: ["crd/established"],
    judge: (view) => {
      const missing = [["manager", "ZeroTrustWorkloadIdentityManager"], ["server", "SpireServer"]]
        .filter(([key = ""]) => {
          const section = view.facts.objects[key];
          return section?.state === "read" && section.items.length === 0;
        }).map(([, kind]) => `${kind}/cluster`);
      if (missing.length > 0) {
        return fail(
          `not there: ${missing.join(", ")}`,
          `oc spirefed install ${view.name} --only stack`,
        );
      }
      const hidden = view.facts.objects["manager"];
      return hidden?.state === "unread" ? skip(hidden.why) : pass(view.trustDomain);
    },
  },
];

const KINDS: Readonly<Record<string, string>> = {
  manager: "ZeroTrustWorkloadIdentityManager",
  server: "SpireServer",
  agent: "SpireAgent",
  csi: "SpiffeCSIDriver",
  oidc: "SpireOIDCDiscoveryProvider",
  declared: "ClusterFederatedTrustDomain",
  spiffeIds: "ClusterSPIFFEID",
};

/** Why a container of a pod does not run. */
export function waitingReason({ kept }: Observation): string | undefined {
  const statuses = ["initContainerStatuses", "containerStatuses"].flatMap((list) => {
    const found = at(kept, "status", list);
    return Array.isArray(found) ? found.filter(isRecord) : [];
  });
  for (const status of statuses) {
    const waiting = at(status, "state", "waiting") ?? at(status, "state", "terminated");
    const reason = at(waiting, "reason");
    if (typeof reason !== "string" || reason === "Completed" || reason === "PodInitializing") {
      continue;
    }
    return printable(`${status["name"]} ${reason}: ${at(waiting, "message") ?? ""}`, 300);
  }
  return undefined;
}
