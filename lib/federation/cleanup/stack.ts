/**
 * What goes with each of the operator's objects, and has to be gone before the next:
 * while pods that mount the Workload API end, the CSI driver must still run.
 *
 * @module
 */
import type { ObjectKey } from "../../cluster/cluster.ts";
import { STATEFUL_SETS } from "../../../manifests/core.ts";
import { OPERATOR_NAMESPACE as namespace, type Resource } from "../../../manifests/manifest.ts";
import type { Pod } from "../../../manifests/pod.ts";
import { DAEMON_SETS, DEPLOYMENTS } from "../../../manifests/workload_controllers.ts";

const FOLLOWERS: Readonly<Record<string, readonly [Resource<unknown>, string]>> = {
  SpireOIDCDiscoveryProvider: [DEPLOYMENTS, "spire-spiffe-oidc-discovery-provider"],
  SpiffeCSIDriver: [DAEMON_SETS, "spire-spiffe-csi-driver"],
  SpireAgent: [DAEMON_SETS, "spire-agent"],
  SpireServer: [STATEFUL_SETS, "spire-server"],
};

const NAME_LABEL = "app.kubernetes.io/name";

/** The value of that label on the pods of an operand. */
export const POD_NAMES: Readonly<Record<string, string>> = {
  SpireOIDCDiscoveryProvider: "spiffe-oidc-discovery-provider",
  SpiffeCSIDriver: "spiffe-csi-driver",
  SpireAgent: "spire-agent",
  SpireServer: "spire-server",
};

/** The controllers of pods that an operand's end takes away. */
export function followersOf(kind: string): readonly ObjectKey[] {
  const follower = FOLLOWERS[kind];
  return follower === undefined ? [] : [{ resource: follower[0], name: follower[1], namespace }];
}

/** Selects the pods that an operand's end takes away: they end after their controller has gone. */
export function podsOf(kind: string): string | undefined {
  const name = POD_NAMES[kind];
  return name && `${NAME_LABEL}=${name}`;
}

/** Whether a pod is one of those. */
export function isPodOf({ metadata }: Pod, kind: string): boolean {
  return metadata.namespace === namespace && POD_NAMES[kind] !== undefined &&
    metadata.labels?.[NAME_LABEL] === POD_NAMES[kind];
}
