/**
 * Which verbs `install` and `peer` need, and which of them the user has.
 *
 * @module
 */
import type { Access, Cluster } from "../cluster/cluster.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";

/** One verb on one resource, for one command. */
export interface Permission {
  readonly job: "install" | "peer";
  readonly access: Access;
  readonly allowed: boolean;
}

type Right = readonly [verbs: string, resource: string, namespaced?: boolean];

const WRITE = "get create patch";

const INSTALL: readonly Right[] = [
  [WRITE, "namespaces"],
  ["get list create patch", "operatorgroups.operators.coreos.com", true],
  ["get list create patch", "subscriptions.operators.coreos.com", true],
  ["get list", "clusterserviceversions.operators.coreos.com", true],
  ["get list patch", "installplans.operators.coreos.com", true],
  ["get", "catalogsources.operators.coreos.com"],
  ["get", "packagemanifests.packages.operators.coreos.com"],
  ["get", "customresourcedefinitions.apiextensions.k8s.io"],
  ["list", "storageclasses.storage.k8s.io"],
  ["get", "ingresses.config.openshift.io"],
  [WRITE, "zerotrustworkloadidentitymanagers.operator.openshift.io"],
  [WRITE, "spireservers.operator.openshift.io"],
  [WRITE, "spireagents.operator.openshift.io"],
  [WRITE, "spiffecsidrivers.operator.openshift.io"],
  [WRITE, "spireoidcdiscoveryproviders.operator.openshift.io"],
  ["get", "statefulsets.apps", true],
  ["get", "configmaps", true],
  ["list", "pods", true],
  ["get", "routes.route.openshift.io", true],
];

/** The documented minimum of `peer`: its proof is the server's log. */
const PEER: readonly Right[] = [
  ["get", "zerotrustworkloadidentitymanagers.operator.openshift.io"],
  ["get", "spireservers.operator.openshift.io"],
  ["get", "configmaps", true],
  ["get", "routes.route.openshift.io", true],
  ["get list create patch", "clusterfederatedtrustdomains.spire.spiffe.io"],
  ["get", "pods", true],
  ["get", "pods/log", true],
];

const ANYTHING: Access = { verb: "*", group: "*", resource: "*" };

/** Asks for each; who may do anything is asked once. */
export async function readPermissions(cluster: Cluster): Promise<readonly Permission[]> {
  const all = await cluster.can(ANYTHING);
  const wanted = [...asked("install", INSTALL), ...asked("peer", PEER)];
  if (all.allowed) return wanted.map((one) => ({ ...one, allowed: true }));
  return await Promise.all(wanted.map(async (one) => {
    const { allowed } = await cluster.can(one.access);
    return { ...one, allowed };
  }));
}

/** `create subscriptions.operators.coreos.com`, as `oc auth can-i` takes it. */
export function spell({ verb, group, resource, subresource, namespace }: Access): string {
  const name = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? "" : ` -n ${namespace}`;
  return `${verb} ${group === "" ? name : `${name}.${group}`}${where}`;
}

function asked(
  job: Permission["job"],
  rights: readonly Right[],
): readonly Pick<Permission, "job" | "access">[] {
  return rights.flatMap(([verbs, name, namespaced = false]) => {
    const [path = "", ...rest] = name.split(".");
    const [resource = "", subresource] = path.split("/");
    return verbs.split(" ").map((verb) => ({
      job,
      access: {
        verb,
        group: rest.join("."),
        resource,
        ...subresource === undefined ? {} : { subresource },
        ...namespaced ? { namespace: OPERATOR_NAMESPACE } : {},
      },
    }));
  });
}
