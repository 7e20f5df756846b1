/**
 * SpireServer, the operator's object behind the SPIRE server. Only its federation
 * part is ours to read and to change.
 *
 * Its spelling differs from ClusterFederatedTrustDomain's on purpose of its
 * authors: `bundleEndpointUrl`, a flat `bundleEndpointProfile`, `endpointSpiffeId`,
 * and booleans that are the strings "true" and "false".
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { conditionSchema, objectEntries, reader } from "./reading.ts";

// The list is written whole: a member that a newer operator knows must not get lost.
const staticPeerSchema = v.looseObject({
  trustDomain: v.string(),
  bundleEndpointUrl: v.string(),
  bundleEndpointProfile: v.string(),
  endpointSpiffeId: v.exactOptional(v.string()),
});

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    federation: v.exactOptional(v.object({
      bundleEndpoint: v.object({
        profile: v.exactOptional(v.string(), "https_spiffe"),
        refreshHint: v.exactOptional(v.number(), 300),
      }),
      federatesWith: v.exactOptional(v.array(staticPeerSchema), []),
      managedRoute: v.exactOptional(v.string(), "true"),
    })),
  }),
  status: v.exactOptional(v.object({
    conditions: v.exactOptional(v.array(conditionSchema), []),
  })),
});

/** The singleton is called `cluster`. */
export type SpireServer = v.InferOutput<typeof schema>;

/** One entry of `spec.federation.federatesWith`. */
export type StaticPeer = v.InferOutput<typeof staticPeerSchema>;

/** The most entries `federatesWith` takes (`maxItems` of the CRD). */
export const STATIC_PEERS_LIMIT = 50;

/** How to find and read it. Cluster scoped. */
export const SPIRE_SERVERS: Resource<SpireServer> = {
  apiVersion: "operator.openshift.io/v1alpha1",
  kind: "SpireServer",
  plural: "spireservers",
  namespaced: false,
  parse: reader(schema),
};
