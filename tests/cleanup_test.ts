/** `cleanup`, as its users meet it: whole command lines over a practice World. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { CLASS_NAME } from "../sandbox/healthy.ts";
import { isWrite } from "../sandbox/calls.ts";
import { MANAGED_BY, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { federated, holding, patched, without, withoutExec } from "./support/ailments.ts";
import { everythingIn } from "./support/everything.ts";
import { interruptAfterWrite, writesOf } from "./support/everywhere.ts";
import { assertGolden } from "./support/golden.ts";
import { installedHere, madeHere } from "./support/installed.ts";
import { namesOf, objectsOf } from "./support/cleaning.ts";
import { type Practice, practice, told, type WorldPatch } from "./support/practice.ts";

const ALL = ["cleanup", "east", "--all"];
const WEST = "apps.west.example";
const CSV = "zero-trust-workload-identity-manager.v1.0.1";

/** The objects that were deleted, in order. */
function deleted(run: Practice): readonly string[] {
  return run.calls.filter((call) => isWrite(call) && call.cluster === "east")
    .map(({ object }) => object);
}

const run1 = { ...MANAGED_BY, "spirefed/run": "r1" };

function pod(
  namespace: string,
  name: string,
  labels?: Readonly<Record<string, string>>,
): WorldPatch {
  return holding("east", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) },
    spec: { volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io", readOnly: true } }] },
    status: { phase: "Running" },
  });
}

