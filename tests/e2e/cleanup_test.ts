/** `cleanup`, as a user runs it, against real clusters. */
import assert from "node:assert/strict";
import type { ObjectName } from "./api.ts";
import { writesDuring } from "./audit.ts";
import {
  cfdtFor,
  forgetPeers,
  hasRelationship,
  openClusters,
  openPair,
  ownBundle,
  storedAuthorities,
  type TestCluster,
  trust,
} from "./clusters.ts";
import { everythingIn } from "./everything.ts";
import { until } from "./process.ts";
import { spirefed } from "./program.ts";
import { deployWorkload, removeWorkload } from "./workloads.ts";

const [east, west] = await openPair();
const last = (await openClusters()).at(-1) ?? west;

const ZTWIM = "operator.openshift.io/v1alpha1";
const OURS = { "app.kubernetes.io/managed-by": "oc-spirefed" };
const PARTS = ["SpiffeCSIDriver", "SpireAgent", "SpireServer", "ZeroTrustWorkloadIdentityManager"];

function part(kind: string): ObjectName {
  return { apiVersion: ZTWIM, kind, metadata: { name: "cluster" } };
}

/** Marks the stack as ours, or as nobody's again. */
async function claim({ api }: TestCluster, maker: string | null): Promise<void> {
  const labels = { "app.kubernetes.io/managed-by": maker };
  for (const kind of PARTS) await api.merge(part(kind), { metadata: { labels } });
}

function realWrites(all: Awaited<ReturnType<typeof writesDuring>>): number {
  return [...all.values()].flat().filter(({ dryRun }) => !dryRun).length;
}

Deno.test("cleanup --only federation ends what peer made, and leaves what kubectl made", async () => {
  await Promise.all([forgetPeers(east), forgetPeers(west)]);
  await west.api.apply(cfdtFor(east, { bundle: await ownBundle(east) }), "kubectl");
  await until("it", () => hasRelationship(west, east.site.trustDomain), 20);
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);

  const line = ["cleanup", "east", "west", "--only", "federation"];
  const { code, stdout, stderr } = await spirefed(line);

  assert.equal(code, 0, stderr + stdout);
  assert.equal(await storedAuthorities(east, west.site.trustDomain), undefined);
  assert.equal(await hasRelationship(west, east.site.trustDomain), true);
  assert.match(stdout, /federation-to-east[\s\S]*still trusts/);
  await Promise.all([forgetPeers(east), forgetPeers(west)]);
});

Deno.test("keys that oc delete left behind are asked about, and go", async () => {
  await forgetPeers(east);
  await trust(east, west);
  await east.api.delete(cfdtFor(west));
  await until("it to go", async () => !await hasRelationship(east, west.site.trustDomain), 20);
  const line = ["cleanup", "east", "--only", "federation"];

  assert.equal((await spirefed(line)).code, 4);
  const agreed = await spirefed([...line, "--yes"]);

  assert.equal(agreed.code, 0, agreed.stderr);
  assert.equal(await storedAuthorities(east, west.site.trustDomain), undefined);
});

Deno.test("cleanup --only workloads takes a test run away, and nothing else", async () => {
  const before = await everythingIn(east);
  const labels = { ...OURS, "spirefed/run": "e2e" };
  const name = "spirefed-e2e-run";
  await east.api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });

  const { code, stdout, stderr } = await spirefed(["cleanup", "east", "--only", "workloads"]);

  assert.equal(code, 0, stderr);
  assert.match(stdout, /✓ east +Namespace\/spirefed-e2e-run/);
  assert.deepEqual(await everythingIn(east), before);
});

Deno.test("cleanup leaves a stack that somebody else made, and says so", async () => {
  const written = await writesDuring(async () => {
    const { code, stdout, stderr } = await spirefed(["cleanup", "east", "--all"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /SpireServer\/cluster[\s\S]*this program did not make it/);
  });

  assert.equal(realWrites(written), 0);
});

Deno.test("cleanup refuses while a pod of others mounts the Workload API", async () => {
  await deployWorkload(last, east);
  await until("the pod", async () => (await last.api.list("v1", "Pod", "app")).length > 0, 30);
  try {
    await claim(last, "oc-spirefed");
    const written = await writesDuring(async () => {
      const line = ["cleanup", last.site.name, "--only", "stack", "--yes"];
      const { code, stderr } = await spirefed(line);
      assert.equal(code, 5, stderr);
      assert.match(stderr, /still mount the Workload API.*app\/caller-/);
    });
    assert.equal(realWrites(written), 0);
  } finally {
    await claim(last, null);
    await removeWorkload(last);
  }
});
