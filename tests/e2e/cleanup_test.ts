/** `cleanup`, as a user runs it, against real clusters. */
import assert from "node:assert/strict";
import type { Json, KubernetesObject, ObjectName } from "./api.ts";
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
  untilServerIsReady,
} from "./clusters.ts";
import { everythingIn } from "./everything.ts";
import { until } from "./process.ts";
import { countWrites, spirefed, spirefedKilledWhen, writesDuring } from "./program.ts";
import { OPERATOR_NAMESPACE as namespace } from "./topology.ts";
import { deployWorkload, removeWorkload } from "./workloads.ts";

const [east, west] = await openPair();
const last = (await openClusters()).at(-1) ?? west;

const ZTWIM = "operator.openshift.io/v1alpha1";
const OURS = { "app.kubernetes.io/managed-by": "oc-spirefed" };
const PARTS = ["SpiffeCSIDriver", "SpireAgent", "SpireServer", "ZeroTrustWorkloadIdentityManager"];

function part(kind: string): ObjectName {
  return { apiVersion: ZTWIM, kind, metadata: { name: "cluster" } };
}

function controller(kind: string, name: string): ObjectName {
  return { apiVersion: "apps/v1", kind, metadata: { name, namespace } };
}

/** What follows from each of the operator's objects. */
const FOLLOWERS: readonly (readonly [ObjectName, string])[] = [
  [controller("DaemonSet", "spire-spiffe-csi-driver"), "SpiffeCSIDriver"],
  [controller("DaemonSet", "spire-agent"), "SpireAgent"],
  [controller("StatefulSet", "spire-server"), "SpireServer"],
];

const ROUTE: ObjectName = {
  apiVersion: "route.openshift.io/v1",
  kind: "Route",
  metadata: { name: "spire-server-federation", namespace },
};

/** Marks the stack as ours, and lets pods go with it, as the operator's owner references do. */
async function adopt({ api }: TestCluster): Promise<void> {
  for (const kind of PARTS) await api.merge(part(kind), { metadata: { labels: OURS } });
  for (const [name, kind] of FOLLOWERS) {
    const { metadata: { uid } } = await api.get(part(kind));
    const owner = { apiVersion: ZTWIM, kind, name: "cluster", uid };
    await api.merge(name, { metadata: { ownerReferences: [owner] } });
  }
}

/** What has to be there again afterwards. */
async function save({ api }: TestCluster): Promise<readonly KubernetesObject[]> {
  const names = [...PARTS.toReversed().map(part), ...FOLLOWERS.map(([name]) => name), ROUTE];
  const found: readonly Json[] = await Promise.all(names.map((name) => api.get(name)));
  return found.map(({ apiVersion, kind, metadata, spec }) => {
    const { name, labels = {}, annotations } = metadata;
    const own = Object.entries(labels).filter(([, value]) => value !== "oc-spirefed");
    const place = metadata.namespace === undefined ? {} : { namespace };
    return {
      apiVersion,
      kind,
      metadata: { name, ...place, labels: Object.fromEntries(own), annotations },
      spec,
    };
  });
}

async function restore(
  cluster: TestCluster,
  objects: readonly KubernetesObject[],
): Promise<void> {
  for (const kind of PARTS) {
    const held = await cluster.api.get(part(kind));
    if (held === undefined) continue;
    const labels = { "app.kubernetes.io/managed-by": null };
    await cluster.api.merge(part(kind), { metadata: { labels } });
  }
  // A volume that was let go of remembers its claim, and is taken for used until it is told otherwise.
  if (!await isThere(cluster, CLAIM)) {
    await cluster.api.merge(VOLUME, { spec: { claimRef: null } });
  }
  for (const object of objects) {
    await cluster.api.apply(object, "zero-trust-workload-identity-manager");
  }
  await untilServerIsReady(cluster);
}

const VOLUME: ObjectName = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "spire-data" },
};

const CLAIM: ObjectName = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "spire-data-spire-server-0", namespace },
};

async function isThere({ api }: TestCluster, name: ObjectName): Promise<boolean> {
  return await api.get(name) !== undefined;
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
  const saved = await save(last);
  await deployWorkload(last, east);
  await until("the pod", async () => (await last.api.list("v1", "Pod", "app")).length > 0, 30);
  try {
    await adopt(last);
    const written = await writesDuring(async () => {
      const line = ["cleanup", last.site.name, "--only", "stack", "--yes"];
      const { code, stderr } = await spirefed(line);
      assert.equal(code, 5, stderr);
      assert.match(stderr, /still mount the Workload API.*app\/caller-/);
    });
    assert.equal(realWrites(written), 0);
  } finally {
    await restore(last, saved);
    await removeWorkload(last);
  }
});

Deno.test("cleanup takes the stack away in its order, also when it was killed on the way", async () => {
  await forgetPeers(last);
  const saved = await save(last);
  const line = ["cleanup", last.site.name, "--only", "stack", "--yes"];
  try {
    await adopt(last);
    const before = await countWrites();
    const isSecond = async (): Promise<boolean> => await countWrites() >= before + 2;

    assert.ok(await spirefedKilledWhen(line, isSecond), "it was over too soon");
    assert.ok(await isThere(last, part("SpireServer")), "the server goes after the agent");
    const { code, stdout, stderr } = await spirefed(line);

    assert.equal(code, 0, stderr + stdout);
    for (const name of [...PARTS.map(part), ...FOLLOWERS.map(([name]) => name), ROUTE, CLAIM]) {
      assert.equal(await isThere(last, name), false, `${name.kind}/${name.metadata.name}`);
    }
    const written = await writesDuring(async () => {
      assert.equal((await spirefed(line)).code, 0);
    });
    assert.equal(realWrites(written), 0);
  } finally {
    await restore(last, saved);
  }
});
