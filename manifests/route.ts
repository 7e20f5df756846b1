/**
 * Route, OpenShift's way in: the federation endpoint's host stands in one.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

const backendSchema = v.object({ name: v.exactOptional(v.string(), "") });

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    host: v.exactOptional(v.string(), ""),
    to: v.exactOptional(backendSchema),
    alternateBackends: v.exactOptional(v.array(backendSchema)),
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

/** The services that a route leads to. */
export function backendsOf({ spec: { to, alternateBackends = [] } }: Route): readonly string[] {
  return [...to === undefined ? [] : [to], ...alternateBackends].map(({ name }) => name);
}

/**
 * Whether a router serves it. "The object was written" is another matter, and is
 * all that the operator's own RouteAvailable condition says.
 */
export function isAdmitted({ status }: Route): boolean {
  return (status?.ingress ?? []).some(({ conditions }) =>
    conditions.some(({ type, status }) => type === "Admitted" && status === "True")
  );
}
