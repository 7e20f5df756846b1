/**
 * What could not be read is not absent: an object that is taken for missing would be
 * written over, and count as made by this program from then on. Pure.
 *
 * @module
 */
import type { Listing } from "../cluster/cluster.ts";
import type { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import type { ClusterFacts } from "./facts.ts";
import { obstacle } from "./obstacle.ts";
import type { Reading } from "./reading.ts";
import type { Part } from "./wanted.ts";

/** Everything that has to be known of a cluster before it is written to, and is not. */
export function unreadIn(facts: ClusterFacts, parts: readonly Part[]): readonly SpirefedError[] {
  const { cluster, namespace, subscriptions, groups, plans, versions, stack } = facts;
  const lists = Object.entries({ subscriptions, operatorgroups: groups, installplans: plans });
  const here = [...lists, ["clusterserviceversions", versions] as const];
  const ofOperator = [
    ...unread(cluster, `namespace ${OPERATOR_NAMESPACE}`, namespace),
    ...here.flatMap(([plural, reading]) => [
      ...unread(cluster, `${plural} -n ${OPERATOR_NAMESPACE}`, reading),
      ...garbled(cluster, plural, reading),
    ]),
  ];
  const ofStack = [...stack].flatMap(([kind, reading]) =>
    unread(cluster, `${kind.toLowerCase()} cluster`, reading)
  );
  return [
    ...parts.includes("operator") ? ofOperator : [],
    ...parts.includes("stack") || parts.includes("endpoint") ? ofStack : [],
  ];
}

function unread(
  cluster: string,
  what: string,
  reading: Reading<unknown>,
): readonly SpirefedError[] {
  if (reading.state !== "unreadable") return [];
  return [obstacle(
    cluster,
    "facts/unreadable",
    `it is not known whether there is ${what}: ${reading.why.replace(`[${cluster}] `, "")}`,
    `oc --context ${cluster} get ${what}`,
  )];
}

/** One that is there and makes no sense may be the very one that is looked for. */
function garbled(
  cluster: string,
  plural: string,
  reading: Reading<Listing<unknown>>,
): readonly SpirefedError[] {
  const [odd] = reading.state === "read" ? reading.value.unreadable : [];
  if (odd === undefined) return [];
  const name = printable(odd.name, 253);
  return [obstacle(
    cluster,
    "facts/unreadable",
    `${plural} ${name} makes no sense: ${printable(odd.problem, 200)}`,
    `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} get ${plural} ${name} -o yaml`,
  )];
}
