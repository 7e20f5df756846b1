/** `install`, as its users meet it: whole command lines over practice clusters. */
import assert from "node:assert/strict";
import { OPERATOR_NAMESPACE as namespace } from "../manifests/manifest.ts";
import { main } from "../commands/main.ts";
import {
  impostor,
  objectIn,
  patched,
  removed,
  routerDown,
  stuck,
  without,
} from "./support/ailments.ts";
import {
  CATALOG,
  oldVolume,
  operand,
  SUBSCRIPTION,
  unpullable,
} from "./support/failure_staging.ts";
import { assertGolden } from "./support/golden.ts";
import { EMPTY, install, specIn } from "./support/installing.ts";
import { practice } from "./support/practice.ts";

Deno.test("install brings two empty clusters to where peer makes them trust each other", async () => {
  const run = await practice({ clusters: EMPTY });

  assert.equal(await main(["preflight", "east", "west"], run.context), 0);
  run.context.out.length = 0;
  assert.equal(await main(["install", "east", "west", "--yes"], run.context), 0);
  await assertGolden("install.stderr.txt", run.context.err.join(""));
  await assertGolden("install.txt", run.context.out.join(""));

  assert.equal(await main(["peer", "east", "west"], run.context), 0, run.context.err.join(""));
});

Deno.test("install writes nothing the second time, and still looks at the endpoint", async () => {
  const { run, code } = await install({}, "--yes");
  const writes = run.writes();

  assert.equal(code, 0);
  assert.equal(await main(["install", "east"], run.context), 0, run.context.err.join(""));

  assert.equal(writes, 8);
  assert.equal(run.writes(), writes);
  assert.match(run.context.out.at(-1) ?? "", /= east\n? +unchanged: .*endpoint verified/s);
});

Deno.test("install changes nothing on a cluster that somebody else installed", async () => {
  const { run, code } = await install({ clusters: ["east"] });

  assert.equal(code, 0);
  assert.equal(run.writes(), 0);
});

Deno.test("install --dry-run writes nothing, and shows what it would", async () => {
  const { run, code } = await install({}, "--dry-run");

  assert.equal(code, 0);
  assert.equal(run.writes(), 0);
  assert.ok(run.dryRuns() > 0);
  await assertGolden("install_dry_run.txt", run.context.out.join(""));
});

Deno.test("install makes the manual guide's values right", async () => {
  const { run } = await install({}, "--yes");

  const server = specIn(run, "spireservers");
  assert.deepEqual(server["persistence"], { size: "1Gi", accessMode: "ReadWriteOnce" });
  assert.equal(server["jwtIssuer"], "https://oidc-discovery.apps.east.example");
  assert.deepEqual(server["caSubject"], {
    country: "US",
    organization: "SPIFFE",
    commonName: "apps.east.example",
  });
  assert.deepEqual(specIn(run, "zerotrustworkloadidentitymanagers"), {
    trustDomain: "apps.east.example",
    clusterName: "east",
  });
});

Deno.test("install takes every setting from flags", async () => {
  const { run, code, told } = await install(
    {},
    ...["--yes", "--trust-domain", "td.apps.east.example", "--cluster-name", "first"],
    ...["--jwt-issuer", "https://issuer.example", "--ca-subject", "C=DE,O=A, B,CN=x"],
    ...["--storage-class", "gp3-csi", "--access-mode", "ReadWriteOncePod", "--size", "5Gi"],
    ...["--refresh-hint", "60", "--starting-csv", "zero-trust-workload-identity-manager.v1.0.0"],
  );

  assert.equal(code, 0, told);
  const server = specIn(run, "spireservers");
  assert.deepEqual(server["persistence"], {
    size: "5Gi",
    accessMode: "ReadWriteOncePod",
    storageClass: "gp3-csi",
  });
  assert.deepEqual(server["caSubject"], { country: "DE", organization: "A, B", commonName: "x" });
  assert.match(JSON.stringify(server["federation"]), /"refreshHint":60/);
  assert.equal(
    specIn(run, "zerotrustworkloadidentitymanagers")["trustDomain"],
    "td.apps.east.example",
  );
  assert.match(told, /v1\.0\.0/);
});

Deno.test("install -o json tells clusters, plan and how long each phase took", async () => {
  const { run, code } = await install({}, "--yes", "-o", "json");

  assert.equal(code, 0);
  const { kind, clusters, plan, timings } = JSON.parse(run.context.out.join(""));
  assert.equal(kind, "InstallResult");
  assert.equal(plan.length, 8);
  assert.equal(clusters[0].state, "ready");
  assert.equal(clusters[0].endpoint, "https://federation.apps.east.example");
  assert.deepEqual(Object.keys(clusters[0].timings), ["operator", "stack", "endpoint"]);
  assert.ok(clusters[0].timings.stack >= 10_000, "Ready was believed before it was stable");
  assert.equal(typeof timings.install, "number");
});

Deno.test("install -o yaml prints the objects for a repository and writes nothing", async () => {
  const { run, code } = await install({}, "-o", "yaml");

  assert.equal(code, 0);
  const text = run.context.out.join("");
  assert.equal(run.writes(), 0);
  assert.equal(text.match(/^kind: /gm)?.length, 8);
  assert.doesNotMatch(text, /type: pvc|resourceVersion/);
});

