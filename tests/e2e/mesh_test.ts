/** More than two clusters. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import { writesDuring } from "./audit.ts";
import {
  authoritiesOf,
  forgetPeers,
  openClusters,
  ownBundle,
  refresh,
  storedAuthorities,
  type TestCluster,
} from "./clusters.ts";
import { failures, testMtls } from "./mtls_runs.ts";
import { spirefed } from "./program.ts";

const clusters = await openClusters();
const names = clusters.map(({ site }) => site.name);
const ignore = clusters.length < 3;
if (ignore) {
  Deno.stderr.writeSync(
    new TextEncoder().encode("Only two clusters are up: a mesh of three is not tested\n"),
  );
}

async function held({ api }: TestCluster): Promise<readonly string[]> {
  const objects: readonly Json[] = await api.list(
    "spire.spiffe.io/v1alpha1",
    "ClusterFederatedTrustDomain",
  );
  return objects.map(({ metadata }) =>
    `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`
  )
    .sort();
}

async function assertTrusts(holder: TestCluster, peer: TestCluster): Promise<void> {
  const { trustDomain } = peer.site;
  assert.equal(
    (await refresh(holder, trustDomain)).code,
    0,
    `${holder.site.name} → ${trustDomain}`,
  );
  assert.deepEqual(
    await storedAuthorities(holder, trustDomain),
    authoritiesOf(await ownBundle(peer)),
  );
}

Deno.test({
  name: "a third cluster joins two, which keep what they hold of each other",
  ignore,
  fn: async () => {
    const [first, second] = clusters as [TestCluster, TestCluster, TestCluster];
    await Promise.all(clusters.map(forgetPeers));
    assert.equal((await spirefed(["peer", ...names.slice(0, 2)])).code, 0);
    const before = [await held(first), await held(second)];

    const { code, stdout, stderr } = await spirefed(["peer", ...names, "-o", "json"]);

    assert.equal(code, 0, stderr);
    const { edges }: Json = JSON.parse(stdout);
    assert.equal(edges.length, 6);
    assert.ok(edges.every(({ state }: Json) => state === "trusted"));
    for (const [index, cluster] of [first, second].entries()) {
      const now = await held(cluster);
      assert.equal(now.length, 2);
      for (const old of before[index] ?? []) assert.ok(now.includes(old), `${old} was touched`);
    }
    for (const holder of clusters) {
      for (const peer of clusters) if (peer !== holder) await assertTrusts(holder, peer);
    }
  },
});

Deno.test({
  name:
    "a full mesh of three is made by one command, the second run writes nothing, and every pair calls",
  ignore,
  fn: async () => {
    await Promise.all(clusters.map(forgetPeers));
    const first = await spirefed(["peer", ...names]);
    assert.equal(first.code, 0, first.stderr);
    const before = await Promise.all(clusters.map(held));

    const written = await writesDuring(async () => {
      const second = await spirefed(["peer", ...names]);
      assert.equal(second.code, 0, second.stderr);
    });

    assert.deepEqual([...written.values()].flat().filter(({ dryRun }) => !dryRun), []);
    assert.deepEqual(await Promise.all(clusters.map(held)), before);
    const ran = await testMtls(names);
    assert.deepEqual(failures(ran), []);
    assert.deepEqual(
      ran.report.directions.map(({ caller, server, passed }: Json) => [
        caller.cluster,
        server.cluster,
        passed,
      ]),
      [["west", "east", true], ["north", "east", true], ["north", "west", true]],
    );
    await Promise.all(clusters.map(forgetPeers));
  },
});
