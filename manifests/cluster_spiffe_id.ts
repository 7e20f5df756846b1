/**
 * ClusterSPIFFEID, the object that gives SPIFFE IDs to pods and says whose bundles
 * their workloads receive.
 *
 * @module
 */
import * as v from "valibot";
import type { TrustDomain } from "../lib/spiffe/model.ts";
import { CONTROLLER_CLASS } from "./cluster_federated_trust_domain.ts";
import { labelSelectorSchema } from "./label_selector.ts";
import type { ObjectMeta, Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  spec: v.object({
    spiffeIDTemplate: v.string(),
    federatesWith: v.exactOptional(v.array(v.string())),
    namespaceSelector: v.exactOptional(labelSelectorSchema),
    podSelector: v.exactOptional(labelSelectorSchema),
    ttl: v.exactOptional(v.string()),
    className: v.exactOptional(v.string()),
  }),
  status: v.exactOptional(v.object({
    stats: v.exactOptional(v.object({
      entriesToSet: v.exactOptional(v.number(), 0),
      entryFailures: v.exactOptional(v.number(), 0),
    })),
  })),
});

/** Gives SPIFFE IDs to the pods that its selectors choose. */
export type ClusterSpiffeId = v.InferOutput<typeof schema>;

/** How to find and read them. Cluster scoped. */
export const CLUSTER_SPIFFE_IDS: Resource<ClusterSpiffeId> = {
  apiVersion: "spire.spiffe.io/v1alpha1",
  kind: "ClusterSPIFFEID",
  plural: "clusterspiffeids",
  namespaced: false,
  parse: reader(schema),
};

/** The template of the operator's own default object, and of most others. */
export const DEFAULT_SPIFFE_ID_TEMPLATE =
  "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}";

/** What a ClusterSPIFFEID made by this program says. */
export interface SpiffeIdSpec {
  /** A Go template. @default {DEFAULT_SPIFFE_ID_TEMPLATE} */
  readonly spiffeIDTemplate?: string | undefined;
  /** Trust domains whose bundles the workloads receive; each must be stored already. */
  readonly federatesWith: readonly TrustDomain[];
  /** Labels of the namespaces; empty chooses all. */
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
  /** Labels of the pods; empty chooses all. */
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
  /** A duration as Go spells it, e.g. `30m`. */
  readonly ttl?: string | undefined;
  /** @default {CONTROLLER_CLASS} */
  readonly className?: string | undefined;
}

/**
 * Builds one.
 *
 * Apply it only when the bundle of each trust domain in `federatesWith` is stored:
 * SPIRE refuses the whole entry otherwise, and its workloads get no identity at all.
 *
 * @example
 * ```ts
 * import { clusterSpiffeId } from "./cluster_spiffe_id.ts";
 * import { parseTrustDomain } from "../lib/spiffe/trust_domain.ts";
 * import assert from "node:assert/strict";
 *
 * const federatesWith = [parseTrustDomain("apps.west.example")];
 * const object = clusterSpiffeId({ federatesWith, podLabels: { app: "shop" } }, { name: "shop" });
 * assert.deepEqual(object.spec.podSelector, { matchLabels: { app: "shop" } });
 * ```
 */
export function clusterSpiffeId(
  { namespaceLabels = {}, podLabels = {}, ...spec }: SpiffeIdSpec,
  metadata: ObjectMeta,
): ClusterSpiffeId {
  const { apiVersion, kind } = CLUSTER_SPIFFE_IDS;
  return v.parse(schema, {
    apiVersion,
    kind,
    metadata,
    spec: {
      spiffeIDTemplate: spec.spiffeIDTemplate ?? DEFAULT_SPIFFE_ID_TEMPLATE,
      federatesWith: [...spec.federatesWith].sort(),
      ...selector("namespaceSelector", namespaceLabels),
      ...selector("podSelector", podLabels),
      ...(spec.ttl === undefined ? {} : { ttl: spec.ttl }),
      className: spec.className ?? CONTROLLER_CLASS,
    },
  });
}

function selector(member: string, labels: Readonly<Record<string, string>>): object {
  return Object.keys(labels).length === 0 ? {} : { [member]: { matchLabels: labels } };
}
