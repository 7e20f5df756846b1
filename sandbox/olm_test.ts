/** What the OLM stand-in does with a Subscription, step by step, and how it refuses. */
import assert from "node:assert/strict";
import { CLUSTER_SERVICE_VERSIONS } from "../manifests/cluster_service_version.ts";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../manifests/custom_resource_definition.ts";
import { INSTALL_PLANS } from "../manifests/install_plan.ts";
import { OPERATOR_NAMESPACE as namespace } from "../manifests/manifest.ts";
import { type Subscription, SUBSCRIPTIONS } from "../manifests/subscription.ts";
import { holding, patched } from "../tests/support/ailments.ts";
import { type Practice, practice, type WorldPatch } from "../tests/support/practice.ts";
import { UNPULLABLE } from "./olm.ts";

const PACKAGE = "openshift-zero-trust-workload-identity-manager";
const CSV = "zero-trust-workload-identity-manager.v1.0.1";
const OLM = "operators.coreos.com/v1alpha1";

const subscription = (spec: Readonly<Record<string, unknown>> = {}): WorldPatch =>
  holding("east", {
    apiVersion: OLM,
    kind: "Subscription",
    metadata: { name: PACKAGE, namespace },
    spec: {
      name: PACKAGE,
      source: "redhat-operators",
      sourceNamespace: "openshift-marketplace",
      channel: "stable-v1",
      ...spec,
    },
  });

const group = (name: string, spec = {}): WorldPatch =>
  holding("east", {
    apiVersion: "operators.coreos.com/v1",
    kind: "OperatorGroup",
    metadata: { name, namespace },
    spec,
  });

const HOME = holding("east", {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: namespace },
});

async function olm(...patch: readonly WorldPatch[]): Promise<Practice> {
  const run = await practice({
    clusters: [{ name: "east", operator: false }],
    patch: [HOME, ...patch],
  });
  await run.tick(20_000);
  return run;
}

async function read({ cluster }: Practice): Promise<Subscription> {
  const found = await cluster("east").get(SUBSCRIPTIONS, PACKAGE, { namespace });
  assert.ok(found);
  return found;
}

async function phaseOf({ cluster }: Practice, name = CSV): Promise<string | undefined> {
  const csv = await cluster("east").get(CLUSTER_SERVICE_VERSIONS, name, { namespace });
  return csv && `${csv.status.phase} ${csv.status.reason}`;
}

Deno.test("OLM stand-in installs the channel's version, its definitions and its Deployment", async () => {
  const run = await olm(group("og"), subscription());

  const { status } = await read(run);
  assert.equal(await phaseOf(run), "Succeeded InstallSucceeded");
  assert.equal(status.installedCSV, CSV);
  assert.equal(status.state, "AtLatestKnown");
  const { items } = await run.cluster("east").list(CUSTOM_RESOURCE_DEFINITIONS);
  assert.equal(items.length, 8);
});

Deno.test("OLM stand-in waits for a manual plan to be approved, and then goes on", async () => {
  const run = await olm(
    group("og"),
    subscription({ installPlanApproval: "Manual", startingCSV: CSV.replace("1.0.1", "1.0.0") }),
  );

  const { status } = await read(run);
  const pending = status.conditions.find(({ type }) => type === "InstallPlanPending");
  assert.equal(pending?.reason, "RequiresApproval");
  const name = status.installPlanRef?.name ?? "";
  await run.cluster("east").patch({ resource: INSTALL_PLANS, name, namespace }, {
    type: "merge",
    body: { spec: { approved: true } },
  });
  await run.tick(20_000);

  assert.equal(await phaseOf(run, CSV.replace("1.0.1", "1.0.0")), "Succeeded InstallSucceeded");
});

Deno.test("OLM stand-in says why a Subscription cannot be fulfilled", async () => {
  const condition = async (...patch: readonly WorldPatch[]): Promise<string> => {
    const { status } = await read(await olm(group("og"), ...patch));
    return status.conditions.filter(({ status }) => status === "True")
      .map(({ type, reason }) => `${type} ${reason}`).join();
  };
  const catalog = { kind: "CatalogSource", apiVersion: OLM, name: "redhat-operators" };

  assert.equal(
    await condition(subscription({ source: "elsewhere" })),
    "CatalogSourcesUnhealthy NoCatalogSourcesFound",
  );
  assert.equal(
    await condition(
      patched("east", { ...catalog, namespace: "openshift-marketplace" }, {
        status: { connectionState: { lastObservedState: "TRANSIENT_FAILURE" } },
      }),
      subscription(),
    ),
    "CatalogSourcesUnhealthy UnhealthyCatalogSourceFound",
  );
  for (const wrong of [{ name: "x" }, { channel: "alpha" }, { startingCSV: "x.v9" }]) {
    assert.equal(
      await condition(subscription(wrong)),
      "ResolutionFailed ConstraintsNotSatisfiable",
    );
  }
  assert.equal(
    await condition(
      patched("east", { ...catalog, namespace: "openshift-marketplace" }, {
        metadata: { annotations: { [UNPULLABLE]: "" } },
      }),
      subscription(),
    ),
    "BundleUnpackFailed BundleUnpackFailed,InstallPlanFailed InstallComponentFailed",
  );
});

Deno.test("OLM stand-in fails versions for the group that they are in", async () => {
  assert.equal(await phaseOf(await olm(subscription())), "Failed NoOperatorGroup");
  assert.equal(
    await phaseOf(await olm(group("one"), group("two"), subscription())),
    "Failed TooManyOperatorGroups",
  );
  assert.equal(
    await phaseOf(await olm(group("og", { targetNamespaces: ["a", "b"] }), subscription())),
    "Failed UnsupportedOperatorGroup",
  );
});