function namespace(name: string, labels: Readonly<Record<string, string>>): WorldPatch {
  return holding("east", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
}

const testRun: readonly WorldPatch[] = [
  namespace("spirefed-test-server", run1),
  pod("spirefed-test-server", "server", run1),
  holding("east", {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "spirefed-test", labels: run1 },
    spec: { spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/test", className: CLASS_NAME },
  }),
];

Deno.test("cleanup has no default, and says what there is to choose from", async () => {
  for (
    const [words, expected] of [
      [[], /There is no default[\s\S]*next: .*cleanup east --only workloads/],
      [["--only", "everything"], /--only everything: there is no such part/],
      [["--all", "--only", "stack"], /contradict/],
      [["--only", "stack", "--crds"], /--crds goes with the operator/],
      [["east", "--all"], /named twice/],
    ] as const
  ) {
    const run = await practice();

    assert.equal(await main(["cleanup", "east", ...words], run.context), 2, told(run));

    assert.match(told(run), expected);
    assert.equal(run.calls.length, 0);
  }
});

Deno.test("cleanup --all takes away in the safe order all that this program made", async () => {
  const run = await practice({ patch: [...installedHere("east"), ...testRun] });
  assert.equal(await main(["peer", "east", "west"], run.context), 0, told(run));
  run.context.err.length = 0;
  run.context.out.length = 0;
  run.calls.length = 0;

  assert.equal(await main([...ALL, "--yes"], run.context), 0, told(run));

  assert.deepEqual(deleted(run), [
    "Namespace/spirefed-test-server",
    "ClusterSPIFFEID/spirefed-test",
    `ClusterFederatedTrustDomain/${WEST}`,
    `/spire-server bundle delete -id spiffe://${WEST} -mode dissociate -output json`,
    "SpireOIDCDiscoveryProvider/cluster",
    "SpiffeCSIDriver/cluster",
    "SpireAgent/cluster",
    "SpireServer/cluster",
    "ZeroTrustWorkloadIdentityManager/cluster",
    "Route/spire-server-federation",
    "Route/spire-oidc-discovery-provider",
    "PersistentVolumeClaim/spire-data-spire-server-0",
    "Subscription/openshift-zero-trust-workload-identity-manager",
    `ClusterServiceVersion/${CSV}`,
    "OperatorGroup/zero-trust-workload-identity-manager-og",
    "Namespace/zero-trust-workload-identity-manager",
  ]);
  assert.deepEqual(
    objectsOf(run).filter(({ metadata }) =>
      metadata.namespace === OPERATOR_NAMESPACE || metadata.name === OPERATOR_NAMESPACE
    ),
    [],
  );
  assert.equal(namesOf(run, "CustomResourceDefinition").length, 8);
  await assertGolden("cleanup.stderr.txt", run.context.err.join(""));
  await assertGolden("cleanup.txt", run.context.out.join(""));
});

Deno.test("cleanup writes nothing the second time", async () => {
  const run = await practice({ patch: installedHere("east") });
  assert.equal(await main([...ALL, "--crds", "--yes"], run.context), 0, told(run));
  const writes = run.writes();

  assert.equal(await main([...ALL, "--crds", "--yes"], run.context), 0, told(run));

  assert.equal(run.writes(), writes);
  assert.match(run.context.out.at(-1) ?? "", /Nothing that this program made is there/);
  assert.equal(namesOf(run, "CustomResourceDefinition").length, 0);
});

Deno.test("cleanup --dry-run writes nothing, and tells what would stay", async () => {
  const run = await practice({ patch: [...installedHere("east"), ...testRun] });
  const before = everythingIn(run, "east");

  assert.equal(await main([...ALL, "--dry-run"], run.context), 0, told(run));

  assert.deepEqual(everythingIn(run, "east"), before);
  assert.ok(run.dryRuns() > 10);
  await assertGolden("cleanup_dry_run.txt", run.context.out.join(""));
});

Deno.test("cleanup leaves everything that this program did not make, and lists it", async () => {
  const run = await practice({ patch: [federated("east", "west"), pod("shop", "cart")] });
  const before = everythingIn(run, "east");

  assert.equal(await main(ALL, run.context), 0, told(run));

  assert.equal(run.writes(), 0);
  assert.deepEqual(everythingIn(run, "east"), before);
  assert.match(told(run), /SpireServer\/cluster/);
  assert.match(told(run), /ClusterFederatedTrustDomain\/federation-to-west/);
  assert.match(told(run), /Next: oc spirefed unpeer east apps\.west\.example --local-only/);
});

Deno.test("cleanup keeps what an operand that somebody else made needs", async () => {
  const patch = installedHere("east").filter((_, at) => at !== 5); // SpireAgent
  const run = await practice({ patch });

  const line = ["cleanup", "east", "--only", "stack", "--yes"];
  assert.equal(await main(line, run.context), 0, told(run));

  assert.deepEqual(
    namesOf(run, "SpireAgent", "SpireServer", "SpiffeCSIDriver", "PersistentVolumeClaim"),
    [
      "PersistentVolumeClaim/spire-data-spire-server-0",
      "SpireAgent/cluster",
      "SpireServer/cluster",
    ],
  );
  assert.equal(await main([...ALL, "--yes"], run.context), 5);
  assert.match(told(run), /the operator still has work: SpireAgent\/cluster/);
});

Deno.test("cleanup refuses while pods of others mount the Workload API, and names them", async () => {
  const run = await practice({ patch: [...installedHere("east"), pod("shop", "cart")] });

  assert.equal(await main([...ALL, "--yes"], run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(told(run), /\[east\] pods still mount the Workload API.*shop\/cart/);
});

Deno.test("a test run's own pods forbid the stack alone, and go first with --all", async () => {
  const run = await practice({ patch: [...installedHere("east"), ...testRun] });

  assert.equal(await main(["cleanup", "east", "--only", "stack", "--yes"], run.context), 5);

  assert.match(told(run), /spirefed-test-server\/server/);
  assert.equal(run.writes(), 0);
});

Deno.test("cleanup destroys a certificate authority only after asking", async () => {
  const patch = installedHere("east");
  const line = ["cleanup", "east", "--only", "stack"];
  const alone = await practice({ patch });
  const kept = await practice({ patch });

  assert.equal(await main(line, alone.context), 4);
  assert.equal(await main([...line, "--keep-ca"], kept.context), 0, told(kept));

  assert.equal(alone.writes(), 0);
  assert.match(told(alone), /destroy the certificate authority/);
  assert.equal(namesOf(kept, "PersistentVolumeClaim").length, 1);
  assert.match(told(kept), /--keep-ca was given/);
});

Deno.test("cleanup names missing permissions before it writes", async () => {
  const patch = [
    ...installedHere("east"),
    madeHere("east", {
      apiVersion: "v1",
      kind: "Namespace",
      name: OPERATOR_NAMESPACE,
    }),
  ];
  const noDelete = without("east", { verb: "delete", resource: "spireservers" });
  const denied = await practice({ patch: [...patch, noDelete] });
  const noSight = without("east", { verb: "get", resource: "daemonsets" });
  const sightless = await practice({ patch: [...patch, noSight] });
  const blind = await practice({ patch: [...patch, withoutExec("east")] });

  assert.equal(await main([...ALL, "--yes"], denied.context), 5);
  assert.equal(await main([...ALL, "--yes"], sightless.context), 5);
  assert.equal(await main([...ALL, "--yes"], blind.context), 5);

  assert.match(told(denied), /\[east\] needs delete spireservers\.operator\.openshift\.io/);
  assert.match(told(sightless), /\[east\] needs get daemonsets\.apps/);
  assert.match(told(blind), /\[east\] needs create pods\/exec/);
  assert.equal(denied.writes() + sightless.writes() + blind.writes(), 0);
});

Deno.test("what hangs is named, with what holds it, and the rest waits", async () => {
  const run = await practice({
    patch: [
      ...installedHere("east"),
      patched("east", {
        apiVersion: "operator.openshift.io/v1alpha1",
        kind: "SpireAgent",
        name: "cluster",
      }, { metadata: { finalizers: ["example.org/slow"] } }),
    ],
  });
  const line = ["cleanup", "east", "--only", "stack", "--yes"];

  assert.equal(await main([...line, "--timeout", "20m"], run.context), 3);

  assert.match(told(run), /SpireAgent\/cluster is still there after 3 min/);
  assert.match(told(run), /held by example\.org\/slow/);
  assert.ok(namesOf(run, "SpireServer").length === 1);
});

Deno.test("cleanup -o json lists what went and what is left", async () => {
  const run = await practice({ patch: installedHere("east") });

  assert.equal(await main([...ALL, "--yes", "-o", "json"], run.context), 0, told(run));

  const answer = JSON.parse(run.context.out.join(""));
  assert.equal(answer.apiVersion, "spirefed/v1");
  assert.equal(answer.kind, "CleanupResult");
  assert.ok(answer.items.length >= 10);
  assert.ok(answer.items.every(({ state }: { state: string }) => state === "gone"));
  assert.deepEqual(
    answer.leftovers.map(({ object }: { object: string }) => object),
    [
      "8 CustomResourceDefinitions",
      "/run/spire/agent-sockets, /var/lib/kubelet/plugins/csi.spiffe.io",
    ],
  );
});

Deno.test("cleanup killed after any of its writes converges when it is run again", async () => {
  const patch = [...installedHere("east"), ...testRun];
  const line = [...ALL, "--yes"];
  const fresh = async (): Promise<Practice> => {
    const run = await practice({ patch });
    await main(["peer", "east", "west"], run.context);
    run.calls.length = 0;
    return run;
  };
  const whole = await fresh();
  assert.equal(await main(line, whole.context), 0);
  const boundaries = writesOf(whole);
  assert.ok(boundaries >= 14, `${boundaries} writes`);

  for (let nth = 1; nth <= boundaries; nth++) {
    const run = await fresh();
    interruptAfterWrite(run, nth);
    assert.equal(await main(line, run.context), 130, `write ${nth}`);

    const again = await practice();
    again.mount.world = run.mount.world;
    assert.equal(await main(line, again.context), 0, `after write ${nth}: ${told(again)}`);
    assert.deepEqual(
      objectsOf(again).map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort(),
      objectsOf(whole).map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort(),
      `after write ${nth}`,
    );
  }
});

Deno.test("no environment variable decides what is to go", async () => {
  for (const name of ["SPIREFED_ALL", "SPIREFED_CRDS", "SPIREFED_ONLY"]) {
    const run = await practice({
      patch: installedHere("east"),
      env: { [name]: name === "SPIREFED_ONLY" ? "stack" : "true" },
    });

    assert.equal(await main(["cleanup", "east", "--yes"], run.context), 2);
  }
});

Deno.test("cleanup --skip goes on without a cluster that is down, and says so", async () => {
  const run = await practice({
    patch: installedHere("east"),
    faults: [{ cluster: "west", verb: "*", reset: true }],
  });

  const line = ["cleanup", "east", "west", "--all", "--yes", "--skip", "west"];
  assert.equal(await main(line, run.context), 0, told(run));

  assert.match(run.context.err.join(""), /note: west is left out by --skip/);
});

Deno.test("cleanup ends at --timeout with 124, and finds a dead cluster unreachable", async () => {
  const slow = await practice({ faults: [{ cluster: "east", verb: "get", delayMs: 60_000 }] });
  const dead = await practice({ faults: [{ cluster: "east", verb: "*", reset: true }] });

  assert.equal(await main([...ALL, "--timeout", "1ms"], slow.context), 124);
  assert.equal(await main(ALL, dead.context), 5);
});
