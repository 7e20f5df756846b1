/**
 * CustomResourceDefinition: which kinds a cluster knows, and which of their fields.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { isRecord } from "./raw_object.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

const versionSchema = v.object({
  name: v.string(),
  served: v.exactOptional(v.boolean(), false),
  schema: v.exactOptional(v.object({ openAPIV3Schema: v.exactOptional(v.unknown()) })),
});

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    group: v.string(),
    names: v.object({ kind: v.string(), plural: v.string() }),
    versions: v.exactOptional(v.array(versionSchema), []),
  }),
  status: v.exactOptional(
    v.object({ conditions: v.exactOptional(v.array(conditionSchema), []) }),
    { conditions: [] },
  ),
});

/** The definition of a kind. */
export type CustomResourceDefinition = v.InferOutput<typeof schema>;

/** How to find and read definitions. */
export const CUSTOM_RESOURCE_DEFINITIONS: Resource<CustomResourceDefinition> = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
  parse: reader(schema),
};

/** The definitions that the operator owns: five of its own and three of SPIRE's. */
export const OWNED_DEFINITIONS = [
  "zerotrustworkloadidentitymanagers.operator.openshift.io",
  "spireservers.operator.openshift.io",
  "spireagents.operator.openshift.io",
  "spiffecsidrivers.operator.openshift.io",
  "spireoidcdiscoveryproviders.operator.openshift.io",
  "clusterfederatedtrustdomains.spire.spiffe.io",
  "clusterspiffeids.spire.spiffe.io",
  "clusterstaticentries.spire.spiffe.io",
] as const;

/** Whether the API server serves its objects by now. */
export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status.conditions.some(({ type, status }) => type === "Established" && status === "True");
}

/**
 * Members of `wanted` that the definition does not have, so that the API server would
 * refuse or drop them: `spec.persistence.type`. Free-form parts take anything.
 */
export function unknownTo(
  { spec }: CustomResourceDefinition,
  version: string,
  wanted: unknown,
): readonly string[] {
  const found = spec.versions.find(({ name }) => name === version);
  return unknownMembers(found?.schema?.openAPIV3Schema, wanted, "");
}

/** Members that the API server adds to every kind's own. */
const COMMON = ["apiVersion", "kind", "metadata", "status"];

function unknownMembers(schema: unknown, wanted: unknown, path: string): readonly string[] {
  if (!isRecord(schema) || schema["x-kubernetes-preserve-unknown-fields"] === true) return [];
  if (Array.isArray(wanted)) {
    return wanted.flatMap((item, at) => unknownMembers(schema["items"], item, `${path}[${at}]`));
  }
  const { properties } = schema;
  if (!isRecord(wanted) || !isRecord(properties)) return [];
  return Object.entries(wanted).flatMap(([name, value]) => {
    if (path === "" && COMMON.includes(name)) return [];
    const at = path === "" ? name : `${path}.${name}`;
    return name in properties ? unknownMembers(properties[name], value, at) : [at];
  });
}
