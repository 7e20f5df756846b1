/**
 * Storage: the classes there are, who provides them, and the claim that the SPIRE
 * server's keys lie in.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const storageClassSchema = v.object({
  ...objectEntries,
  provisioner: v.exactOptional(v.string(), ""),
  volumeBindingMode: v.exactOptional(v.string(), "Immediate"),
});

/** A storage class. */
export type StorageClass = v.InferOutput<typeof storageClassSchema>;

/** How to find and read storage classes. */
export const STORAGE_CLASSES: Resource<StorageClass> = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  plural: "storageclasses",
  namespaced: false,
  parse: reader(storageClassSchema),
};

/** Whether claims that name no class get this one. */
export function isDefaultClass({ metadata }: StorageClass): boolean {
  return metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
}

const csiDriverSchema = v.object({
  ...objectEntries,
});

/** A CSI driver; a provisioner that is none knows no ReadWriteOncePod. */
export type CsiDriver = v.InferOutput<typeof csiDriverSchema>;

/** How to find and read CSI drivers. */
export const CSI_DRIVERS: Resource<CsiDriver> = {
  apiVersion: "storage.k8s.io/v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  namespaced: false,
  parse: reader(csiDriverSchema),
};

const claimSchema = v.object({
  ...objectEntries,
  spec: v.object({
    storageClassName: v.exactOptional(v.string()),
    accessModes: v.exactOptional(v.array(v.string()), []),
  }),
  status: v.exactOptional(v.object({ phase: v.exactOptional(v.string(), "") }), { phase: "" }),
});

/** A claim to storage. */
export type PersistentVolumeClaim = v.InferOutput<typeof claimSchema>;

/** How to find and read claims. */
export const PERSISTENT_VOLUME_CLAIMS: Resource<PersistentVolumeClaim> = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  namespaced: true,
  parse: reader(claimSchema),
};

/** The claim of the SPIRE server; its StatefulSet leaves it behind. */
export const SERVER_CLAIM = "spire-data-spire-server-0";
