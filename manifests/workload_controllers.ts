/**
 * Deployments and DaemonSets; the StatefulSet stands in `core.ts`.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { metadataSchema, reader } from "./reading.ts";

const deploymentSchema = v.object({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: metadataSchema,
  status: v.exactOptional(
    v.object({
      observedGeneration: v.exactOptional(v.number()),
      replicas: v.exactOptional(v.number(), 0),
      availableReplicas: v.exactOptional(v.number(), 0),
    }),
    { replicas: 0, availableReplicas: 0 },
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
  apiVersion: v.string(),
  kind: v.string(),
  metadata: metadataSchema,
  status: v.exactOptional(
    v.object({
      observedGeneration: v.exactOptional(v.number()),
      desiredNumberScheduled: v.exactOptional(v.number(), 0),
      numberReady: v.exactOptional(v.number(), 0),
    }),
    { desiredNumberScheduled: 0, numberReady: 0 },
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
