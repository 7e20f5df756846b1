/**
 * PackageManifest, what a catalog says of an operator: made by OLM, stored nowhere.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const channelSchema = v.object({
  name: v.string(),
  currentCSV: v.exactOptional(v.string(), ""),
  currentCSVDesc: v.exactOptional(v.object({ version: v.exactOptional(v.string(), "") })),
  entries: v.exactOptional(v.array(v.object({ name: v.string() })), []),
});

const schema = v.object({
  ...objectEntries,
  status: v.object({
    catalogSource: v.exactOptional(v.string(), ""),
    catalogSourceNamespace: v.exactOptional(v.string(), ""),
    packageName: v.exactOptional(v.string(), ""),
    defaultChannel: v.exactOptional(v.string(), ""),
    channels: v.exactOptional(v.array(channelSchema), []),
  }),
});

/** An operator as a catalog offers it. */
export type PackageManifest = v.InferOutput<typeof schema>;

/** How to find and read them; those of a catalog carry the label `catalog`. */
export const PACKAGE_MANIFESTS: Resource<PackageManifest> = {
  apiVersion: "packages.operators.coreos.com/v1",
  kind: "PackageManifest",
  plural: "packagemanifests",
  namespaced: true,
  parse: reader(schema),
};
