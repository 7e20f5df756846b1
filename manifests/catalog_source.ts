/**
 * CatalogSource, a shop of operators.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  status: v.exactOptional(v.object({
    connectionState: v.exactOptional(
      v.object({ lastObservedState: v.exactOptional(v.string(), "") }),
    ),
  })),
});

/** A catalog; only `READY` ones sell anything. */
export type CatalogSource = v.InferOutput<typeof schema>;

/** How to find and read catalogs. */
export const CATALOG_SOURCES: Resource<CatalogSource> = {
  apiVersion: "operators.coreos.com/v1alpha1",
  kind: "CatalogSource",
  plural: "catalogsources",
  namespaced: true,
  parse: reader(schema),
};

/** Where OpenShift keeps its catalogs. */
export const MARKETPLACE_NAMESPACE = "openshift-marketplace";
