/**
 * What goes with an object: the contents of a namespace, the objects of a definition, and
 * what has it for an owner. The operator's Routes and the server's claim have none, and
 * stay.
 *
 * @module
 */
import { type Manifest, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { storeKey } from "./kinds.ts";
import type { ClusterState } from "./model.ts";
import { at } from "./validation.ts";

/** Whose the operator's objects are, by place: kind by kind, from the outermost to the pod. */
const OWNERS: Readonly<Record<string, string>> = {
  [storeKey("spireservers", "cluster")]: storeKey("zerotrustworkloadidentitymanagers", "cluster"),
  [storeKey("spireagents", "cluster")]: storeKey("zerotrustworkloadidentitymanagers", "cluster"),
  [storeKey("spiffecsidrivers", "cluster")]: storeKey(
    "zerotrustworkloadidentitymanagers",
    "cluster",
  ),
  [storeKey("spireoidcdiscoveryproviders", "cluster")]: storeKey(
    "zerotrustworkloadidentitymanagers",
    "cluster",
  ),
  ...owned("spireservers", [
    ["statefulsets", "spire-server"],
    ["configmaps", "spire-server"],
    ["configmaps", "spire-controller-manager"],
    ["configmaps", "spire-bundle"],
  ]),
  ...owned("spireagents", [["daemonsets", "spire-agent"]]),
  ...owned("spiffecsidrivers", [["daemonsets", "spire-spiffe-csi-driver"]]),
  ...owned("spireoidcdiscoveryproviders", [
    ["deployments", "spire-spiffe-oidc-discovery-provider"],
  ]),
  [storeKey("pods", "spire-server-0", OPERATOR_NAMESPACE)]: storeKey(
    "statefulsets",
    "spire-server",
    OPERATOR_NAMESPACE,
  ),
};

/** OLM makes it from the version, whose name tells which. */
const OPERATOR_ITSELF = storeKey(
  "deployments",
  `${OPERATOR_NAMESPACE}-controller-manager`,
  OPERATOR_NAMESPACE,
);

function owned(
  plural: string,
  objects: readonly (readonly [plural: string, name: string])[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    objects.map(([own, name]) => [
      storeKey(own, name, OPERATOR_NAMESPACE),
      storeKey(plural, "cluster"),
    ]),
  );
}

/** Where the objects are that go with one that is deleted, theirs with them. */
export function dependentsOf(
  objects: ClusterState["objects"],
  key: string,
  gone: Manifest,
): readonly string[] {
  const direct = [...objects].filter(([place, { manifest }]) =>
    place !== key && goesWith({ place, manifest }, { key, gone })
  );
  return direct.flatMap(([place, { manifest }]) => [
    ...dependentsOf(objects, place, manifest),
    place,
  ]);
}

function goesWith(
  { place, manifest }: { readonly place: string; readonly manifest: Manifest },
  { key, gone }: { readonly key: string; readonly gone: Manifest },
): boolean {
  const { name, uid } = gone.metadata;
  if (gone.kind === "Namespace") return manifest.metadata.namespace === name;
  if (gone.kind === "CustomResourceDefinition") {
    return place.startsWith(`${at(gone, "spec.names.plural")}/`);
  }
  if (gone.kind === "ClusterServiceVersion" && name.startsWith(`${OPERATOR_NAMESPACE}.v`)) {
    if (place === OPERATOR_ITSELF) return true;
  }
  const owners = at(manifest, "metadata.ownerReferences");
  const isOwner = Array.isArray(owners) && owners.some((owner) => at(owner, "uid") === uid);
  return isOwner || OWNERS[place] === key;
}
