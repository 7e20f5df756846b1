/**
 * Service: which pods a name leads to.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { metadataSchema, reader } from "./reading.ts";

const schema = v.object({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: metadataSchema,
  spec: v.object({ selector: v.exactOptional(v.record(v.string(), v.string()), {}) }),
});

/** A service. */
export type Service = v.InferOutput<typeof schema>;

/** How to find and read services. */
export const SERVICES: Resource<Service> = {
  apiVersion: "v1",
  kind: "Service",
  plural: "services",
  namespaced: true,
  parse: reader(schema),
};

/** Whether a service leads to a pod with these labels; one without selector leads to none. */
export function leadsTo(
  { spec: { selector } }: Service,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 &&
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
