import assert from "node:assert/strict";
import { SpirefedError } from "../../errors.ts";
import { parseTrustDomain, printBundle } from "../../spiffe/mod.ts";
import { type ClusterFederatedTrustDomain } from "../../../manifests/cluster_federated_trust_domain.ts";
import { planPeering } from "./plan.ts";
import type { Stored } from "../side.ts";
import { bundleOf, declaration, EDGE, facts, OPTIONS } from "./testing_sides.ts";

const OURS = { labels: { "app.kubernetes.io/managed-by": "oc-spirefed" } };

Deno.test("planPeering() declares a peer that is not declared yet, and asks nothing", async () => {
  const { steps, notes } = planPeering([EDGE], await facts(), OPTIONS);

  const [step] = steps;
  assert.equal(steps.length, 1);
  assert.equal(step?.action, "create");
  assert.equal(step?.why, "east does not trust west yet");
  assert.deepEqual(step?.asks, []);
  assert.deepEqual(notes, []);
});

Deno.test("planPeering() takes an equivalent object of any name for declared", async () => {
  const east = { declared: [await declaration()] };
  const stored: Stored = { state: "present", bundle: await bundleOf("west") };

  assert.deepEqual(planPeering([EDGE], await facts({ east, stored }), OPTIONS).steps, []);
});

Deno.test("planPeering() takes two spellings of one URL for one place", async () => {
  const declared = [
    await declaration({ bundleEndpointURL: "https://federation.apps.west.example:443/" }),
  ];
  const stored: Stored = { state: "present", bundle: await bundleOf("west") };

  const { steps } = planPeering([EDGE], await facts({ east: { declared }, stored }), OPTIONS);

  assert.deepEqual(steps, []);
});

Deno.test("planPeering() stops at an object that declares the peer otherwise", async () => {
  const declared = [await declaration({ bundleEndpointURL: "https://old-west.example" })];

  const known = await facts({ east: { declared } });

  assert.throws(
    () => planPeering([EDGE], known, OPTIONS),
    (error: SpirefedError) =>
      error.code === "cfdt/declared-otherwise" && error.exitCode === 5 &&
      /federation-to-cluster2 .* declares apps.west.example otherwise/.test(error.message) &&
      /--adopt/.test(error.remedy ?? ""),
  );
});

Deno.test("planPeering() adopts somebody's object only after asking", async () => {
  const declared = [await declaration({ bundleEndpointURL: "https://old-west.example" })];
  const known = await facts({ east: { declared } });

  const { steps: [step] } = planPeering([EDGE], known, { ...OPTIONS, adopt: true });

  assert.equal(step?.action, "update");
  assert.ok(step?.action === "update" && step.force);
  assert.equal(step.manifest.metadata.name, "federation-to-cluster2");
  assert.equal(step.manifest.metadata.resourceVersion, "7");
  assert.match(step.asks[0]?.question ?? "", /take over .*federation-to-cluster2/);
});

Deno.test("planPeering() lets our own object follow a peer that moved, with a fresh bundle, after asking", async () => {
  const declared = [await declaration({ bundleEndpointURL: "https://old-west.example" }, OURS)];

  const { steps: [step] } = planPeering([EDGE], await facts({ east: { declared } }), OPTIONS);

  assert.ok(step?.action === "update" && !step.force);
  assert.match(step.asks[0]?.question ?? "", /follow apps.west.example to https:\/\/federation/);
  const { spec } = step.manifest as unknown as ClusterFederatedTrustDomain;
  assert.equal(spec.trustDomainBundle, printBundle(await bundleOf("west")));
});

Deno.test("planPeering() changes the very object and version that it saw", async () => {
  const object = await declaration({ bundleEndpointURL: "https://old.west.example" }, OURS);

  const { steps } = planPeering([EDGE], await facts({ east: { declared: [object] } }), OPTIONS);

  const [metadata] = steps.flatMap((step) => "manifest" in step ? [step.manifest.metadata] : []);
  assert.deepEqual([metadata?.uid, metadata?.resourceVersion], ["u-1", "7"]);
});

Deno.test("planPeering() asks about a trust domain that is not the cluster's ingress domain", async () => {
  const known = await facts({ west: { ingressDomain: "apps.other.example" } });

  const { steps: [step] } = planPeering([EDGE], known, OPTIONS);
  const expectTrustDomain = new Map([["west", "apps.west.example"]]);
  const { steps: [told] } = planPeering([EDGE], known, { ...OPTIONS, expectTrustDomain });

  assert.match(step?.asks[0]?.question ?? "", /not its ingress domain \(apps.other.example\)/);
  assert.equal(step?.asks[0]?.yes, false);
  assert.deepEqual(told?.asks, []);
});

Deno.test("planPeering() refuses a cluster whose trust domain is not the expected one", async () => {
  const known = await facts();
  const expectTrustDomain = new Map([["west", "apps.north.example"]]);

  assert.throws(
    () => planPeering([EDGE], known, { ...OPTIONS, expectTrustDomain }),
    (error: SpirefedError) => error.exitCode === 4,
  );
});

Deno.test("planPeering() seeds a declared peer whose bundle was never stored", async () => {
  const { steps } = planPeering(
    [EDGE],
    await facts({ east: { declared: [await declaration()] } }),
    OPTIONS,
  );

  assert.deepEqual(steps.map(({ action }) => action), ["exec"]);
});

