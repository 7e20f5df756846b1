/**
 * What goes with each of the operator's objects, and has to be gone before the next:
 * while pods that mount the Workload API end, the CSI driver must still run.
 *
 * @module
 */
import type { ObjectKey } from "../../cluster/cluster.ts";
import { STATEFUL_SETS } from "../../../manifests/core.ts";
import { OPERATOR_NAMESPACE as namespace, type Resource } from "../../../manifests/manifest.ts";
import { PODS } from "../../../manifests/pod.ts";
import { DAEMON_SETS, DEPLOYMENTS } from "../../../manifests/workload_controllers.ts";

const FOLLOWERS: Readonly<Record<string, readonly (readonly [Resource<unknown>, string])[]>> = {
  SpireOIDCDiscoveryProvider: [[DEPLOYMENTS, "spire-spiffe-oidc-discovery-provider"]],
  SpiffeCSIDriver: [[DAEMON_SETS, "spire-spiffe-csi-driver"]],
  SpireAgent: [[DAEMON_SETS, "spire-agent"]],
  SpireServer: [[STATEFUL_SETS, "spire-server"], [PODS, "spire-server-0"]],
};

/** The controllers of pods, and pods, that an operand's end takes away. */
export function followersOf(kind: string): readonly ObjectKey[] {
  return (FOLLOWERS[kind] ?? []).map(([resource, name]) => ({ resource, name, namespace }));
}

/** The value of `app.kubernetes.io/name` on the pods of an operand. */
export const POD_NAMES: Readonly<Record<string, string>> = {
  SpireOIDCDiscoveryProvider: "spiffe-oidc-discovery-provider",
  SpiffeCSIDriver: "spiffe-csi-driver",
  SpireAgent: "spire-agent",
  SpireServer: "spire-server",
};
