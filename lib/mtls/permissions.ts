/**
 * What the user must be allowed to, asked of the servers before anything is made.
 *
 * @module
 */
import type { Access, Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { allSideBySide } from "../federation/side_by_side.ts";
import { namespaceOf, type Trial } from "./trial.ts";

type Verbs = readonly [group: string, resource: string, verbs: readonly string[]];

const CLUSTER_WIDE: readonly Verbs[] = [
  ["", "namespaces", ["create", "get", "delete"]],
  ["spire.spiffe.io", "clusterspiffeids", ["create", "get", "delete"]],
];
const WITHIN: readonly Verbs[] = [
  ["", "serviceaccounts", ["create"]],
  ["", "configmaps", ["create"]],
  ["", "pods", ["create", "get", "delete"]],
  ["", "pods/log", ["get"]],
];
const FOR_SERVER: readonly Verbs[] = [
  ["", "services", ["create"]],
  ["route.openshift.io", "routes", ["create", "get"]],
];

/**
 * Asks for exactly what the trials need.
 *
 * @throws {SpirefedError} `preflight`, naming every verb that is missing.
 */
export async function requirePermissions(
  trials: readonly Trial[],
  clusters: ReadonlyMap<string, Cluster>,
): Promise<void> {
  await allSideBySide([...clusters.values()], async (cluster) => {
    const serving = trials.find(({ server, existing }) =>
      server.cluster === cluster.name && existing === undefined
    );
    const trial = serving ?? trials.find(({ caller }) => caller.cluster === cluster.name);
    if (trial === undefined) return;
    const namespace = namespaceOf(trial);
    const needed = [
      ...accesses(CLUSTER_WIDE, undefined),
      ...accesses(WITHIN, namespace),
      ...serving === undefined ? [] : accesses(FOR_SERVER, namespace),
    ];
    const answers = await Promise.all(needed.map((access) => cluster.can(access)));
    const missing = needed.filter((_, at) => answers[at]?.allowed !== true).map(nameOf);
    if (missing.length === 0) return;
    throw new SpirefedError("preflight", `[${cluster.name}] needs ${missing.join(", ")}`, {
      code: "permission/missing",
      remedy: `ask an administrator of ${cluster.name} for them`,
    });
  });
}

function accesses(list: readonly Verbs[], namespace: string | undefined): readonly Access[] {
  return list.flatMap(([group, path, verbs]) => {
    const [resource = "", subresource] = path.split("/");
    return verbs.map((verb) => ({ verb, group, resource, subresource, namespace }));
  });
}

function nameOf({ verb, group, resource, subresource }: Access): string {
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${group === "" ? path : `${path}.${group}`}`;
}
