/**
 * Practice clusters whose operator and stack this program installed, as its labels say.
 *
 * @module
 */
import { MANAGED_BY, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { OPERATOR_PACKAGE } from "../../manifests/subscription.ts";
import { patched } from "./ailments.ts";
import type { WorldPatch } from "./practice.ts";

const ZTWIM = "operator.openshift.io/v1alpha1";

/** The operator's objects. */
export const STACK_KINDS = [
  "ZeroTrustWorkloadIdentityManager",
  "SpireServer",
  "SpireAgent",
  "SpiffeCSIDriver",
  "SpireOIDCDiscoveryProvider",
] as const;

/** Puts this program's label on one object. */
export function madeHere(
  cluster: string,
  target: Parameters<typeof patched>[1],
): WorldPatch {
  return patched(cluster, target, { metadata: { labels: MANAGED_BY } });
}

/** Everything that `install` makes. */
export function installedHere(cluster: string): readonly WorldPatch[] {
  const operators = [
    { apiVersion: "v1", kind: "Namespace", name: OPERATOR_NAMESPACE },
    {
      apiVersion: "operators.coreos.com/v1",
      kind: "OperatorGroup",
      name: `${OPERATOR_NAMESPACE}-og`,
    },
    { apiVersion: "operators.coreos.com/v1alpha1", kind: "Subscription", name: OPERATOR_PACKAGE },
  ];
  const stack = STACK_KINDS.map((kind) => ({ apiVersion: ZTWIM, kind, name: "cluster" }));
  return [...operators, ...stack].map((target) => madeHere(cluster, target));
}
