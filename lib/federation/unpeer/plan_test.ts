/** What goes with a peer, and what stays without it. */
import assert from "node:assert/strict";
import type { ClusterSpiffeId } from "../../../manifests/cluster_spiffe_id.ts";
import { MANAGED_BY } from "../../../manifests/manifest.ts";
import { parseTrustDomain } from "../../spiffe/mod.ts";
import type { Held, Holder } from "./look.ts";
import { planRemoval } from "./plan.ts";

const WEST = parseTrustDomain("west.example");
const NOTHING: Held = { relationship: false, bundle: false, entries: [] };

function holderWith(...spiffeIds: readonly ClusterSpiffeId[]): Holder {
  return {
    cluster: "east",
    className: "mine",
    declared: [],
    staticPeers: [],
    configured: [],
    staticEntries: [],
    spiffeIds,
  } as unknown as Holder;
}

function madeHere(name: string, ...federatesWith: readonly string[]): ClusterSpiffeId {
  const metadata = { name, uid: `${name}-uid`, labels: MANAGED_BY };
  const spec = { className: "mine", federatesWith };
  return { kind: "ClusterSPIFFEID", metadata, spec } as unknown as ClusterSpiffeId;
}

Deno.test("an object of ours goes with its only peer, and stays for every other that it names", () => {
  const holder = holderWith(
    madeHere("alone", WEST),
    madeHere("shared", "north.example", WEST),
    madeHere("others", "north.example"),
  );

  const { references } = planRemoval(holder, [{ peer: "west", trustDomain: WEST, held: NOTHING }]);

  assert.deepEqual(
    references.map((step) => "name" in step ? [step.action, step.name] : [step.action]),
    [["delete", "alone"], ["edit", "shared"]],
  );
});