Deno.test("install asks what can never be changed, and no answer is a no", async () => {
  const nobody = await install({});
  const no = await install({ answers: ["no"] });
  const yes = await install({ answers: ["yes"] });

  assert.equal(nobody.code, 4);
  assert.equal(no.code, 4);
  assert.equal(nobody.run.writes() + no.run.writes(), 0);
  assert.match(nobody.told, /its trust domain is apps\.east\.example.*for ever/);
  assert.equal(yes.code, 0, yes.told);
});

Deno.test("install finds what can no longer be changed before it writes anything", async () => {
  const { run, code, told } = await install(
    { clusters: ["east"] },
    ...["--trust-domain", "other.example", "--size", "9Gi", "--yes"],
  );

  assert.equal(code, 5);
  assert.equal(run.writes(), 0);
  assert.match(told, /spec\.trustDomain is apps\.east\.example, wanted is other\.example/);
  assert.match(told, /spec\.persistence\.size is 1Gi, wanted is 9Gi/);
});

Deno.test("install writes to no cluster when something stands in the way on one", async () => {
  const run = await practice({ clusters: EMPTY, patch: removed("west", CATALOG) });

  assert.equal(await main(["install", "east", "west", "--yes"], run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(run.context.err.join(""), /\[west\] there is no CatalogSource/);
});

Deno.test("install reports every cluster that is down, at once", async () => {
  const run = await practice({
    clusters: EMPTY,
    faults: [{ cluster: "*", verb: "*", reset: true }],
  });

  assert.equal(await main(["install", "east", "west", "--yes"], run.context), 5);

  assert.match(run.context.err.join(""), /error: \[east\].*error: \[west\]/s);
});

Deno.test("install names the permission that is missing", async () => {
  const { run, code, told } = await install(
    { patch: without("east", { verb: "patch", resource: "spireservers" }) },
    "--yes",
  );

  assert.equal(code, 5);
  assert.equal(run.writes(), 0);
  assert.match(told, /lacks patch spireservers\.operator\.openshift\.io/);
});

Deno.test("install tells what stands when a write is denied only when it is made", async () => {
  const { code, told } = await install({
    patch: without("east", { verb: "*", resource: "spireagents", onlyOnWrite: true }),
  }, "--yes");

  assert.equal(code, 3);
  assert.match(told, /✗ east\n +failed: \[east\] apply SpireAgent\/cluster: 403/);
  assert.doesNotMatch(
    told,
    /SpireServer\/cluster created/,
    "all are tried before the first is written",
  );
});

Deno.test("install does not wait for ever for a Ready that never comes without a managed route", async () => {
  const { code, told } = await install({
    clusters: ["east"],
    patch: [
      patched("east", operand("SpireServer"), { spec: { federation: { managedRoute: "false" } } }),
      ({ clockwork }) => clockwork.advance(60_000),
    ],
  });

  assert.equal(code, 0, told);
});

Deno.test("install tells the operator of the proxy's CA", async () => {
  const proxy = { kind: "Proxy", apiVersion: "config.openshift.io/v1", name: "cluster" };
  const { run, code, told } = await install({
    patch: patched("east", proxy, { status: { httpsProxy: "http://proxy.example:3128" } }),
  }, "--yes");

  assert.equal(code, 0, told);
  const env = JSON.stringify(specIn(run, "subscriptions", SUBSCRIPTION.name, namespace)["config"]);
  assert.match(env, /TRUSTED_CA_BUNDLE_CONFIGMAP.*oc-spirefed-trusted-ca/);
  assert.ok(objectIn(run, "east", "configmaps", "oc-spirefed-trusted-ca", namespace));
});

for (
  const [name, patch, said, next] of [
    ["F6 bundles that cannot be unpacked", unpullable, /BundleUnpackFailed/, /pull secret/],
    [
      "F7 an operator that does not start",
      stuck("east", `${namespace}-controller-manager`),
      /to succeed \(Installing:\s+InstallWaiting\)/,
      /./,
    ],
    ["F11 an old volume", oldVolume, /spire-server is in CrashLoopBackOff/, /registration entry/],
    [
      "F17 agents that do not start",
      stuck("east", "spire-agent"),
      /SpireAgent\/cluster to be Ready/,
      /./,
    ],
    ["F26 a router that does not answer", routerDown("east"), /refused/, /./],
  ] as const
) {
  Deno.test(`install waits, and then names ${name}`, async () => {
    const { code, told } = await install({ patch }, "--yes", "--timeout", "0");

    assert.equal(code, 3, told);
    assert.match(told, said);
    assert.match(told, /✗ east/);
    assert.match(told.slice(told.indexOf("Next:")), next);
    assert.doesNotMatch(told, /✓/);
  });
}

Deno.test("install believes no endpoint that is not the cluster's own", async () => {
  const run = await practice({ patch: impostor("east", "west") });

  assert.equal(await main(["install", "east"], run.context), 4);

  assert.match(run.context.err.join(""), /did not prove to be apps\.east\.example/);
});
