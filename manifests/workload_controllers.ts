/**
 * Deployments and DaemonSets; the StatefulSet stands in `core.ts`.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const count = v.exactOptional(v.number(), 0);

const deploymentSchema = v.object({
  ...objectEntries,
  status: v.exactOptional(
    v.object({
      observedGeneration: v.exactOptional(v.number()),
      replicas: count,
      availableReplicas: count,
    }),
    {},
  ),
});

/** A Deployment. */
export type Deployment = v.InferOutput<typeof deploymentSchema>;

/** How to find and read Deployments. */
export const DEPLOYMENTS: Resource<Deployment> = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
  parse: reader(deploymentSchema),
};

const daemonSetSchema = v.object({
  ...objectEntries,
  status: v.exactOptional(
    v.object({
      observedGeneration: v.exactOptional(v.number()),
      desiredNumberScheduled: count,
      numberReady: count,
    }),
    {},
  ),
});

/** A DaemonSet. */
export type DaemonSet = v.InferOutput<typeof daemonSetSchema>;

/** How to find and read DaemonSets. */
export const DAEMON_SETS: Resource<DaemonSet> = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  namespaced: true,
  parse: reader(daemonSetSchema),
};
