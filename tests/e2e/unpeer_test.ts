/** `unpeer`, as a user runs it, against real clusters. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import { countWritesSince, type Mark, markWrites, writesDuring } from "./audit.ts";
import {
  cfdtFor,
  forgetPeers,
  hasRelationship,
  openPair,
  ownBundle,
  refresh,
  restartSpireServer,
  SPIRE_SERVER,
  storedAuthorities,
  type TestCluster,
  trust,
} from "./clusters.ts";
import { everythingIn } from "./everything.ts";
import { until } from "./process.ts";
import { spirefed, spirefedKilledWhen } from "./program.ts";
import { CLASS_NAME } from "./stand_ins/server_configuration.ts";
import { deployWorkload, removeWorkload, workloadEntry } from "./workloads.ts";

const [east, west] = await openPair();
const UNPEER = ["unpeer", "east", "west", "--yes"];

async function clean(): Promise<void> {
  await Promise.all([forgetPeers(east), forgetPeers(west)]);
}

async function assertForgotten(holder: TestCluster, peer: TestCluster): Promise<void> {
  const { trustDomain } = peer.site;
  assert.equal(await storedAuthorities(holder, trustDomain), undefined);
  assert.equal(await hasRelationship(holder, trustDomain), false);
  const { code, stderr } = await refresh(holder, trustDomain);
  assert.equal(code, 1);
  assert.match(stderr, /no federation relationship/);
}

/** A ClusterSPIFFEID of somebody's that uses a peer. */
function shop(peer: TestCluster): Parameters<TestCluster["api"]["apply"]>[0] {
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "shop" },
    spec: {
      className: CLASS_NAME,
      spiffeIDTemplate:
        "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/pod/{{ .PodMeta.Name }}",
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      federatesWith: [peer.site.trustDomain],
    },
  };
}

Deno.test("peer and unpeer leave no object and no stored bundle that was not there", async () => {
  await clean();
  const before = [await everythingIn(east), await everythingIn(west)];
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);

  const { code, stdout, stderr } = await spirefed(["unpeer", "east", "west", "-o", "json"]);

  assert.equal(code, 0, stderr);
  const { edges }: Json = JSON.parse(stdout);
  assert.deepEqual(edges.map(({ from, to, state }: Json) => [from, to, state]), [
    ["east", "west", "gone"],
    ["west", "east", "gone"],
  ]);
  await assertForgotten(east, west);
  await assertForgotten(west, east);
  assert.deepEqual([await everythingIn(east), await everythingIn(west)], before);
});

Deno.test("unpeer writes nothing the second time, and proves it gone again", async () => {
  const written = await writesDuring(async () => {
    const { code, stdout, stderr } = await spirefed(UNPEER);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Nothing was written/);
  });

  assert.deepEqual([...written.values()].flat().filter(({ dryRun }) => !dryRun), []);
});

Deno.test("peer right after unpeer, and right after a restart, trusts again", async () => {
  await clean();
  for (const hurry of [() => Promise.resolve(), () => restartSpireServer(east)]) {
    assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
    await hurry();
    const gone = await spirefed(UNPEER);
    assert.equal(gone.code, 0, gone.stderr + gone.stdout);
    const again = await spirefed(["peer", "east", "west"]);
    assert.equal(again.code, 0, again.stderr + again.stdout);
    assert.equal((await refresh(east, west.site.trustDomain)).code, 0);
  }
});

Deno.test("unpeer asks before it takes away what kubectl made, and stays without consent", async () => {
  await clean();
  await trust(east, west);

  const written = await writesDuring(async () => {
    const { code, stderr } = await spirefed(["unpeer", "east", "west"]);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /federation-to-west, which this program did not make/);
  });

  assert.deepEqual([...written.values()].flat().filter(({ dryRun }) => !dryRun), []);
  const { code, stderr } = await spirefed(UNPEER);
  assert.equal(code, 0, stderr);
  await assertForgotten(east, west);
});

Deno.test("unpeer takes the peer out of ClusterSPIFFEIDs first; entries keep their identity", async () => {
  await clean();
  await trust(east, west);
  await deployWorkload(east, west);
  const federating = workloadEntry([west.site.trustDomain]);
  await east.api.apply(federating, "kubectl");
  await until("entries that use the peer", async () => {
    const { stdout } = await spirefed(["unpeer", "east", "west", "--dry-run", "-o", "json"]);
    const { impact }: Json = JSON.parse(stdout);
    return impact[0]?.workloads.length > 0;
  }, 60);
  const entries = (await everythingIn(east)).get("spire-server entries");

  const { code, stdout, stderr } = await spirefed(UNPEER);

  assert.equal(code, 0, stderr + stdout);
  assert.match(stderr, /pod app\/caller-/);
  await assertForgotten(east, west);
  const { spec } = await east.api.get(federating);
  assert.equal(spec.federatesWith, undefined);
  assert.equal((await everythingIn(east)).get("spire-server entries"), entries);
  await removeWorkload(east);
});

Deno.test("unpeer killed after any of its writes converges when it is run again", async () => {
  await clean();
  const writes = [1, 2, 3];
  const moments = [
    ...writes.map((nth) => async (before: Mark) => await countWritesSince(before) >= nth),
    async () => await storedAuthorities(east, west.site.trustDomain) === undefined,
  ];
  for (const [at, isTime] of moments.entries()) {
    await trust(east, west);
    await trust(west, east);
    await east.api.apply(shop(west), "kubectl");
    const before = await markWrites();

    const isKilled = await spirefedKilledWhen(UNPEER, () => isTime(before));
    assert.ok(isKilled, `moment ${at} came too late`);

    const { code, stdout, stderr } = await spirefed(UNPEER);
    assert.equal(code, 0, `moment ${at}: ${stderr}${stdout}`);
    await assertForgotten(east, west);
    await assertForgotten(west, east);
  }
  await clean();
});

Deno.test("unpeer takes one entry out of the static list, and the list with the last", async () => {
  await clean();
  assert.equal((await spirefed(["peer", "east", "west", "--static", "--yes"])).code, 0);
  const before = await markWrites();
  const isUnlisted = async (): Promise<boolean> =>
    await countWritesSince(before) >= 2 &&
    (await east.api.get(SPIRE_SERVER)).spec.federation.federatesWith === undefined;

  assert.ok(await spirefedKilledWhen(UNPEER, isUnlisted), "it was over too soon");
  const { code, stdout, stderr } = await spirefed(UNPEER);

  assert.equal(code, 0, stderr + stdout);
  await assertForgotten(east, west);
  await assertForgotten(west, east);
});

Deno.test("unpeer --local-only leaves the other side as it is, and says so", async () => {
  await clean();
  await trust(east, west);
  await west.api.apply(cfdtFor(east, { bundle: await ownBundle(east) }));

  const line = ["unpeer", "east", west.site.trustDomain, "--local-only", "--yes"];
  const { code, stdout, stderr } = await spirefed(line);

  assert.equal(code, 0, stderr);
  assert.match(stdout, /it still trusts east/);
  await assertForgotten(east, west);
  assert.equal((await refresh(west, east.site.trustDomain)).code, 0);
  await clean();
});
