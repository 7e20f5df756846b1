/**
 * What failures of an installation are staged with: the objects of a practice cluster
 * called `east`, and the usual ways to spoil them.
 *
 * @module
 */
import type { ClusterPlan } from "../../sandbox/healthy.ts";
import { UNPULLABLE } from "../../sandbox/olm.ts";
import { DATA_OF } from "../../sandbox/pods.ts";
import { type Manifest, OPERATOR_NAMESPACE as namespace } from "../../manifests/manifest.ts";
import { holding, patched, removed } from "./ailments.ts";
import type { WorldPatch } from "./practice.ts";

/** One of them. */
export interface FailureMode {
  /** As the project numbers them, and in words. */
  readonly name: string;
  /** Begin with an OpenShift without the operator. */
  readonly empty?: boolean;
  readonly patch: readonly WorldPatch[];
  /** Arguments beside `preflight east`. */
  readonly flags?: readonly string[];
  /** The check that finds it, by `preflight`. */
  readonly check: string;
  readonly status: "fail" | "warn";
  readonly detail: RegExp;
  readonly remedy: RegExp;
}

/** The cluster to stage a failure on. */
export function stageFor({ empty }: Pick<FailureMode, "empty">): ClusterPlan {
  return { name: "east", operator: empty !== true };
}

export const OLM = "operators.coreos.com/v1alpha1";
export const PACKAGE = "openshift-zero-trust-workload-identity-manager";
export const CSV = "zero-trust-workload-identity-manager.v1.0.1";
export const SUBSCRIPTION = { kind: "Subscription", apiVersion: OLM, name: PACKAGE };
export const PLAN = { kind: "InstallPlan", apiVersion: OLM, name: "install-first" };
export const VERSION = { kind: "ClusterServiceVersion", apiVersion: OLM, name: CSV };
export const CATALOG = {
  kind: "CatalogSource",
  apiVersion: OLM,
  name: "redhat-operators",
  namespace: "openshift-marketplace",
};
export const OPERATOR = "operator.openshift.io/v1alpha1";
export const operand = (kind: string) => ({ kind, apiVersion: OPERATOR, name: "cluster" });
export const ROUTE = {
  kind: "Route",
  apiVersion: "route.openshift.io/v1",
  name: "spire-server-federation",
};
export const CLASS = { kind: "StorageClass", apiVersion: "storage.k8s.io/v1", name: "gp3-csi" };

/** OLM said this of the Subscription, and no version runs. */
export const subscribed = (status: Readonly<Record<string, unknown>>): readonly WorldPatch[] => [
  removed("east", VERSION),
  patched("east", SUBSCRIPTION, { status: { installedCSV: null, ...status } }),
];

export const complaining = (type: string, reason: string, message: string): readonly WorldPatch[] =>
  subscribed({ conditions: [{ type, status: "True", reason, message }] });

export const versionFailed = (reason: string, message: string): WorldPatch =>
  patched("east", VERSION, { status: { phase: "Failed", reason, message } });

export const pod = (name: string, status: Readonly<Record<string, unknown>>): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace },
  spec: { containers: [] },
  status,
});

export const event = (
  object: { readonly kind: string; readonly name: string },
  reason: string,
  message: string,
): WorldPatch =>
  holding("east", {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${object.name}.1`, namespace },
    involvedObject: object,
    type: "Warning",
    reason,
    message,
  });

export const unready = (kind: string, reason = "Progressing"): WorldPatch =>
  patched("east", operand(kind), {
    status: { conditions: [{ type: "Ready", status: "False", reason, message: "" }] },
  });

export const unconfigured = (kind: string, reason: string, message: string): WorldPatch =>
  patched("east", operand(kind), {
    status: { conditions: [{ type: "ConfigurationValid", status: "False", reason, message }] },
  });

export const crashing = (container: string, message: string) => ({
  containerStatuses: [{
    name: container,
    ready: false,
    restartCount: 9,
    state: { waiting: { reason: "CrashLoopBackOff", message } },
  }],
});

export const without = (name: string): readonly WorldPatch[] => [
  removed("east", { kind: "Pod", apiVersion: "v1", name }),
];

/** Staged for `install` alone: what only shows while somebody waits. */
export const unpullable: WorldPatch = patched("east", CATALOG, {
  metadata: { annotations: { [UNPULLABLE]: "" } },
});

/** The volume holds another trust domain's data, and the server is about to start on it. */
export const oldVolume: WorldPatch = holding("east", {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: {
    name: "spire-data-spire-server-0",
    namespace,
    annotations: { [DATA_OF]: "old.example" },
  },
  spec: { accessModes: ["ReadWriteOnce"] },
});
