/** What SPIRE and its controller manager really do with a ClusterFederatedTrustDomain. */
import assert from "node:assert/strict";
import {
  authoritiesOf,
  cfdtFor,
  forgetPeers,
  hasRelationship,
  logsSince,
  openPair,
  ownBundle,
  refresh,
  seconds,
  setWebhook,
  spireServer,
  storedAuthorities,
  trust,
} from "./clusters.ts";
import { until } from "./process.ts";

const [east, west] = await openPair();
const peer = west.site.trustDomain;
const truth = await ownBundle(west);
const wrong = await ownBundle(east);

async function clean(): Promise<void> {
  await forgetPeers(east);
}

Deno.test("a CFDT with the peer's bundle makes a relationship that refreshes", async () => {
  await clean();
  const began = new Date();

  await trust(east, west);

  const { code, stdout } = await refresh(east, peer);
  assert.equal(code, 0);
  assert.match(stdout, /^Bundle refreshed$/m);
  assert.deepEqual(await storedAuthorities(east, peer), authoritiesOf(truth));
  const log = await logsSince(east, "spire-server", began);
  assert.match(log, new RegExp(`msg="Trust domain is now managed".*trust_domain=${peer}`));
  assert.match(log, new RegExp(`msg="Bundle refreshed".*trust_domain=${peer}`));
});

Deno.test("editing only the text of a CFDT changes nothing", async () => {
  await clean();
  await trust(east, west);

  await east.api.apply(cfdtFor(west, { bundle: wrong }));
  await seconds(11);

  assert.deepEqual(await storedAuthorities(east, peer), authoritiesOf(truth));
  assert.equal((await refresh(east, peer)).code, 0);
});

Deno.test("editing the URL overwrites the stored bundle with the text, however stale", async () => {
  await clean();
  await trust(east, west);

  const moved = `https://federation.${peer}/`;
  await east.api.apply(cfdtFor(west, { bundle: wrong, url: moved }));

  await until("the overwriting", async () => {
    const stored = await storedAuthorities(east, peer);
    return stored?.join() === authoritiesOf(wrong).join();
  }, 15);
  const { code, stderr } = await refresh(east, peer);
  assert.equal(code, 1);
  assert.match(stderr, /x509: certificate signed by unknown authority/);

  await east.api.apply(cfdtFor(west, { bundle: truth, url: moved }));
  await seconds(11);
  assert.equal((await refresh(east, peer)).code, 1, "the text alone repairs nothing");

  await east.api.apply(cfdtFor(west, { bundle: truth }));
  await until("text and URL to repair it", async () => (await refresh(east, peer)).code === 0, 15);
});

Deno.test("deleting a CFDT takes the relationship and leaves the bundle", async () => {
  await clean();
  await trust(east, west);

  await east.api.delete(cfdtFor(west));

  await until("the relationship to go", async () => !await hasRelationship(east, peer), 20);
  assert.deepEqual(await storedAuthorities(east, peer), authoritiesOf(truth));
  const { code, stderr } = await spireServer(east, ["federation", "show", "-trustDomain", peer]);
  assert.equal(code, 1);
  assert.match(stderr, /NotFound/);
});

Deno.test("bundle delete tells of a failure in its exit code, or in its JSON, never in both", async () => {
  await clean();
  const id = "spiffe://nobody.example";

  const plain = await spireServer(east, ["bundle", "delete", "-id", id]);
  const json = await spireServer(east, ["bundle", "delete", "-id", id, "-output", "json"]);

  assert.equal(plain.code, 1);
  assert.equal(json.code, 0);
  assert.equal(JSON.parse(json.stdout).results[0].status.code, 5);
});

Deno.test("a wrong or missing className is accepted and ignored", async () => {
  await clean();
  for (const className of ["another-class", null]) {
    await east.api.apply(cfdtFor(west, { bundle: truth, className }));
    await seconds(11);

    assert.equal(await hasRelationship(east, peer), false, String(className));
    const held = await east.api.get(cfdtFor(west));
    assert.deepEqual(held.status ?? {}, {});
    await east.api.delete(cfdtFor(west));
  }
});

Deno.test("of two CFDTs for a trust domain the older one counts, until it is deleted", async () => {
  await clean();
  await east.api.apply(cfdtFor(west, { bundle: truth, name: "older" }));
  await until("the relationship", () => hasRelationship(east, peer), 20);
  await seconds(1.5);
  const began = new Date();
  const url = `https://federation.${peer}/second`;

  await east.api.apply(cfdtFor(west, { bundle: truth, name: "newer", url }));

  const said = "Ignoring ClusterFederatedTrustDomain with conflicting trust domain";
  await until("the controller's remark", async () => {
    return (await logsSince(east, "spire-controller-manager", began)).includes(said);
  }, 20);
  const show = ["federation", "show", "-trustDomain", peer] as const;
  assert.doesNotMatch((await spireServer(east, show)).stdout, /\/second/);
  await east.api.delete(cfdtFor(west, { name: "older" }));
  await until("the newer one", async () => {
    return (await spireServer(east, show)).stdout.includes("/second");
  }, 20);
});

Deno.test("without a first bundle nothing ever bootstraps, until bundle set seeds it", async () => {
  await clean();
  await east.api.apply(cfdtFor(west));
  await until("the relationship", () => hasRelationship(east, peer), 20);

  const before = await refresh(east, peer);
  assert.equal(before.code, 1);
  assert.match(before.stderr, /local copy of bundle not found/);

  await east.api.apply(cfdtFor(west, { bundle: truth }));
  await seconds(11);
  assert.equal(await storedAuthorities(east, peer), undefined, "text added later is not stored");

  const words = ["bundle", "set", "-id", `spiffe://${peer}`, "-format", "spiffe"];
  assert.equal((await spireServer(east, words, truth)).code, 0);
  assert.equal((await refresh(east, peer)).code, 0);
});

Deno.test("the inert webhook lets everything in, the live one refuses what cannot be parsed", async () => {
  await clean();
  const garbage = cfdtFor(west, { bundle: "garbage", name: "garbage" });
  const plain = cfdtFor(west, { bundle: truth, url: "http://plain.example", name: "plain" });
  const own = cfdtFor(east, { bundle: wrong, name: "own" });

  await east.api.apply(garbage);
  await east.api.delete(garbage);
  await setWebhook(east, "live");
  try {
    await assert.rejects(east.api.apply(garbage), /HTTP 403.*denied the request/s);
    await assert.rejects(east.api.apply(plain), /HTTP 403.*denied the request/s);
    await east.api.apply(own);
    await east.api.delete(own);
  } finally {
    await setWebhook(east, "inert");
  }
});
