/**
 * What was seen of a cluster, as plain data: collected once, judged any number of times,
 * kept in an archive and read again elsewhere. Nothing secret is in it by construction:
 * see `observed.ts` for what is kept, `redact_text.ts` for what is taken out.
 *
 * @module
 */
import * as v from "valibot";

const problemSchema = v.object({
  severity: v.picklist(["error", "warning"]),
  code: v.string(),
  message: v.string(),
  path: v.string(),
});

const bundleSchema = v.object({
  /** The canonical document; absent when it was refused. */
  text: v.optional(v.string()),
  problems: v.array(problemSchema),
});

/** A bundle that was found somewhere: re-printed, so that nothing but public keys is kept of it. */
export type BundleFact = v.InferOutput<typeof bundleSchema>;

const unreadSchema = v.object({
  state: v.literal("unread"),
  /** As a {@linkcode SpirefedError}'s: `http/403`, `http/404-kind`, `net/timeout`… */
  code: v.string(),
  why: v.string(),
});

/** Why something could not be read. */
export type Unread = v.InferOutput<typeof unreadSchema>;

/** What was looked for: the things found, or why nobody can tell. */
export type Section<T> = { readonly state: "read"; readonly items: readonly T[] } | Unread;

function sectionOf<const S extends v.GenericSchema>(
  item: S,
): v.GenericSchema<unknown, Section<v.InferOutput<S>>> {
  return v.variant("state", [
    v.object({ state: v.literal("read"), items: v.array(item) }),
    unreadSchema,
  ]);
}

const observationSchema = v.object({
  kind: v.string(),
  name: v.string(),
  namespace: v.optional(v.string()),
  uid: v.optional(v.string()),
  created: v.optional(v.string()),
  deleted: v.optional(v.string()),
  generation: v.optional(v.number()),
  labels: v.record(v.string(), v.string()),
  /** The members that the allow-list names, and no others. */
  kept: v.record(v.string(), v.unknown()),
});

/** An object of the cluster, cut down to what is judged. */
export type Observation = v.InferOutput<typeof observationSchema>;

const declarationSchema = v.object({
  name: v.string(),
  uid: v.optional(v.string()),
  resourceVersion: v.optional(v.string()),
  created: v.optional(v.string()),
  /** Made by this program, by its label. */
  ours: v.boolean(),
  trustDomain: v.string(),
  url: v.string(),
  profile: v.string(),
  endpointId: v.optional(v.string()),
  className: v.optional(v.string()),
  bundle: v.optional(bundleSchema),
  /** What the judge of such objects says of it. */
  problems: v.array(problemSchema),
});

/** A ClusterFederatedTrustDomain. */
export type Declaration = v.InferOutput<typeof declarationSchema>;

const relationshipSchema = v.object({
  trustDomain: v.string(),
  url: v.string(),
  profile: v.string(),
  endpointId: v.optional(v.string()),
});

/** A relationship as SPIRE has it, in its datastore or in its configuration. */
export type RelationshipFact = v.InferOutput<typeof relationshipSchema>;

const authoritySchema = v.object({
  phase: v.picklist(["active", "prepared", "old"]),
  /** The subject key identifier, lower-case hex. */
  id: v.string(),
  expires: v.string(),
});

const refreshSchema = v.object({
  trustDomain: v.string(),
  state: v.picklist([
    "refreshed",
    "no-relationship",
    "never-seeded",
    "unauthenticated",
    "failed",
  ]),
  reason: v.optional(v.string()),
  at: v.string(),
});

/** What came of a refresh that was asked for. */
export type RefreshFact = v.InferOutput<typeof refreshSchema>;

const spireSchema = v.object({
  version: v.optional(v.string()),
  /** Its own bundle, by `bundle show`: a revoked authority stays in the ConfigMap. */
  own: v.optional(bundleSchema),
  stored: sectionOf(v.object({ trustDomain: v.string(), bundle: bundleSchema })),
  /** What `federation list` tells: what came from ClusterFederatedTrustDomains. */
  dynamic: sectionOf(relationshipSchema),
  authorities: sectionOf(authoritySchema),
  refreshes: v.array(refreshSchema),
});

const endpointSchema = v.variant("state", [
  v.object({
    state: v.literal("answered"),
    url: v.string(),
    bundle: bundleSchema,
    /** DER of what authenticated it, leaf first, base64. */
    chain: v.array(v.string()),
    milliseconds: v.number(),
  }),
  v.object({ state: v.literal("failed"), url: v.string(), code: v.string(), why: v.string() }),
]);

/** What came of going to a bundle endpoint, under the roots that its own API names. */
export type EndpointFact = v.InferOutput<typeof endpointSchema>;

const logSchema = v.variant("state", [
  v.object({ state: v.literal("read"), text: v.string() }),
  unreadSchema,
]);

/** A container's log, redacted, each line after its time. */
export type LogFact = v.InferOutput<typeof logSchema>;

const failureSchema = v.object({
  code: v.string(),
  message: v.string(),
  remedy: v.optional(v.string()),
});

/** Everything that was seen of one cluster. */
export const clusterFactsSchema = v.object({
  /** The context, as the user named it. */
  name: v.string(),
  server: v.string(),
  /** When it was looked at, RFC 3339. */
  at: v.string(),
  /** How far the clock of its API server is ahead. */
  clockAheadSeconds: v.optional(v.number()),
  /** Why it could not be looked at: all else is then empty. */
  failure: v.optional(failureSchema),
  allowed: v.object({ exec: v.boolean(), logs: v.boolean() }),
  objects: v.record(v.string(), sectionOf(observationSchema)),
  declared: sectionOf(declarationSchema),
  /** The authorities that its API names. */
  roots: v.variant("state", [
    v.object({ state: v.literal("read"), bundle: bundleSchema, source: v.string() }),
    unreadSchema,
  ]),
  spire: spireSchema,
  /** Absent where SpireServer has no `spec.federation`, or nothing could vouch for it. */
  endpoint: v.optional(endpointSchema),
  /** By `pod/container`; `spire-server-0/spire-server`. */
  logs: v.record(v.string(), logSchema),
});

/** Everything that was seen of one cluster. */
export type ClusterFacts = v.InferOutput<typeof clusterFactsSchema>;

/** All clusters, at one time. */
export const snapshotSchema = v.object({
  takenAt: v.string(),
  /** The version of this program. */
  version: v.string(),
  clusters: v.array(clusterFactsSchema),
});

/** All clusters, at one time. */
export type Snapshot = v.InferOutput<typeof snapshotSchema>;
