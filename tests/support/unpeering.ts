/**
 * What tests of `unpeer` have in common: a shop whose workloads use the peer, and what must
 * be left of nobody.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CLASS_NAME } from "../../sandbox/healthy.ts";
import { holding } from "./ailments.ts";
import type { Practice, WorldPatch } from "./practice.ts";

/** The command that all of them are about. */
export const UNPEER = ["unpeer", "east", "west"];
/** The peer's trust domain. */
export const WEST = "apps.west.example";

/** Somebody's ClusterSPIFFEID whose workloads receive these peers' bundles. */
export function shop(
  federatesWith: readonly string[],
  labels?: Readonly<Record<string, string>>,
): WorldPatch {
  return holding("east", {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "shop", ...(labels === undefined ? {} : { labels }) },
    spec: {
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}",
      podSelector: { matchLabels: { app: "shop" } },
      className: CLASS_NAME,
      federatesWith,
    },
  });
}

/** Long enough for controllers to have done their part. */
export const settled: WorldPatch = ({ clockwork }) => clockwork.advance(2_000);

/** Nothing of a peer is left in a server. */
export function assertForgotten({ mount }: Practice, holder: string, peer: string): void {
  const { stored, dynamic, static: listed, entries } = mount.cluster(holder).spire;
  const trustDomain = `apps.${peer}.example`;
  for (const held of [stored, dynamic, listed]) assert.ok(!held.has(trustDomain));
  assert.ok(entries.every(({ federatesWith }) => !federatesWith.includes(trustDomain)));
}
