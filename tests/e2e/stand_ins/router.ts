/**
 * Stand-in for OpenShift's router, which is HAProxy too: HAProxy configured from
 * Route objects, and the Admitted condition on each. TLS passes through by its SNI.
 *
 * @module
 */
import type { ApiServer, Json } from "../api.ts";
import { ROUTER_ADDRESS, type Site } from "../topology.ts";

/** One host, and the Service behind it. */
export interface Backend {
  readonly host: string;
  /** `address:port` of the Service, `undefined` when there is none. */
  readonly server: string | undefined;
}

/** What a cluster wants of the router. */
export interface Wishes {
  readonly backends: readonly Backend[];
  /** Routes that nobody has admitted yet. */
  readonly waiting: readonly Json[];
}

/** Reads the routes of a cluster. */
export async function readRoutes(api: ApiServer): Promise<Wishes> {
  const routes = (await api.list("route.openshift.io/v1", "Route"))
    .filter(({ spec }) => spec.tls?.termination === "passthrough");
  const backends = [];
  for (const route of routes) {
    backends.push({ host: route.spec.host, server: await serviceOf(api, route) });
  }
  return { backends, waiting: routes.filter((route) => !isAdmitted(route)) };
}

async function serviceOf(api: ApiServer, { metadata, spec }: Json): Promise<string | undefined> {
  const service = await api.get({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: spec.to.name, namespace: metadata.namespace },
  });
  const wanted = spec.port?.targetPort;
  const port = service?.spec.ports.find(({ name, targetPort }: Json) =>
    name === wanted || targetPort === wanted
  );
  return port === undefined ? undefined : `${service.spec.clusterIP}:${port.port}`;
}

function isAdmitted({ spec, status }: Json): boolean {
  return (status?.ingress ?? []).some((ingress: Json) =>
    ingress.host === spec.host &&
    ingress.conditions?.some(({ type, status }: Json) => type === "Admitted" && status === "True")
  );
}

/** Says of a route that the router serves it. */
export async function admit(
  api: ApiServer,
  { metadata, spec }: Json,
  site: Site,
): Promise<void> {
  const ingress = [{
    host: spec.host,
    routerName: "default",
    routerCanonicalHostname: `router-default.${site.trustDomain}`,
    wildcardPolicy: "None",
    conditions: [{
      type: "Admitted",
      status: "True",
      lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    }],
  }];
  const { name, namespace } = metadata;
  const key = { apiVersion: "route.openshift.io/v1", kind: "Route", metadata: { name, namespace } };
  await api.merge(key, { status: { ingress } }, "/status");
}

/** HAProxy's configuration for these hosts. Host names come from a cluster, so they are checked. */
export function routerConfiguration(backends: readonly Backend[]): string {
  const known = backends.filter(({ host, server }) =>
    server !== undefined && /^[a-z0-9.-]+$/.test(host)
  );
  return `global
  maxconn 200
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend sni
  bind ${ROUTER_ADDRESS}:443
  tcp-request inspect-delay 5s
  tcp-request content accept if { req_ssl_hello_type 1 }
${
    known.map(({ host }, index) => `  use_backend b${index} if { req_ssl_sni -i ${host} }`).join(
      "\n",
    )
  }
${known.map(({ server }, index) => `backend b${index}\n  server s ${server}`).join("\n")}
`;
}
