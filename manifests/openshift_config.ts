/**
 * OpenShift's own configuration, as far as it matters here; all singletons. The
 * ingress configuration stands in `core.ts`.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const clusterVersionSchema = v.object({
  ...objectEntries,
  status: v.exactOptional(
    v.object({
      desired: v.exactOptional(v.object({ version: v.exactOptional(v.string(), "") }), {
        version: "",
      }),
    }),
    { desired: { version: "" } },
  ),
});

/** The version of OpenShift; the singleton is called `version`. */
export type ClusterVersion = v.InferOutput<typeof clusterVersionSchema>;

/** How to find and read it. */
export const CLUSTER_VERSIONS: Resource<ClusterVersion> = {
  apiVersion: "config.openshift.io/v1",
  kind: "ClusterVersion",
  plural: "clusterversions",
  namespaced: false,
  parse: reader(clusterVersionSchema),
};

const proxySettings = {
  httpProxy: v.exactOptional(v.string(), ""),
  httpsProxy: v.exactOptional(v.string(), ""),
  noProxy: v.exactOptional(v.string(), ""),
};

const proxySchema = v.object({
  ...objectEntries,
  spec: v.exactOptional(
    v.object({
      ...proxySettings,
      trustedCA: v.exactOptional(v.object({ name: v.exactOptional(v.string(), "") })),
    }),
    { httpProxy: "", httpsProxy: "", noProxy: "" },
  ),
  /** What is in force, with the cluster's own networks in `noProxy`. */
  status: v.exactOptional(v.object(proxySettings)),
});

/** The cluster-wide proxy; the singleton is called `cluster`. */
export type Proxy = v.InferOutput<typeof proxySchema>;

/** How to find and read it. */
export const PROXIES: Resource<Proxy> = {
  apiVersion: "config.openshift.io/v1",
  kind: "Proxy",
  plural: "proxies",
  namespaced: false,
  parse: reader(proxySchema),
};

/** The proxy that pods get for HTTPS, where there is one. */
export function proxyInForce(proxy: Proxy | undefined): string | undefined {
  const { httpProxy, httpsProxy } = proxy?.status ?? proxy?.spec ?? {};
  return httpsProxy || httpProxy || undefined;
}