Deno.test("planPeering() asks before authorities are trusted that also vouch for another", async () => {
  const shared = await bundleOf("east");
  const west = {
    roots: {
      bundle: { ...shared, trustDomain: parseTrustDomain("apps.west.example") },
      source: "ConfigMap/spire-bundle",
    },
  };

  const { steps: [step] } = planPeering([EDGE], await facts({ west }), OPTIONS);

  assert.match(step?.asks[0]?.question ?? "", /also vouch for another trust domain/);
});

Deno.test("planPeering() says that a static entry overrides what it declares", async () => {
  const east = {
    staticPeers: [{
      trustDomain: "apps.west.example",
      bundleEndpointUrl: "https://old-west.example",
      bundleEndpointProfile: "https_spiffe",
      endpointSpiffeId: "spiffe://apps.west.example/spire/server",
    }],
  };

  const { notes } = planPeering([EDGE], await facts({ east }), OPTIONS);

  assert.deepEqual(notes.map(({ code }) => code), ["static/overrides"]);
});

Deno.test("planPeering() does not take the name of another trust domain's object", async () => {
  const declared = [
    await declaration({ trustDomain: "apps.north.example" }, { name: "apps.west.example" }),
  ];

  const { steps: [step] } = planPeering([EDGE], await facts({ east: { declared } }), OPTIONS);

  assert.equal(step?.action, "create");
  assert.ok(step?.action === "create");
  assert.match(step.manifest.metadata.name, /^td-[0-9a-f]{64}$/);
});

Deno.test("planPeering() takes no object of another class over unless told to, and asks", async () => {
  const declared = [await declaration({ className: "another" }, { name: "apps.west.example" })];
  const known = await facts({ east: { declared } });

  assert.throws(
    () => planPeering([EDGE], known, OPTIONS),
    ({ code }: SpirefedError) => code === "cfdt/declared-otherwise",
  );
  const { steps: [step] } = planPeering([EDGE], known, { ...OPTIONS, adopt: true });
  assert.match(step?.asks[0]?.question ?? "", /take over .*apps\.west\.example/);
});

Deno.test("planPeering() asks before it declares a peer of which other keys are stored", async () => {
  const { x509Authorities } = await bundleOf("east");
  const stored: Stored = {
    state: "present",
    bundle: { ...await bundleOf("west"), x509Authorities },
  };

  const { steps: [step] } = planPeering([EDGE], await facts({ stored }), OPTIONS);

  assert.match(step?.asks[0]?.question ?? "", /begin trust in apps\.west\.example anew/);
});

Deno.test("planPeering() asks before keys that Web PKI vouches for replace all that are stored", async () => {
  const { x509Authorities } = await bundleOf("east");
  const stored: Stored = {
    state: "present",
    bundle: { ...await bundleOf("west"), x509Authorities },
  };
  const west = {
    endpoint: {
      ...{ url: "https://federation.apps.west.example", profile: "https_web" as const },
      spiffeId: undefined,
    },
  };

  const { steps: [step] } = planPeering([EDGE], await facts({ stored, west }), OPTIONS);

  assert.match(step?.asks[0]?.question ?? "", /shares no authority with what is held/);
});

Deno.test("planPeering() stops at an object that expects another endpoint ID, or another profile", async () => {
  const profiles = [
    { type: "https_spiffe", endpointSPIFFEID: "spiffe://apps.west.example/other" },
    { type: "https_web" },
  ] as const;
  for (const bundleEndpointProfile of profiles) {
    const known = await facts({
      east: { declared: [await declaration({ bundleEndpointProfile })] },
    });

    assert.throws(
      () => planPeering([EDGE], known, OPTIONS),
      ({ code }: SpirefedError) => code === "cfdt/declared-otherwise",
    );
  }
});

Deno.test("planPeering() goes by the oldest of two objects: the controller minds that one", async () => {
  const declared = [
    await declaration({}, { uid: "u-2", creationTimestamp: "2026-02-01T00:00:00Z" }),
    await declaration({ bundleEndpointURL: "https://old-west.example" }),
  ];
  for (const order of [declared, declared.toReversed()]) {
    const known = await facts({ east: { declared: order } });

    assert.throws(
      () => planPeering([EDGE], known, OPTIONS),
      ({ code }: SpirefedError) => code === "cfdt/declared-otherwise",
    );
  }
});

Deno.test("planPeering() does not take an object of another class for declared", async () => {
  const declared = [await declaration({ className: "another" })];

  const { steps } = planPeering([EDGE], await facts({ east: { declared } }), OPTIONS);

  assert.deepEqual(steps.map(({ action }) => action), ["create"]);
});

Deno.test("planPeering() asks before it stores shared authorities for a peer that is declared", async () => {
  const trustDomain = parseTrustDomain("apps.west.example");
  const bundle = { ...await bundleOf("east"), trustDomain };
  const west = { roots: { bundle, source: "ConfigMap/spire-bundle" } };
  const known = await facts({ west, east: { declared: [await declaration()] } });

  const { steps: [step] } = planPeering([EDGE], known, OPTIONS);

  assert.equal(step?.action, "exec");
  assert.match(step?.asks[0]?.question ?? "", /also vouch for another trust domain/);
});

Deno.test("planPeering() asks before it refreshes the text of somebody's object", async () => {
  const declared = [await declaration({ trustDomainBundle: "" })];
  const stored: Stored = { state: "present", bundle: await bundleOf("west") };
  const known = await facts({ east: { declared }, stored });

  const { steps: [step] } = planPeering([EDGE], known, { ...OPTIONS, refreshEmbedded: true });

  assert.match(step?.asks[0]?.question ?? "", /take over .*federation-to-cluster2/);
});
