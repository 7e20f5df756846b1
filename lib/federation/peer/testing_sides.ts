/**
 * Two sides in literals, for tests of what is planned between them.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type ClusterFederatedTrustDomain,
  CONTROLLER_CLASS,
} from "../../../manifests/cluster_federated_trust_domain.ts";
import { parseBundle, parseSpiffeId, parseTrustDomain, printBundle } from "../../spiffe/mod.ts";
import type { Bundle } from "../../spiffe/model.ts";
import type { Side, Stored } from "../side.ts";
import type { PeerFacts, PeerOptions } from "./plan.ts";

/** When everything here is judged. */
export const NOW = new Date("2026-11-24T12:00:00Z");
/** East trusts west. */
export const EDGE = { holder: "east", peer: "west" };
/** As without a flag. */
export const OPTIONS: PeerOptions = {
  adopt: false,
  refreshEmbedded: false,
  forceConflicts: false,
  expectTrustDomain: new Map(),
};

/** A cluster's bundle, from the fixtures. */
export async function bundleOf(name: string): Promise<Bundle> {
  const bytes = await Deno.readFile(
    new URL(`../../../tests/fixtures/${name}.json`, import.meta.url),
  );
  const trustDomain = parseTrustDomain(`apps.${name}.example`);
  const { bundle } = parseBundle(bytes, { trustDomain, now: NOW });
  assert.ok(bundle);
  return bundle;
}

/** A cluster that is well, as inspected. */
export async function side(name: string, change: Partial<Side> = {}): Promise<Side> {
  const trustDomain = parseTrustDomain(`apps.${name}.example`);
  return {
    cluster: name,
    server: `https://api.${name}.example:6443`,
    identity: `uid-of-${name}`,
    trustDomain,
    ingressDomain: trustDomain,
    className: CONTROLLER_CLASS,
    version: "1.13.3",
    endpoint: {
      url: `https://federation.${trustDomain}`,
      profile: "https_spiffe",
      spiffeId: parseSpiffeId(`spiffe://${trustDomain}/spire/server`),
    },
    admitted: true,
    spireServerVersion: "1",
    staticPeers: [],
    declared: [],
    unreadable: [],
    roots: { bundle: await bundleOf(name), source: "ConfigMap/spire-bundle" },
    allowed: { exec: true, logs: true },
    ...change,
  };
}

/** East and west, with what east stores of west. */
export async function facts(
  { east = {}, west = {}, stored = { state: "absent" } }: {
    readonly east?: Partial<Side>;
    readonly west?: Partial<Side>;
    readonly stored?: Stored;
  } = {},
): Promise<PeerFacts> {
  const sides = [await side("east", east), await side("west", west)];
  return {
    sides: new Map(sides.map((side) => [side.cluster, side])),
    vouched: new Map(
      sides.map(({ cluster, roots, endpoint }) => [
        cluster,
        { bundle: roots.bundle, source: endpoint?.url ?? "", chain: [], problems: [] },
      ]),
    ),
    stored: () => stored,
    refreshing: () => false,
    now: NOW,
  };
}

/** Somebody's declaration of west, in east. */
export async function declaration(
  spec: Partial<ClusterFederatedTrustDomain["spec"]> = {},
  metadata: Partial<ClusterFederatedTrustDomain["metadata"]> = {},
): Promise<ClusterFederatedTrustDomain> {
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterFederatedTrustDomain",
    metadata: {
      name: "federation-to-cluster2",
      uid: "u-1",
      resourceVersion: "7",
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...metadata,
    },
    spec: {
      trustDomain: "apps.west.example",
      bundleEndpointURL: "https://federation.apps.west.example",
      bundleEndpointProfile: {
        type: "https_spiffe",
        endpointSPIFFEID: "spiffe://apps.west.example/spire/server",
      },
      className: CONTROLLER_CLASS,
      trustDomainBundle: printBundle(await bundleOf("west")),
      ...spec,
    },
  };
}
