/**
 * `preflight` and `install`, as a user runs them, against a real cluster with OLM's own
 * definitions. The last file of the suite by its name: it takes a whole stack away.
 */
import assert from "node:assert/strict";
import type { Manifest } from "../../manifests/manifest.ts";
import type { Json, KubernetesObject, ObjectName } from "./api.ts";
import { openClusters, type TestCluster, untilRolledOut, untilServerIsReady } from "./clusters.ts";
import { until } from "./process.ts";
import { countWrites, spirefed, spirefedKilledWhen, writesDuring } from "./program.ts";
import { DEFINITIONS, runOlm, shelves } from "./stand_ins/olm.ts";
import { OPERATOR_DEFINITIONS } from "./stand_ins/operator_definitions.ts";
import { OPERATOR_NAMESPACE as namespace } from "./topology.ts";

const last = (await openClusters()).at(-1) as TestCluster;
const { api, site } = last;
const INSTALL = ["install", site.name, "--approval", "manual", "--yes"];
const OLM = "operators.coreos.com/v1alpha1";
const PARTS = ["ZeroTrustWorkloadIdentityManager", "SpireServer", "SpireAgent", "SpiffeCSIDriver"];
/** Nothing of the harness uses its objects: the one definition that can be missing. */
const OIDC = OPERATOR_DEFINITIONS.filter(({ metadata }) => metadata.name.startsWith("spireoidc"));

function named(kind: string, apiVersion = "operator.openshift.io/v1alpha1"): ObjectName {
  return { apiVersion, kind, metadata: { name: "cluster" } };
}

const SERVER: readonly ObjectName[] = [
  { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "spire-server", namespace } },
  {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: { name: "spire-server-federation", namespace },
  },
];

async function save(): Promise<readonly KubernetesObject[]> {
  const found: readonly Json[] = await Promise.all(PARTS.map((kind) => api.get(named(kind))));
  return found.map(({ apiVersion, kind, spec }) => ({
    apiVersion,
    kind,
    metadata: { name: "cluster" },
    spec,
  }));
}

/** Takes the stack away, keys and pods of the nodes excepted, and the one definition. */
async function empty(): Promise<void> {
  for (const kind of PARTS.toReversed()) await api.delete(named(kind));
  for (const name of SERVER) await api.delete(name);
  for (const definition of OIDC) await api.delete(definition);
  await until(
    "the server to go",
    async () =>
      await api.get({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "spire-server-0", namespace },
      }) ===
        undefined,
    60,
  );
}

/** What this test brought goes; what was there is there again. */
async function tidy(
  saved: readonly KubernetesObject[],
  configuration: string,
): Promise<void> {
  for (const kind of ["Subscription", "InstallPlan", "ClusterServiceVersion", "OperatorGroup"]) {
    const apiVersion = kind === "OperatorGroup" ? "operators.coreos.com/v1" : OLM;
    for (const { metadata } of await api.list(apiVersion, kind, namespace)) {
      await api.delete({ apiVersion, kind, metadata });
    }
  }
  const operator = { name: `${namespace}-controller-manager`, namespace };
  await api.delete({ apiVersion: "apps/v1", kind: "Deployment", metadata: operator });
  await api.delete(named("SpireOIDCDiscoveryProvider"));
  for (const object of shelves(site).toReversed()) await api.delete(object);
  for (const definition of DEFINITIONS) await api.delete(definition);
  for (const kind of PARTS.toReversed()) await api.delete(named(kind));
  for (const object of saved) await api.apply(object, "kubectl-client-side-apply");
  // The server of the installation is ready, too, until the operator has replaced it.
  await untilRolledOut(last, (now) => now === configuration);
  await untilServerIsReady(last);
}

/** What the server was started with. */
async function serverConfiguration(): Promise<string> {
  const metadata = { name: "spire-server", namespace };
  const map: Json = await api.get({ apiVersion: "v1", kind: "ConfigMap", metadata });
  return map.data["server.conf"];
}

async function bringOpenShift(): Promise<void> {
  for (const definition of DEFINITIONS) await api.apply(definition);
  await until("the kinds", async () => {
    const kinds = [
      "PackageManifest packages.operators.coreos.com/v1",
      "ClusterVersion config.openshift.io/v1",
    ];
    for (const [kind = "", version = ""] of kinds.map((one) => one.split(" "))) {
      await api.list(version, kind).catch(() => undefined);
    }
    const held = await api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    return DEFINITIONS.every(({ metadata }) =>
      held.some((one: Json) =>
        one.metadata.name === metadata.name && one.status?.conditions?.some((
          { type, status }: Json,
        ) => type === "Established" && status === "True")
      )
    );
  }, 20);
  for (const object of shelves(site)) {
    await api.apply(object);
    if (object.kind === "CatalogSource") {
      await api.merge(object, { status: object["status"] }, "/status");
    }
  }
}

function realWrites(all: Awaited<ReturnType<typeof writesDuring>>): number {
  return (all.get(site.name) ?? []).filter(({ dryRun, resource }) =>
    !dryRun && resource !== "deployments"
  ).length;
}

Deno.test("preflight and install bring a cluster without the operator to a proven endpoint", async () => {
  const [saved, configuration] = [await save(), await serverConfiguration()];
  const stop = new AbortController();
  await bringOpenShift();
  await empty();
  const olm = runOlm(last, OIDC as readonly Manifest[], stop.signal);
  try {
    const before = await spirefed(["preflight", site.name, "-o", "json"]);
    const failed = JSON.parse(before.stdout).items.filter(({ status }: Json) => status === "fail");
    assert.deepEqual(failed, [], before.stderr);

    // Killed once on the way: the operator is there, the stack is not.
    const begun = await countWrites();
    await spirefedKilledWhen(INSTALL, async () => await countWrites() >= begun + 3);
    const { code, stdout, stderr } = await spirefed([...INSTALL, "-o", "json"]);

    assert.equal(code, 0, stderr + stdout);
    const { clusters: [cluster] }: Json = JSON.parse(stdout);
    assert.equal(cluster.state, "ready");
    assert.equal(cluster.endpoint, `https://federation.${site.trustDomain}`);
    const [plan] = await api.list(OLM, "InstallPlan", namespace);
    assert.deepEqual([plan.spec.approval, plan.spec.approved], ["Manual", true]);

    stop.abort();
    await olm;
    const again = await writesDuring(async () => {
      const second = await spirefed(INSTALL);
      assert.equal(second.code, 0, second.stderr);
    });
    assert.equal(realWrites(again), 0);
    const after = await spirefed(["preflight", site.name, "-o", "json"]);
    assert.equal(after.code, 0, after.stdout);
  } finally {
    stop.abort();
    await olm;
    await tidy(saved, configuration);
  }
});
