/**
 * InstallPlan, what OLM is about to do to fulfil a Subscription.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    approval: v.exactOptional(v.string(), "Automatic"),
    approved: v.exactOptional(v.boolean(), false),
    clusterServiceVersionNames: v.exactOptional(v.array(v.string()), []),
  }),
  status: v.exactOptional(
    v.object({
      /** `RequiresApproval`, `Installing`, `Complete`, `Failed`. */
      phase: v.exactOptional(v.string(), ""),
      conditions: v.exactOptional(v.array(conditionSchema), []),
      message: v.exactOptional(v.string(), ""),
    }),
    { phase: "", conditions: [], message: "" },
  ),
});

/** A plan of OLM's. */
export type InstallPlan = v.InferOutput<typeof schema>;

/** How to find and read install plans. */
export const INSTALL_PLANS: Resource<InstallPlan> = {
  apiVersion: "operators.coreos.com/v1alpha1",
  kind: "InstallPlan",
  plural: "installplans",
  namespaced: true,
  parse: reader(schema),
};
