import assert from "node:assert/strict";
import { parseTrustDomain } from "../../spiffe/mod.ts";
import type { ClusterSpiffeId } from "../../../manifests/cluster_spiffe_id.ts";
import type { Held, Holder } from "./look.ts";
import { type GoneFacts, judgeGone } from "./prove.ts";

const WEST = parseTrustDomain("west.example");
const ENDPOINT = {
  bundleEndpointUrl: "https://federation.west.example",
  bundleEndpointProfile: "https_spiffe",
};
const HOLDER: Holder = {
  cluster: "east",
  server: "https://api.east.example:6443",
  identity: "uid-of-east",
  trustDomain: parseTrustDomain("east.example"),
  className: "mine",
  staticPeers: [],
  endpoint: undefined,
  declared: [],
  spiffeIds: [],
  staticEntries: [],
  configured: [],
  unreadable: [],
};
const HELD: Held = { relationship: false, bundle: false, entries: [] };
const GONE: GoneFacts = { holder: HOLDER, held: HELD, refresh: "no-relationship" };

const DECLARED = {
  apiVersion: "spire.spiffe.io/v1alpha1",
  kind: "ClusterFederatedTrustDomain",
  metadata: { name: "theirs" },
  spec: {
    trustDomain: WEST,
    bundleEndpointURL: ENDPOINT.bundleEndpointUrl,
    bundleEndpointProfile: { type: "https_web" },
    className: "mine",
  },
};

function identityFor(name: string, ...federatesWith: readonly string[]): ClusterSpiffeId {
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name },
    spec: { spiffeIDTemplate: "", className: "mine", federatesWith: [...federatesWith] },
  } as ClusterSpiffeId;
}

const LEFT: readonly (readonly [what: string, facts: GoneFacts, says: RegExp])[] = [
  ["an object", { ...GONE, holder: { ...HOLDER, declared: [DECLARED] } }, /theirs declares it/],
  [
    "a static entry",
    { ...GONE, holder: { ...HOLDER, staticPeers: [{ trustDomain: WEST, ...ENDPOINT }] } },
    /federatesWith or server\.conf/,
  ],
  ["server.conf", { ...GONE, holder: { ...HOLDER, configured: [WEST] } }, /server\.conf has it/],
  ["a relationship", { ...GONE, held: { ...HELD, relationship: true } }, /keeps a relationship/],
  ["a bundle", { ...GONE, held: { ...HELD, bundle: true } }, /stores its bundle/],
  [
    "an entry",
    { ...GONE, held: { ...HELD, entries: [{ id: "1", spiffeId: "", podUid: undefined }] } },
    /^1 entry uses it$/,
  ],
  [
    "a reference",
    { ...GONE, holder: { ...HOLDER, spiffeIds: [identityFor("shop", WEST)] } },
    /ClusterSPIFFEID\/shop uses it/,
  ],
  ["a refresh", { ...GONE, refresh: "refreshed" }, /refreshes it still/],
  ["a failing refresh", { ...GONE, refresh: "unauthenticated" } as GoneFacts, /another reason/],
];

Deno.test("judgeGone() proves a peer gone that nothing is left of", () => {
  assert.equal(judgeGone(GONE, WEST).gone.length, 6);
  assert.deepEqual(judgeGone(GONE, WEST).remains, []);
});

for (const [what, facts, says] of LEFT) {
  Deno.test(`judgeGone() does not call a peer gone that ${what} is left of`, () => {
    const { gone, remains } = judgeGone(facts, WEST);

    assert.deepEqual([gone.length, remains.length], [5, 1]);
    assert.match(remains[0] ?? "", says);
  });
}
