/** What real SPIRE does over time: rotation, restarts, cut connections, static peers. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import {
  authoritiesOf,
  cfdtFor,
  forgetPeers,
  hasRelationship,
  logsSince,
  openPair,
  ownBundle,
  refresh,
  restartSpireServer,
  SPIRE_SERVER,
  spireServer,
  storedAuthorities,
  type TestCluster,
  trust,
  untilRolledOut,
} from "./clusters.ts";
import { stop, until } from "./process.ts";
import { spirefed } from "./program.ts";
import { readState } from "./state.ts";
import { startRouter } from "./up.ts";
import { OPERATOR_NAMESPACE } from "./topology.ts";

const [east, west] = await openPair();
const peer = west.site.trustDomain;

async function publishedRoots({ api }: TestCluster): Promise<number> {
  const metadata = { name: "spire-bundle", namespace: OPERATOR_NAMESPACE };
  const map = await api.get({ apiVersion: "v1", kind: "ConfigMap", metadata });
  return map.data["bundle.crt"].match(/BEGIN CERTIFICATE/g).length;
}

Deno.test("a peer's new authority is published in its ConfigMap and fetched by refresh", async () => {
  await forgetPeers(east);
  await trust(east, west);
  const before = authoritiesOf(await ownBundle(west)).length;

  const prepared = await spireServer(west, ["localauthority", "x509", "prepare"]);
  assert.equal(prepared.code, 0, prepared.stderr);
  const show = await spireServer(west, ["localauthority", "x509", "show", "-output", "json"]);
  const state: Json = JSON.parse(show.stdout);
  await spireServer(west, [
    ...["localauthority", "x509", "activate", "-authorityID", state.prepared.authority_id],
  ]);

  await until("the ConfigMap", async () => await publishedRoots(west) === before + 1, 20);
  assert.equal((await refresh(east, peer)).code, 0);
  assert.equal((await storedAuthorities(east, peer))?.length, before + 1);
  const retire = async (verb: "taint" | "revoke"): Promise<void> => {
    const words = ["localauthority", "x509", verb, "-authorityID", state.active.authority_id];
    const { code, stderr } = await spireServer(west, words);
    assert.equal(code, 0, stderr);
  };
  const agent = await agentSerial(west);
  await retire("taint");
  // Whoever revokes before the agents hold a new certificate locks them out for good.
  await until("the agent's new certificate", async () => await agentSerial(west) !== agent, 30);
  await retire("revoke");
  await until("the endpoint to serve under the new authority", async () => {
    return (await refresh(east, peer)).code === 0;
  }, 20);
  assert.equal((await storedAuthorities(east, peer))?.length, before);

  assert.equal(await publishedRoots(west), before + 1, "the ConfigMap keeps what was revoked");
  const { code, stderr } = await spirefed(["bundle", "fetch", "--context", "west"]);
  assert.equal(code, 0, stderr);
  await restartSpireServer(west);
  await until("the ConfigMap", async () => await publishedRoots(west) === before, 20);
});

async function agentSerial(cluster: TestCluster): Promise<string> {
  const { stdout } = await spireServer(cluster, ["agent", "list", "-output", "json"]);
  return JSON.parse(stdout).agents.map((one: Json) => one.x509svid_serial_number).sort().join();
}

Deno.test("while the router is down a refresh fails, and works again at once after", async () => {
  await forgetPeers(east);
  await trust(east, west);
  const router = (await readState())?.daemons["router"];
  assert.ok(router);

  await stop(router, "SIGTERM");
  try {
    const { code, stderr } = await refresh(east, peer);
    assert.equal(code, 1);
    assert.match(stderr, /connection refused/);
  } finally {
    await startRouter();
  }

  await until("the router", async () => (await refresh(east, peer)).code === 0, 5);
});

Deno.test("a restart keeps CA, relationship and bundle; a CFDT made anew in the lease gap is never seeded", async () => {
  await forgetPeers(east);
  await trust(east, west);
  const before = authoritiesOf(await ownBundle(east));

  await restartSpireServer(east);

  assert.deepEqual(authoritiesOf(await ownBundle(east)), before);
  assert.equal(await hasRelationship(east, peer), true);
  assert.equal((await refresh(east, peer)).code, 0);

  // The controller waits for its old lease: what is deleted and made again before is equal to it.
  await east.api.delete(cfdtFor(west));
  const id = ["-id", `spiffe://${peer}`];
  await spireServer(east, ["bundle", "delete", ...id, "-mode", "dissociate"]);
  await east.api.apply(cfdtFor(west, { bundle: await ownBundle(west) }));
  const began = new Date();
  await until("the controller to lead again", async () => {
    const log = await logsSince(east, "spire-controller-manager", began);
    return /successfully acquired lease/.test(log);
  }, 40);
  assert.ok(
    Date.now() - began.getTime() > 5000,
    "the gap was shorter than it takes to fall into it",
  );
  assert.equal(await hasRelationship(east, peer), true);
  assert.equal(await storedAuthorities(east, peer), undefined);
  assert.match((await refresh(east, peer)).stderr, /local copy of bundle not found/);
});

Deno.test("a static peer overrides the CFDT, and federation show does not say so", async () => {
  await forgetPeers(east);
  await trust(east, west);
  const wrongPort = {
    trustDomain: peer,
    bundleEndpointUrl: `https://federation.${peer}:444`,
    bundleEndpointProfile: "https_spiffe",
    endpointSpiffeId: `spiffe://${peer}/spire/server`,
  };

  await east.api.merge(SPIRE_SERVER, { spec: { federation: { federatesWith: [wrongPort] } } });
  await untilRolledOut(east, (configuration) => configuration.includes(":444"));

  const { stdout } = await spireServer(east, ["federation", "show", "-trustDomain", peer]);
  assert.doesNotMatch(stdout, /:444/);
  const { code, stderr } = await refresh(east, peer);
  assert.equal(code, 1);
  assert.match(stderr, /:444/);
  await forgetPeers(east);
});

Deno.test("the operator's rules hold: what is set once stays, what is invalid is refused", async () => {
  const edit = async (spec: unknown): Promise<Json> => await east.api.merge(SPIRE_SERVER, { spec });

  await assert.rejects(edit({ federation: null }), /422.*cannot be removed once set/s);
  await assert.rejects(edit({ federation: { federatesWith: [] } }), /422.*federatesWith/s);
  await assert.rejects(
    edit({
      federation: { bundleEndpoint: { profile: "https_web", httpsWeb: { servingCert: {} } } },
    }),
    /422.*profile is immutable/s,
  );
  await assert.rejects(edit({ persistence: { size: "2Gi" } }), /422.*immutable/s);
});
