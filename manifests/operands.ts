/**
 * The operator's operands beside SpireServer, as far as they report on themselves.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  status: v.exactOptional(
    v.object({ conditions: v.exactOptional(v.array(conditionSchema), []) }),
    { conditions: [] },
  ),
});

/** Any of the operator's objects: a cluster-scoped singleton called `cluster`. */
export type Operand = v.InferOutput<typeof schema>;

/** How to find and read SpireAgent. */
export const SPIRE_AGENTS = operand("SpireAgent", "spireagents");

/** How to find and read SpiffeCSIDriver. */
export const SPIFFE_CSI_DRIVERS = operand("SpiffeCSIDriver", "spiffecsidrivers");

/** How to find and read SpireOIDCDiscoveryProvider. */
export const SPIRE_OIDC_DISCOVERY_PROVIDERS = operand(
  "SpireOIDCDiscoveryProvider",
  "spireoidcdiscoveryproviders",
);

/** The CSI driver that mounts the Workload API into pods, unless its operand names another. */
export const SPIFFE_CSI_DRIVER = "csi.spiffe.io";

function operand(kind: string, plural: string): Resource<Operand> {
  return {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind,
    plural,
    namespaced: false,
    parse: reader(schema),
  };
}
