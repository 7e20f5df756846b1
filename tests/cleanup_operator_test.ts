/** What `cleanup` takes of the operator: its own Subscription's version, and what nothing else needs. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { holding } from "./support/ailments.ts";
import { installedHere } from "./support/installed.ts";
import { namesOf } from "./support/cleaning.ts";
import { practice, told, type WorldPatch } from "./support/practice.ts";

const ALL = ["cleanup", "east", "--all"];

Deno.test("cleanup keeps the namespace where something in it is to stay", async () => {
  const stranger = holding("east", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "stranger", namespace: OPERATOR_NAMESPACE },
    spec: {},
  });
  for (const [patch, words] of [[[], ["--keep-ca"]], [[stranger], []]] as const) {
    const run = await practice({ patch: [...installedHere("east"), ...patch] });

    assert.equal(await main([...ALL, "--yes", ...words], run.context), 0, told(run));

    assert.ok(namesOf(run, "Namespace").includes(`Namespace/${OPERATOR_NAMESPACE}`));
  }
});

Deno.test("cleanup deletes the version that was installed, and no other", async () => {
  const version = (name: string, labels: Readonly<Record<string, string>> = {}): WorldPatch =>
    holding("east", {
      apiVersion: "operators.coreos.com/v1alpha1",
      kind: "ClusterServiceVersion",
      metadata: { name, namespace: OPERATOR_NAMESPACE, labels },
      spec: {},
    });
  const run = await practice({
    patch: [
      ...installedHere("east"),
      version("other-operator.v2.0.0"),
      version("copied-operator.v3.0.0", { "olm.copiedFrom": "openshift-operators" }),
    ],
  });

  assert.equal(await main([...ALL, "--yes"], run.context), 0, told(run));

  assert.deepEqual(namesOf(run, "ClusterServiceVersion"), [
    "ClusterServiceVersion/copied-operator.v3.0.0",
    "ClusterServiceVersion/other-operator.v2.0.0",
  ]);
  assert.ok(namesOf(run, "Namespace").includes(`Namespace/${OPERATOR_NAMESPACE}`));
  assert.match(told(run), /ClusterServiceVersion\/other-operator\.v2\.0\.0/);
});

Deno.test("cleanup refuses to take the operator from under its stack", async () => {
  const run = await practice({ patch: installedHere("east") });

  assert.equal(await main(["cleanup", "east", "--only", "operator", "--yes"], run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(told(run), /next: oc spirefed cleanup east --only stack,operator/);
});

Deno.test("cleanup --crds refuses while objects of others would go with them", async () => {
  const shop = holding("east", {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "shop" },
    spec: { spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/shop" },
  });
  const run = await practice({ patch: [...installedHere("east"), shop] });

  assert.equal(await main([...ALL, "--crds", "--yes"], run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(told(run), /--crds would delete objects that are to stay: ClusterSPIFFEID\/shop/);
});
