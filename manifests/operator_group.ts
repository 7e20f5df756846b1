/**
 * OperatorGroup, which says what namespaces the operators of a namespace serve. OLM
 * wants exactly one in a namespace: with two, nothing is installed.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.exactOptional(
    v.object({ targetNamespaces: v.exactOptional(v.array(v.string()), []) }),
    { targetNamespaces: [] },
  ),
});

/** A group of operators; without target namespaces it serves all of them. */
export type OperatorGroup = v.InferOutput<typeof schema>;

/** How to find and read operator groups. */
export const OPERATOR_GROUPS: Resource<OperatorGroup> = {
  apiVersion: "operators.coreos.com/v1",
  kind: "OperatorGroup",
  plural: "operatorgroups",
  namespaced: true,
  parse: reader(schema),
};
