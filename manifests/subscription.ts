/**
 * Subscription, the order that OLM fulfils: which operator, from where, which channel.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    name: v.string(),
    source: v.exactOptional(v.string(), ""),
    sourceNamespace: v.exactOptional(v.string(), ""),
    channel: v.exactOptional(v.string()),
    startingCSV: v.exactOptional(v.string()),
    installPlanApproval: v.exactOptional(v.string(), "Automatic"),
    config: v.exactOptional(v.object({
      env: v.exactOptional(
        v.array(v.object({ name: v.string(), value: v.exactOptional(v.string(), "") })),
        [],
      ),
    })),
  }),
  status: v.exactOptional(
    v.object({
      state: v.exactOptional(v.string(), ""),
      /** The one that runs, and the one that is to run. */
      installedCSV: v.exactOptional(v.string()),
      currentCSV: v.exactOptional(v.string()),
      installPlanRef: v.exactOptional(v.object({ name: v.string() })),
      conditions: v.exactOptional(v.array(conditionSchema), []),
    }),
    { state: "", conditions: [] },
  ),
});

/** An order for an operator. */
export type Subscription = v.InferOutput<typeof schema>;

/** How to find and read subscriptions. */
export const SUBSCRIPTIONS: Resource<Subscription> = {
  apiVersion: "operators.coreos.com/v1alpha1",
  kind: "Subscription",
  plural: "subscriptions",
  namespaced: true,
  parse: reader(schema),
};

/** The operator's package in Red Hat's catalog, and the names of both in a Subscription. */
export const OPERATOR_PACKAGE = "openshift-zero-trust-workload-identity-manager";

/** Set to `true` in a Subscription's environment, it stops the operator from updating anything. */
export const CREATE_ONLY_MODE = "CREATE_ONLY_MODE";

/** Names the ConfigMap with the proxy's CA, which the operator demands where there is a proxy. */
export const TRUSTED_CA_BUNDLE_CONFIGMAP = "TRUSTED_CA_BUNDLE_CONFIGMAP";

/** A variable in a Subscription's environment. */
export function environmentOf({ spec }: Subscription, name: string): string | undefined {
  return spec.config?.env.find((variable) => variable.name === name)?.value;
}
