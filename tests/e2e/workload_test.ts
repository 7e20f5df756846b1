/** What a federation is for: workloads that call each other across clusters. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import {
  cfdtFor,
  forgetPeers,
  hasRelationship,
  kubectl,
  openPair,
  seconds,
  spireServer,
  storedAuthorities,
} from "./clusters.ts";
import { until } from "./process.ts";
import { spirefed } from "./program.ts";
import {
  callAcross,
  deployWorkload,
  removeWorkload,
  workloadEntry,
  workloadId,
  workloadSvid,
} from "./workloads.ts";

const [east, west] = await openPair();

async function clean(): Promise<void> {
  await Promise.all([east, west].map(async (cluster) => {
    await removeWorkload(cluster);
    await forgetPeers(cluster);
  }));
}

Deno.test("after peer and spiffeid gen, pods call each other over mTLS across clusters", async () => {
  await clean();
  await deployWorkload(east, west);
  await deployWorkload(west, east);
  for (const cluster of [east, west]) await cluster.api.apply(workloadEntry([]));
  await until("both SVIDs", async () => {
    return (await workloadSvid(east)).code === 0 && (await workloadSvid(west)).code === 0;
  }, 60);
  const stranger = await callAcross(east, west);
  assert.equal(stranger.code, 1, "without federation the call must fail");

  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  for (const [cluster, peer] of [[east, west], [west, east]] as const) {
    const words = ["spiffeid", "gen", "--name", "caller", "--pod-label", "app=caller"];
    const generated = await spirefed([...words, "--federates-with", peer.site.name]);
    assert.equal(generated.code, 0, generated.stderr);
    await cluster.api.delete(workloadEntry([]));
    const applied = await kubectl(cluster, ["apply", "-f", "-"], generated.stdout);
    assert.equal(applied.code, 0, applied.stderr);
  }

  for (const [from, to] of [[east, west], [west, east]] as const) {
    await until(`${from.site.name} to call ${to.site.name}`, async () => {
      const { code, stdout } = await callAcross(from, to);
      return code === 0 && stdout === `hello ${workloadId(from)}\n`;
    }, 40);
  }
  const { stdout } = await workloadSvid(east);
  assert.match(stdout, new RegExp(`spiffe://${west.site.trustDomain}`));
});

Deno.test("a stored bundle that entries federate with goes only by dissociation", async () => {
  const peer = west.site.trustDomain;
  const id = ["-id", `spiffe://${peer}`];
  await east.api.delete(cfdtFor(west, { name: peer }));
  await until("the relationship to go", async () => !await hasRelationship(east, peer), 20);

  const plain = await spireServer(east, ["bundle", "delete", ...id]);
  const json = await spireServer(east, ["bundle", "delete", ...id, "-output", "json"]);
  const dissociated = await spireServer(east, ["bundle", "delete", ...id, "-mode", "dissociate"]);

  assert.equal(plain.code, 1);
  assert.match(plain.stderr, /federated with 1 registration entries/);
  assert.equal(json.code, 0);
  assert.equal(JSON.parse(json.stdout).results[0].status.code, 9);
  assert.equal(dissociated.code, 0);
  assert.equal(await storedAuthorities(east, peer), undefined);
});

Deno.test("federatesWith of a bundle that is not stored leaves a new pod without identity", async () => {
  await clean();
  await deployWorkload(east, west);

  await east.api.apply(workloadEntry([west.site.trustDomain]));

  const failures = async (): Promise<number> => {
    const held: Json = await east.api.get(workloadEntry([]));
    return held.status?.stats?.entryFailures ?? 0;
  };
  await until("the entry to fail", async () => await failures() === 1, 40);
  await seconds(3);
  const { code, stderr, stdout } = await workloadSvid(east);
  assert.notEqual(code, 0);
  assert.match(stderr + stdout, /no identity issued/);
  await clean();
});
