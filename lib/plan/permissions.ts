/**
 * What a user must be allowed to do for a plan, and how it is said when it is not.
 *
 * @module
 */
import type { Access, Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../manifests/cluster_federated_trust_domain.ts";
import { OPERATOR_NAMESPACE, type Resource } from "../../manifests/manifest.ts";
import { SPIRE_SERVERS } from "../../manifests/spire_server.ts";
import type { Step } from "./plan.ts";

/** Commands in the SPIRE server's container. */
export const EXEC_ACCESS: Access = {
  verb: "create",
  group: "",
  resource: "pods",
  subresource: "exec",
  namespace: OPERATOR_NAMESPACE,
};

/** The permissions that steps need, each once. */
export function accessesFor(steps: readonly Step[]): readonly Access[] {
  const all = steps.flatMap(accessesOf);
  return [...new Map(all.map((access) => [JSON.stringify(access), access])).values()];
}

function accessesOf(step: Step): readonly Access[] {
  switch (step.action) {
    case "create":
      return [on(CLUSTER_FEDERATED_TRUST_DOMAINS, "create"), on(CLUSTER_FEDERATED_TRUST_DOMAINS)];
    case "update":
      return [on(CLUSTER_FEDERATED_TRUST_DOMAINS)];
    case "patch":
    case "unlist":
      return [on(SPIRE_SERVERS)];
    case "edit":
      return [on(step.resource)];
    case "delete":
      return [on(step.resource, "delete", step.namespace)];
    case "forget":
      return [EXEC_ACCESS];
    case "exec":
      return [];
  }
}

/** A verb on a kind. */
export function on(
  { apiVersion, plural: resource }: Resource<unknown>,
  verb = "patch",
  namespace?: string,
): Access {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] ?? "" : "";
  return { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) };
}

/**
 * Asks the server for each permission.
 *
 * @returns what is missing, one failure each; empty when nothing is.
 */
export async function missingPermissions(
  cluster: Cluster,
  accesses: readonly Access[],
): Promise<readonly SpirefedError[]> {
  const answers = await Promise.all(
    accesses.map(async (access) => ({ access, answer: await cluster.can(access) })),
  );
  return answers.filter(({ answer }) => !answer.allowed)
    .map(({ access }) => missing(cluster.name, access));
}

function missing(
  cluster: string,
  { verb, group, resource, subresource, namespace }: Access,
): SpirefedError {
  const name = `${resource}${subresource === undefined ? "" : `/${subresource}`}`;
  const full = group === "" ? name : `${name}.${group}`;
  const where = namespace === undefined ? "" : ` in ${namespace}`;
  const option = namespace === undefined ? "" : ` -n ${namespace}`;
  return new SpirefedError("preflight", `[${cluster}] needs ${verb} ${full}${where}`, {
    code: "permission/missing",
    remedy: `oc --context ${cluster} auth can-i ${verb} ${full}${option}`,
  });
}
