/**
 * Route, OpenShift's way in: the federation endpoint's host stands in one.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    host: v.exactOptional(v.string(), ""),
    tls: v.exactOptional(v.object({ termination: v.exactOptional(v.string(), "") })),
  }),
  status: v.exactOptional(v.object({
    ingress: v.exactOptional(
      v.array(v.object({ conditions: v.exactOptional(v.array(conditionSchema), []) })),
      [],
    ),
  })),
});

/** A route. */
export type Route = v.InferOutput<typeof schema>;

/** The route that the operator makes for the bundle endpoint. */
export const FEDERATION_ROUTE = "spire-server-federation";

/** How to find and read routes. */
export const ROUTES: Resource<Route> = {
  apiVersion: "route.openshift.io/v1",
  kind: "Route",
  plural: "routes",
  namespaced: true,
  parse: reader(schema),
};

/**
 * Whether a router serves it. "The object was written" is another matter, and is
 * all that the operator's own RouteAvailable condition says.
 */
export function isAdmitted({ status }: Route): boolean {
  return (status?.ingress ?? []).some(({ conditions }) =>
    conditions.some(({ type, status }) => type === "Admitted" && status === "True")
  );
}
