/**
 * What keeps workloads from their identity or a peer's bundle.
 *
 * @module
 */
import { holding } from "../ailments.ts";
import { type BrokenWorld, federation, settled, spiffeId, SPIRE } from "./staging.ts";

/** Each alone, with what must be named first. */
export const WORKLOAD_WORLDS: readonly BrokenWorld[] = [
  {
    id: "F45",
    what: "an identity asks for a bundle that is not stored",
    names: ["spiffeid/bundles"],
    patch: [
      federation,
      holding("east", {
        apiVersion: SPIRE,
        kind: "ClusterSPIFFEID",
        metadata: { name: "shop" },
        spec: {
          spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/shop/sa/shop",
          className: "zero-trust-workload-identity-manager-spire",
          federatesWith: ["apps.north.example"],
        },
      }),
      settled,
    ],
  },
  {
    id: "F46",
    what: "the selectors choose no pod",
    names: ["spiffeid/selection"],
    patch: [
      federation,
      spiffeId({ federatesWith: ["apps.west.example"] }, {
        namespacesSelected: 1,
        podsSelected: 0,
      }),
    ],
  },
  {
    id: "F47",
    what: "the namespace is ignored",
    names: ["spiffeid/namespaces"],
    patch: [
      federation,
      spiffeId({}, {
        namespacesSelected: 1,
        namespacesIgnored: 1,
        podsSelected: 0,
        entriesToSet: 0,
      }),
    ],
  },
  {
    id: "F48",
    what: "two objects make one entry",
    names: ["spiffeid/masked"],
    patch: [federation, spiffeId({}, { namespacesSelected: 1, podsSelected: 2, entriesMasked: 2 })],
  },
  {
    id: "F49",
    what: "the template fails",
    names: ["spiffeid/template"],
    patch: [
      federation,
      spiffeId({}, { namespacesSelected: 1, podsSelected: 2, podEntryRenderFailures: 2 }),
    ],
  },
  {
    id: "F50",
    what: "a ClusterSPIFFEID has no class",
    names: ["spiffeid/class"],
    patch: [federation, spiffeId({ className: undefined })],
  },
];
