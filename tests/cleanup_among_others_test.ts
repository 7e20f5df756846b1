/** `cleanup` on clusters where others have a hand in what it would take away. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { holding, objectIn, patched, removed } from "./support/ailments.ts";
import { operand, ROUTE, SUBSCRIPTION, VERSION } from "./support/failure_staging.ts";
import { installedHere } from "./support/installed.ts";
import { type Practice, practice, type WorldPatch } from "./support/practice.ts";

interface Tried {
  readonly run: Practice;
  readonly code: number;
  readonly told: string;
}

async function cleanup(
  patch: readonly WorldPatch[],
  ...words: readonly string[]
): Promise<Tried> {
  const run = await practice({ patch });
  const code = await main(["cleanup", "east", ...words, "--yes"], run.context);
  const told = run.context.err.join("") + run.context.out.join("");
  return { run, code, told: told.replaceAll(/\s+/g, " ") };
}

Deno.test("the CSI driver stays until the last pod that mounts the Workload API has ended", async () => {
  const lingering = holding("east", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "provider-x",
      namespace: OPERATOR_NAMESPACE,
      labels: {
        "app.kubernetes.io/name": "spiffe-oidc-discovery-provider",
        "app.kubernetes.io/managed-by": OPERATOR_NAMESPACE,
      },
    },
    spec: { volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io", readOnly: true } }] },
    status: { phase: "Running" },
  });
  const line = ["--only", "stack", "--timeout", "20m"];

  const { run, code, told } = await cleanup([...installedHere("east"), lingering], ...line);

  assert.equal(code, 3);
  assert.match(told, /the pods of SpireOIDCDiscoveryProvider\/cluster are still there after 3 min/);
  assert.match(told, /nothing holds Pod\/provider-x/);
  assert.equal(objectIn(run, "east", "spireoidcdiscoveryproviders", "cluster"), undefined);
  assert.ok(objectIn(run, "east", "spiffecsidrivers", "cluster"));

  // The next run finds the provider gone, and its pod still there.
  assert.equal(await main(["cleanup", "east", ...line, "--yes"], run.context), 3);
  assert.ok(objectIn(run, "east", "spiffecsidrivers", "cluster"));
});

Deno.test("a version without a Subscription stays while a stack needs it", async () => {
  // So do people who want no updates.
  const pinned = removed("east", SUBSCRIPTION);

  const { run, code, told } = await cleanup([pinned], "--only", "operator");

  assert.equal(code, 5, told);
  assert.equal(run.writes(), 0);
  assert.match(told, /the operator still has work: .*SpireServer\/cluster/);
});

Deno.test("a Route that the operator was told not to manage is not taken for its own", async () => {
  const own = { "app.kubernetes.io/managed-by": "somebody", "app.kubernetes.io/part-of": null };
  const theirs = [
    patched("east", operand("SpireServer"), { spec: { federation: { managedRoute: "false" } } }),
    patched("east", ROUTE, { metadata: { labels: own } }),
  ];

  const { run, code, told } = await cleanup(
    [...installedHere("east"), ...theirs],
    ...["--only", "stack"],
  );

  assert.equal(code, 0, told);
  assert.ok(objectIn(run, "east", "routes", ROUTE.name, OPERATOR_NAMESPACE));
  assert.match(told, /Route\/spire-server-federation \(this program did not make it\)/);
});

Deno.test("nothing is taken away while a Subscription or a pod makes no sense", async () => {
  const oddities = [
    patched("east", SUBSCRIPTION, { spec: { name: 7 } }),
    holding("east", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "odd", namespace: "shop" },
      spec: { volumes: [{ name: "spiffe", csi: "csi.spiffe.io" }] },
    }),
  ];
  for (const [at, named] of [[0, `Subscription/${SUBSCRIPTION.name}`], [1, "Pod/odd"]] as const) {
    const patch = [...installedHere("east"), oddities[at]].filter((one) => one !== undefined);

    const { run, code, told } = await cleanup(patch, "--all");

    assert.equal(code, 5, told);
    assert.equal(run.writes(), 0);
    assert.ok(told.includes(`[east] ${named} makes no sense: `), told);
  }
});

Deno.test("a version whose Subscription went goes with the stack, after asking", async () => {
  const { run, code, told } = await cleanup(
    [...installedHere("east"), removed("east", SUBSCRIPTION)],
    ...["--only", "stack,operator"],
  );

  assert.equal(code, 0, told);
  assert.match(told, /for which no Subscription stands\?/);
  assert.equal(
    objectIn(run, "east", "clusterserviceversions", VERSION.name, OPERATOR_NAMESPACE),
    undefined,
  );
});

Deno.test("definitions stay until the garbage collector has taken away what their objects owned", async () => {
  const driver = (ownerReferences: readonly unknown[]) =>
    holding("east", {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIDriver",
      metadata: { name: "csi.spiffe.io", ...{ ownerReferences } },
      spec: {},
    });
  const owner = {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind: "SpiffeCSIDriver",
    name: "cluster",
    uid: "of-one-that-has-gone",
  };
  const line = ["--all", "--crds", "--timeout", "20m"];

  const owned = await cleanup([...installedHere("east"), driver([owner])], ...line);
  const free = await cleanup([...installedHere("east"), driver([])], ...line);

  const definition = "spiffecsidrivers.operator.openshift.io";
  const held = ({ run }: Tried) => objectIn(run, "east", "customresourcedefinitions", definition);
  assert.equal(owned.code, 3, owned.told);
  assert.match(owned.told, /CSIDriver\/csi\.spiffe\.io is still there after 3 min/);
  assert.ok(held(owned));
  assert.equal(free.code, 0, free.told);
  assert.equal(held(free), undefined);
});

Deno.test("cleanup names no command for what others installed, and tells of it once", async () => {
  const run = await practice();

  assert.equal(await main(["cleanup", "east", "--only", "federation"], run.context), 0);

  const [out, err] = [run.context.out.join(""), run.context.err.join("")];
  assert.match(out, /ClusterServiceVersion\/\S+\s+\(this program did not make it\)/);
  assert.doesNotMatch(out, /^Next:/m);
  assert.match(err, /Plan: nothing to change$/m);
  assert.doesNotMatch(err, /Will be left/);
});
