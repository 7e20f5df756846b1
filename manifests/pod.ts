/**
 * Pods, as far as they tell why something does not start and who mounts what.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

const containerStatusSchema = v.object({
  name: v.string(),
  ready: v.exactOptional(v.boolean(), false),
  restartCount: v.exactOptional(v.number(), 0),
  state: v.exactOptional(
    v.object({
      waiting: v.exactOptional(v.object({
        reason: v.exactOptional(v.string(), ""),
        message: v.exactOptional(v.string(), ""),
      })),
    }),
    {},
  ),
});

const schema = v.object({
  ...objectEntries,
  spec: v.exactOptional(
    v.object({
      nodeName: v.exactOptional(v.string()),
      volumes: v.exactOptional(
        v.array(v.object({
          name: v.string(),
          csi: v.exactOptional(v.object({ driver: v.string() })),
        })),
        [],
      ),
    }),
    { volumes: [] },
  ),
  status: v.exactOptional(
    v.object({
      phase: v.exactOptional(v.string(), ""),
      conditions: v.exactOptional(v.array(conditionSchema), []),
      initContainerStatuses: v.exactOptional(v.array(containerStatusSchema), []),
      containerStatuses: v.exactOptional(v.array(containerStatusSchema), []),
    }),
    { phase: "", conditions: [], initContainerStatuses: [], containerStatuses: [] },
  ),
});

/** A pod. */
export type Pod = v.InferOutput<typeof schema>;

/** How to find and read pods. */
export const PODS: Resource<Pod> = {
  apiVersion: "v1",
  kind: "Pod",
  plural: "pods",
  namespaced: true,
  parse: reader(schema),
};

/** Whether a pod mounts the Workload API through the CSI driver of this name. */
export function mountsDriver({ spec }: Pod, driver: string): boolean {
  return spec.volumes.some(({ csi }) => csi?.driver === driver);
}

/** `namespace/name`. */
export function podName({ metadata }: Pick<Pod, "metadata">): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
