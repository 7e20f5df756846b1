/**
 * The few kinds of Kubernetes' own that are read, and only as far as they are read.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const namespaceSchema = v.object({
  ...objectEntries,
  status: v.exactOptional(v.object({ phase: v.exactOptional(v.string(), "") }), { phase: "" }),
});

/** A namespace; the uid of `kube-system` tells clusters apart. */
export type Namespace = v.InferOutput<typeof namespaceSchema>;

/** How to find and read namespaces. */
export const NAMESPACES: Resource<Namespace> = {
  apiVersion: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
  parse: reader(namespaceSchema),
};

const configMapSchema = v.object({
  ...objectEntries,
  data: v.exactOptional(v.record(v.string(), v.string()), {}),
});

/** A ConfigMap. */
export type ConfigMap = v.InferOutput<typeof configMapSchema>;

/** How to find and read ConfigMaps. */
export const CONFIG_MAPS: Resource<ConfigMap> = {
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
  parse: reader(configMapSchema),
};

const statefulSetSchema = v.object({
  ...objectEntries,
  spec: v.object({
    template: v.object({
      metadata: v.exactOptional(
        v.object({ annotations: v.exactOptional(v.record(v.string(), v.string()), {}) }),
        { annotations: {} },
      ),
    }),
  }),
  status: v.exactOptional(v.object({
    observedGeneration: v.exactOptional(v.number()),
    readyReplicas: v.exactOptional(v.number(), 0),
    updatedReplicas: v.exactOptional(v.number(), 0),
    currentRevision: v.exactOptional(v.string()),
    updateRevision: v.exactOptional(v.string()),
  })),
});

/** A StatefulSet. */
export type StatefulSet = v.InferOutput<typeof statefulSetSchema>;

/** How to find and read StatefulSets. */
export const STATEFUL_SETS: Resource<StatefulSet> = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  namespaced: true,
  parse: reader(statefulSetSchema),
};

const ingressSchema = v.object({
  ...objectEntries,
  spec: v.object({
    domain: v.exactOptional(v.string(), ""),
    appsDomain: v.exactOptional(v.string(), ""),
  }),
});

/** The cluster's ingress configuration; the singleton is called `cluster`. */
export type IngressConfig = v.InferOutput<typeof ingressSchema>;

/** How to find and read it. Cluster scoped. */
export const INGRESS_CONFIGS: Resource<IngressConfig> = {
  apiVersion: "config.openshift.io/v1",
  kind: "Ingress",
  plural: "ingresses",
  namespaced: false,
  parse: reader(ingressSchema),
};
