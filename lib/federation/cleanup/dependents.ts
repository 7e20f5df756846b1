/**
 * What the operator's objects own outside every namespace.
 *
 * The garbage collector takes it away after its owner. It looks the owner up by its kind:
 * once the definition of that kind is gone it cannot, and what is left then stays for good.
 *
 * @module
 */
import type { Cluster, ObjectKey } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import { asFound } from "../../../manifests/as_found.ts";
import type { Manifest } from "../../../manifests/manifest.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import { CSI_DRIVERS } from "../../../manifests/storage.ts";

const RBAC = "rbac.authorization.k8s.io/v1";
const ACCOUNTS = ["spire-server", "spire-agent", "spire-controller-manager"];

function named(
  [apiVersion, kind, plural]: readonly [string, string, string],
  ...names: readonly string[]
): readonly ObjectKey[] {
  const resource = asFound({ apiVersion, kind, plural, namespaced: false });
  return names.map((name) => ({ resource, name }));
}

/** All that the operator is known to make there. */
export const DEPENDENTS: readonly ObjectKey[] = [
  ...named([CSI_DRIVERS.apiVersion, CSI_DRIVERS.kind, CSI_DRIVERS.plural], "csi.spiffe.io"),
  ...named(
    [
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "validatingwebhookconfigurations",
    ],
    "spire-controller-manager-webhook",
  ),
  ...named([RBAC, "ClusterRole", "clusterroles"], ...ACCOUNTS),
  ...named([RBAC, "ClusterRoleBinding", "clusterrolebindings"], ...ACCOUNTS),
  ...named(
    [
      "security.openshift.io/v1",
      "SecurityContextConstraints",
      "securitycontextconstraints",
    ],
    ...["spire-agent", "spire-spiffe-csi-driver"],
  ),
];

/** The object, while it is there and one of the operator's owns it; whoever may not look sees none. */
export async function lookForDependent(
  cluster: Cluster,
  { resource, name }: ObjectKey,
): Promise<Manifest | undefined> {
  const held = await cluster.get(asFound(resource), name).catch((error) => {
    const code = error instanceof SpirefedError ? error.code ?? "" : "";
    if (["http/403", "http/404-kind"].includes(code)) return undefined;
    throw error;
  });
  return held !== undefined && isOwned(held) ? held : undefined;
}

function isOwned({ metadata }: Manifest): boolean {
  const owners: unknown = isRecord(metadata) ? metadata["ownerReferences"] : undefined;
  return Array.isArray(owners) &&
    owners.some((owner) =>
      isRecord(owner) && String(owner["apiVersion"]).startsWith("operator.openshift.io/")
    );
}
