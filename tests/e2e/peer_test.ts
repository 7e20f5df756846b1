/** `peer` and the pieces, as a user runs them, against real clusters. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import { type RecordedWrite, writesDuring } from "./audit.ts";
import {
  authoritiesOf,
  cfdtFor,
  forgetPeers,
  hasRelationship,
  kubectl,
  openPair,
  ownBundle,
  refresh,
  SPIRE_SERVER,
  spireServer,
  storedAuthorities,
  type TestCluster,
  untilRolledOut,
} from "./clusters.ts";
import { hire, MINIMUM_FOR_PEER, type Right, type Rights } from "./people.ts";
import { until } from "./process.ts";
import { spirefed } from "./program.ts";

const [east, west] = await openPair();
const CFDT = "spire.spiffe.io/v1alpha1";

async function clean(): Promise<void> {
  await Promise.all([forgetPeers(east), forgetPeers(west)]);
}

async function assertMutualTrust(): Promise<void> {
  for (const [holder, peer] of [[east, west], [west, east]] as const) {
    assert.equal((await refresh(holder, peer.site.trustDomain)).code, 0);
    assert.deepEqual(
      await storedAuthorities(holder, peer.site.trustDomain),
      authoritiesOf(await ownBundle(peer)),
    );
  }
}

function realWrites(all: ReadonlyMap<string, readonly RecordedWrite[]>): readonly RecordedWrite[] {
  return [...all.values()].flat().filter(({ dryRun }) => !dryRun);
}

async function versions({ api }: TestCluster): Promise<readonly string[]> {
  const objects: readonly Json[] = [
    ...await api.list(CFDT, "ClusterFederatedTrustDomain"),
    await api.get(SPIRE_SERVER),
  ];
  return objects.map(({ metadata }) => `${metadata.uid} ${metadata.generation}`);
}

Deno.test("peer --dry-run writes nothing, though the servers try everything", async () => {
  await clean();

  const written = await writesDuring(async () => {
    const { code, stdout } = await spirefed(["peer", "east", "west", "--dry-run"]);
    assert.equal(code, 0);
    assert.match(stdout, /Plan: 2 changes, no restarts/);
  });

  assert.deepEqual(realWrites(written), []);
  for (const { site } of [east, west]) {
    assert.ok(written.get(site.name)?.some(({ dryRun }) => dryRun), `tried on ${site.name}`);
  }
  assert.deepEqual(await east.api.list(CFDT, "ClusterFederatedTrustDomain"), []);
});

Deno.test("peer proves both directions, and the second run writes nothing", async () => {
  await clean();

  const first = await spirefed(["peer", "east", "west", "-o", "json"]);

  assert.equal(first.code, 0, first.stderr);
  const { edges }: Json = JSON.parse(first.stdout);
  assert.deepEqual(edges.map(({ from, to, state }: Json) => [from, to, state]), [
    ["east", "west", "trusted"],
    ["west", "east", "trusted"],
  ]);
  await assertMutualTrust();
  const before = [await versions(east), await versions(west)];
  const written = await writesDuring(async () => {
    const second = await spirefed(["peer", "east", "west"]);
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout + second.stderr, /nothing to change/i);
  });
  assert.deepEqual(realWrites(written), []);
  assert.deepEqual([await versions(east), await versions(west)], before);
});

Deno.test("peer repairs nothing silently: a relationship that went stale is shown and refused", async () => {
  await clean();
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  const words = ["bundle", "set", "-id", `spiffe://${west.site.trustDomain}`, "-format", "spiffe"];
  assert.equal((await spireServer(east, words, await ownBundle(east))).code, 0);

  const written = await writesDuring(async () => {
    const { code, stderr } = await spirefed(["peer", "east", "west"]);
    assert.equal(code, 4, stderr);
  });
  assert.deepEqual(realWrites(written), []);

  const mended = await spirefed(["peer", "east", "west", "--yes"]);
  assert.equal(mended.code, 0, mended.stderr);
  await assertMutualTrust();
});

Deno.test("an equivalent CFDT of another name and hand counts as declared", async () => {
  await clean();
  await east.api.apply(cfdtFor(west, { bundle: await ownBundle(west) }), "kubectl");
  await until("it to count", () => hasRelationship(east, west.site.trustDomain), 20);

  const { code, stderr } = await spirefed(["peer", "east", "west"]);

  assert.equal(code, 0, stderr);
  const held: readonly Json[] = await east.api.list(CFDT, "ClusterFederatedTrustDomain");
  assert.deepEqual(held.map(({ metadata }) => metadata.name), ["federation-to-west"]);
  await assertMutualTrust();
});

Deno.test("a CFDT that differs is named and refused before anything is written", async () => {
  await clean();
  const url = `https://federation.${west.site.trustDomain}/elsewhere`;
  await east.api.apply(cfdtFor(west, { bundle: await ownBundle(west), url }));

  const written = await writesDuring(async () => {
    const { code, stderr } = await spirefed(["peer", "east", "west"]);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /federation-to-west/);
  });

  assert.deepEqual(realWrites(written), []);
});

Deno.test("peer --static restarts once, keeps other peers, and is done the second time", async () => {
  await clean();
  const other = {
    trustDomain: "apps.north.example",
    bundleEndpointUrl: "https://federation.apps.north.example",
    bundleEndpointProfile: "https_spiffe",
    endpointSpiffeId: "spiffe://apps.north.example/spire/server",
  };
  await east.api.merge(SPIRE_SERVER, { spec: { federation: { federatesWith: [other] } } });
  await untilRolledOut(east, (configuration) => configuration.includes("apps.north.example"));

  const first = await spirefed(["peer", "east", "west", "--static", "--yes"]);

  assert.equal(first.code, 0, first.stderr);
  const { spec } = await east.api.get(SPIRE_SERVER);
  const peers = spec.federation.federatesWith.map(({ trustDomain }: Json) => trustDomain);
  assert.deepEqual(peers.sort(), ["apps.north.example", west.site.trustDomain]);
  await assertMutualTrust();
  const written = await writesDuring(async () => {
    assert.equal((await spirefed(["peer", "east", "west", "--static"])).code, 0);
  });
  assert.deepEqual(realWrites(written), []);
});

Deno.test("cfdt gen pipes into stock kubectl, and federates", async () => {
  await clean();
  const { code, stdout } = await spirefed(["cfdt", "gen", "--context", "east"]);
  assert.equal(code, 0);

  const applied = await kubectl(west, ["apply", "-f", "-"], stdout);

  assert.equal(applied.code, 0, applied.stderr);
  const peer = east.site.trustDomain;
  await until("the relationship", () => hasRelationship(west, peer), 20);
  assert.equal((await refresh(west, peer)).code, 0);
  const linted = await spirefed(["cfdt", "lint", "-f", "-"], { stdin: stdout });
  assert.equal(linted.code, 0, linted.stdout);
  const again = await spirefed(["cfdt", "gen", "--context", "east"]);
  assert.equal(again.stdout, stdout, "the same inputs give the same bytes");
});

Deno.test("bundle fetch authenticates by exec, and by the ConfigMap alone", async () => {
  const reader: Rights = {
    cluster: MINIMUM_FOR_PEER.cluster.filter(([group]) => group !== "spire.spiffe.io"),
    operator: MINIMUM_FOR_PEER.operator.filter(([, resources]) => !resources.includes("pods")),
  };
  const kubeconfig = await hire("reader", reader, [east]);

  const mighty = await spirefed(["bundle", "fetch", "--context", "east"]);
  const modest = await spirefed(["bundle", "fetch", "--context", "east"], { kubeconfig });

  assert.equal(mighty.code, 0, mighty.stderr);
  assert.equal(modest.code, 0, modest.stderr);
  assert.equal(modest.stdout, mighty.stdout);
  assert.deepEqual(authoritiesOf(modest.stdout), authoritiesOf(await ownBundle(east)));
});

Deno.test("bundle fetch from a URL needs the right bundle in hand", async () => {
  const url = `https://federation.${west.site.trustDomain}`;
  const words = ["bundle", "fetch", url, "--trust-domain", west.site.trustDomain, "--bundle", "-"];

  const known = await spirefed(words, { stdin: await ownBundle(west) });
  const stranger = await spirefed(words, { stdin: await ownBundle(east) });

  assert.equal(known.code, 0, known.stderr);
  assert.deepEqual(authoritiesOf(known.stdout), authoritiesOf(await ownBundle(west)));
  assert.equal(stranger.code, 4, stranger.stderr);
  assert.equal(stranger.stdout, "");
});

Deno.test("the documented minimum of rights suffices for peer, proven by the server's log", async () => {
  await clean();
  const kubeconfig = await hire("minimum", MINIMUM_FOR_PEER, [east, west]);

  const { code, stdout, stderr } = await spirefed(["peer", "east", "west", "-o", "json"], {
    kubeconfig,
  });

  assert.equal(code, 0, stderr);
  const { edges }: Json = JSON.parse(stdout);
  assert.deepEqual(edges.map(({ state }: Json) => state), ["trusted", "trusted"]);
  await assertMutualTrust();
  const again = await spirefed(["peer", "east", "west"], { kubeconfig });
  assert.equal(again.code, 0, again.stderr);
});

/** The minimum, less one resource, or less one verb on it. */
function without(resource: string, verb?: string): Rights {
  const keep = ([group, resources, verbs]: Right): Right => {
    if (verb === undefined) return [group, resources.filter((one) => one !== resource), verbs];
    if (!resources.includes(resource)) return [group, resources, verbs];
    return [group, resources, verbs.filter((one) => one !== verb)];
  };
  return {
    cluster: MINIMUM_FOR_PEER.cluster.map(keep),
    operator: MINIMUM_FOR_PEER.operator.map(keep),
  };
}

