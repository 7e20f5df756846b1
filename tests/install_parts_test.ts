/** What `install` is told to do: which parts, whose approval, whose fields. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { OPERATOR_NAMESPACE as namespace } from "../manifests/manifest.ts";
import { INSTALL_PLANS } from "../manifests/install_plan.ts";
import { holding, patched, stuck } from "./support/ailments.ts";
import { operand, SUBSCRIPTION } from "./support/failure_staging.ts";
import { install, specIn } from "./support/installing.ts";

Deno.test("install --approval manual approves its own plan, and a re-run none", async () => {
  const { run, code, told } = await install({}, "--approval", "manual", "--yes");
  const writes = run.writes();

  assert.equal(code, 0, told);
  assert.match(told, /InstallPlan\/install-\w+ approved/);
  assert.equal(
    specIn(run, "subscriptions", SUBSCRIPTION.name, namespace)["installPlanApproval"],
    "Manual",
  );
  assert.equal(await main(["install", "east"], run.context), 0);
  assert.equal(run.writes(), writes);
});

Deno.test("install approves no plan that it was not told to, nor one that does more", async () => {
  const manual = holding("east", {
    apiVersion: SUBSCRIPTION.apiVersion,
    kind: "Subscription",
    metadata: { name: SUBSCRIPTION.name, namespace },
    spec: {
      name: SUBSCRIPTION.name,
      source: "redhat-operators",
      sourceNamespace: "openshift-marketplace",
      channel: "stable-v1",
      installPlanApproval: "Manual",
    },
  });
  const untold = await install(
    { patch: [manual, ({ clockwork }) => clockwork.advance(5_000)] },
    "--yes",
  );
  const greedy = await install(
    {
      patch: [manual, async ({ mount, clockwork }) => {
        await clockwork.advance(5_000);
        const [plan] = [...mount.cluster("east").objects.values()]
          .filter(({ manifest }) => manifest.kind === "InstallPlan");
        const target = { ...INSTALL_PLANS, name: plan?.manifest.metadata.name ?? "" };
        const names = ["zero-trust-workload-identity-manager.v1.0.1", "other.v1"];
        return patched("east", target, { spec: { clusterServiceVersionNames: names } })(
          { mount, clockwork } as Parameters<typeof manual>[0],
        );
      }],
    },
    "--approval",
    "manual",
    "--yes",
  );

  assert.equal(untold.code, 5);
  assert.equal(untold.run.writes(), 0);
  assert.match(untold.told, /waits for approval\n *next: .*--approval manual/);
  assert.equal(greedy.code, 3);
  assert.match(greedy.told, /would install other\.v1, too: not\s+approved/);
});

Deno.test("install --only takes one part after the other", async () => {
  const { run, code } = await install({}, "--only", "operator");
  const stack = await main(["install", "east", "--only", "stack", "--yes"], run.context);
  const before = specIn(run, "spireservers")["federation"];
  const endpoint = await main(["install", "east", "--only", "endpoint", "--yes"], run.context);

  assert.deepEqual([code, stack, endpoint], [0, 0, 0], run.context.err.join(""));
  assert.equal(before, undefined);
  assert.match(JSON.stringify(specIn(run, "spireservers")["federation"]), /https_spiffe/);
});

Deno.test("install --only says which part has to come first", async () => {
  const stack = await install({}, "--only", "stack", "--yes");
  const endpoint = await install({}, "--only", "endpoint,operator", "--yes");
  const typo = await install({}, "--only", "operater");

  assert.equal(stack.code, 5);
  assert.match(stack.told, /operator is not installed/);
  assert.equal(endpoint.code, 5);
  assert.match(endpoint.told, /no SpireServer to give an endpoint/);
  assert.equal(typo.code, 2);
  assert.match(typo.told, /operator\?/);
});

Deno.test("install gives an endpoint to a stack that somebody else made, and leaves the rest", async () => {
  const clusters = [{ name: "east", endpoint: false }];
  const { run, code, told } = await install({ clusters }, "--yes");

  assert.equal(code, 0, told);
  assert.equal(run.writes(), 1);
  assert.match(told, /~ SpireServer\/cluster +has no bundle endpoint yet/);
  assert.match(told, /spire-server-0 restarts once/);
  assert.equal(
    (specIn(run, "spireservers")["caSubject"] as { organization: string }).organization,
    "Practice",
  );
});

Deno.test("install --only endpoint waits for the server, and for no other part", async () => {
  const ill = {
    status: { conditions: [{ type: "Ready", status: "False", reason: "Progressing" }] },
  };
  const { code, told } = await install(
    {
      clusters: ["east"],
      patch: [patched("east", operand("SpireAgent"), ill), stuck("east", "spire-agent")],
    },
    "--only",
    "endpoint",
  );

  assert.equal(code, 0, told);
});

Deno.test("install takes over another manager's field only when told", async () => {
  const words = ["--jwt-issuer", "https://new.example", "--yes"];
  const kept = await install({ clusters: ["east"] }, ...words);
  const taken = await install({ clusters: ["east"] }, ...words, "--force-conflicts");

  assert.equal(kept.code, 5);
  assert.equal(kept.run.writes(), 0);
  assert.equal(taken.code, 0, taken.told);
  assert.equal(specIn(taken.run, "spireservers")["jwtIssuer"], "https://new.example");
});
