/** `test-mtls` in worlds that are whole, and in worlds that only look so. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import {
  cfdtFor,
  forgetPeers,
  openPair,
  spireServer,
  type TestCluster,
  trust,
} from "./clusters.ts";
import { meddled } from "./middlebox.ts";
import { spirefed } from "./program.ts";
import { derToPem } from "../../lib/spiffe/mod.ts";
import { root } from "../../lib/endpoint/testing_certificates.ts";
import {
  detailOf,
  everyCallFailed,
  failures,
  IMAGE,
  leftovers,
  testMtls,
  testMtlsBesideOthers,
} from "./mtls_runs.ts";
import { hire, MINIMUM_FOR_PEER, type Rights } from "./people.ts";
import { say, until } from "./process.ts";

const [east, west] = await openPair();

/** Takes every trust between the two away. */
async function clean(): Promise<void> {
  await Promise.all([east, west].map(forgetPeers));
}

Deno.test("without federation no call is answered, and each side is named", async () => {
  await clean();

  const ran = await testMtls(["east", "west", "--both"]);

  assert.equal(ran.code, 3);
  assert.deepEqual(failures(ran).map((line) => line.slice(0, 66)), [
    "west → east mtls/bundles: [west] its SPIRE server stores no bundle",
    "east → west mtls/bundles: [east] its SPIRE server stores no bundle",
  ]);
  assert.ok(everyCallFailed(ran));
});

for (const [holder, peer] of [[east, west], [west, east]] as const) {
  Deno.test(`trust of ${holder.site.name} alone answers no call, either way`, async () => {
    await clean();
    await trust(holder, peer);

    const ran = await testMtls(["east", "west", "--both"]);

    assert.equal(ran.code, 3);
    const lacking = peer.site.name;
    assert.ok(failures(ran).every((line) => line.includes(`[${lacking}] its SPIRE server`)));
    assert.equal(failures(ran).length, 2, failures(ran).join("\n"));
    assert.ok(everyCallFailed(ran));
  });
}

Deno.test("trust both ways: both directions pass, 20 calls each", async () => {
  await clean();
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);

  const started = performance.now();
  const ran = await testMtls(["east", "west", "--both"]);
  const seconds = (performance.now() - started) / 1000;

  assert.deepEqual(failures(ran), []);
  assert.equal(ran.code, 0);
  assert.ok(ran.report.directions.every(({ passed }: Json) => passed));
  assert.equal(ran.report.items.filter(({ id }: Json) => id.startsWith("control/")).length, 16);
  assert.match(detailOf(ran, "mtls/repeat"), /^19 of 19; handshake p50 /);
  say(`  both directions, all controls, 20 calls each: ${seconds.toFixed(1)} s`);
  say(`  ${detailOf(ran, "mtls/repeat")}`);
});

Deno.test("a delay of 20 ms each way changes nothing but the latency", async () => {
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await meddled({ delayMs: 20 }, async () => {
    const ran = await testMtls(["east", "west"]);

    assert.deepEqual(failures(ran), []);
    assert.equal(ran.code, 0);
    assert.ok(ran.report.directions[0].roundTripMs >= 40);
    assert.match(detailOf(ran, "mtls/repeat"), /^19 of 19; handshake p50 /);
  });
});

Deno.test("a connection that is cut is no call, whoever cuts it", async () => {
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await meddled({ cut: true }, async () => {
    const ran = await testMtls(["east", "west"]);

    assert.equal(ran.code, 3);
    assert.ok(everyCallFailed(ran));
    assert.match(
      failures(ran).join("\n"),
      /mtls\/call: \[west\] from a pod the connection was cut/,
    );
  });
});

Deno.test("a router that ends TLS and begins it anew is found out", async () => {
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await meddled({ reencrypt: true }, async () => {
    const ran = await testMtls(["east", "west"]);

    assert.equal(ran.code, 3);
    assert.ok(everyCallFailed(ran));
    assert.match(
      failures(ran).join("\n"),
      /mtls\/call: \[west\] somebody else answers at the server's host: a certificate without SPIFFE ID/,
    );
  });
});

Deno.test("a stored bundle of other roots looks whole, and lets nobody through", async () => {
  const other = derToPem((await root(east.site.trustDomain)).der);
  await replaceStored(west, east, other);

  const ran = await testMtls(["east", "west"]);

  assert.equal(ran.code, 3);
  assert.ok(everyCallFailed(ran));
  assert.match(
    failures(ran).join("\n"),
    /mtls\/call: \[west\] the caller turned the server away: authority\/unknown/,
  );
});

/** What a person needs for it, beyond the documented minimum for `peer`; no pods/exec. */
const MINIMUM: Rights = {
  cluster: [
    ...MINIMUM_FOR_PEER.cluster,
    ["", ["namespaces"], ["create", "delete"]],
    ["spire.spiffe.io", ["clusterspiffeids"], ["create", "get", "delete"]],
    ["", ["serviceaccounts", "configmaps", "services"], ["create"]],
    ["", ["pods"], ["create", "get", "delete"]],
    ["", ["pods/log"], ["get"]],
    ["route.openshift.io", ["routes"], ["create", "get"]],
  ],
  operator: MINIMUM_FOR_PEER.operator,
};

Deno.test("the documented rights are enough, also beside another's run at the same time", async () => {
  await clean();
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  const kubeconfig = await hire("tester", MINIMUM, [east, west]);

  const runs = await Promise.all([
    testMtlsBesideOthers(["east", "west"], { kubeconfig }),
    testMtlsBesideOthers(["east", "west"]),
  ]);

  for (const ran of runs) {
    assert.deepEqual(failures(ran), []);
    assert.equal(ran.code, 0);
    assert.match(detailOf(ran, "mtls/repeat"), /^19 of 19; /);
  }
  const namespaces = runs.map(({ report }) => report.directions[0].server.spiffeId);
  assert.notEqual(namespaces[0], namespaces[1]);
  assert.deepEqual(await leftovers(), [], "something of the runs is left");
});

for (const after of [4, 10]) {
  Deno.test(`interrupted after ${after} s, nothing of it stays`, async () => {
    const words = ["test-mtls", "east", "west", ...IMAGE];
    const { code, stderr } = await spirefed(words, { interruptAfterSeconds: after });

    assert.equal(code, 130, stderr);
    const what = `everything to be gone after\n${stderr}`;
    await until(what, async () => (await leftovers()).length === 0, 5);
  });
}

/** Stops the polling as well, which would put the right one back. */
async function replaceStored(
  holder: TestCluster,
  peer: TestCluster,
  pem: string,
): Promise<void> {
  const { trustDomain } = peer.site;
  const url = "https://nowhere.invalid";
  await clean();
  await trust(peer, holder);
  await holder.api.apply(cfdtFor(peer, { url }));
  await until("the relationship", async () => {
    const { code } = await spireServer(holder, ["federation", "show", "-trustDomain", trustDomain]);
    return code === 0;
  }, 30);
  const set = ["bundle", "set", "-id", `spiffe://${trustDomain}`, "-format", "pem"];
  const { code, stderr } = await spireServer(holder, set, pem);
  assert.equal(code, 0, stderr);
}