Deno.test("each missing right is named before anything is written", async () => {
  await clean();
  const cfdts = "clusterfederatedtrustdomains";
  const lacking = [
    [without(cfdts, "create"), /create.*clusterfederatedtrustdomains/],
    [without(cfdts, "patch"), /patch.*clusterfederatedtrustdomains/],
    [without(cfdts, "list"), /list.*clusterfederatedtrustdomains/],
    [
      without("zerotrustworkloadidentitymanagers"),
      /get.*zerotrustworkloadidentitymanagers/,
    ],
    [without("spireservers"), /get.*spireservers/],
    [without("configmaps"), /get.*configmaps/],
  ] as const;
  for (const [index, [rights, expected]] of lacking.entries()) {
    const kubeconfig = await hire(`lacking-${index}`, rights, [east, west]);
    const written = await writesDuring(async () => {
      const { code, stderr } = await spirefed(["peer", "east", "west"], { kubeconfig });
      assert.equal(code, 5, `${expected}: ${stderr}`);
      assert.match(stderr.toLowerCase(), expected);
    });
    assert.deepEqual(realWrites(written), [], String(expected));
  }
});

Deno.test("who may neither exec nor read logs is told that nothing is proven", async () => {
  await clean();
  const kubeconfig = await hire("blind", without("pods/log"), [east, west]);

  const { code, stdout, stderr } = await spirefed(["peer", "east", "west", "-o", "json"], {
    kubeconfig,
  });

  assert.equal(code, 3, stderr);
  const { edges }: Json = JSON.parse(stdout);
  assert.deepEqual(edges.map(({ state, proof }: Json) => [state, proof]), [
    ["applied", null],
    ["applied", null],
  ]);
});
