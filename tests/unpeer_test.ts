/** `unpeer`, as its users meet it: whole command lines over a practice World. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import {
  declaredByHand,
  federated,
  objectIn,
  restarted,
  staticPeer,
  without,
  withoutExec,
} from "./support/ailments.ts";
import { assertGolden } from "./support/golden.ts";
import { practice, told } from "./support/practice.ts";
import { assertForgotten, settled, shop, UNPEER, WEST } from "./support/unpeering.ts";
import { everythingIn } from "./support/everything.ts";

Deno.test("unpeer leaves both clusters exactly as they were before peer", async () => {
  const run = await practice();
  const before = [everythingIn(run, "east"), everythingIn(run, "west")];
  assert.equal(await main(["peer", "east", "west"], run.context), 0);
  run.context.err.length = 0;
  run.context.out.length = 0;

  assert.equal(await main(UNPEER, run.context), 0, told(run));

  assert.deepEqual([everythingIn(run, "east"), everythingIn(run, "west")], before);
  await assertGolden("unpeer.stderr.txt", run.context.err.join(""));
  await assertGolden("unpeer.txt", run.context.out.join(""));
});

Deno.test("unpeer writes nothing the second time, and proves it gone again", async () => {
  const run = await practice();
  await main(["peer", "east", "west"], run.context);
  await main(UNPEER, run.context);
  const writes = run.writes();

  assert.equal(await main(UNPEER, run.context), 0);

  assert.equal(run.writes(), writes);
  assert.match(run.context.out.at(-1) ?? "", /✓ east → west[\s\S]*gone[\s\S]*Nothing was written/);
});

Deno.test("peer, unpeer and peer again trust each other, also right after a restart", async () => {
  const run = await practice();
  assert.equal(await main(["peer", "east", "west"], run.context), 0);
  await restarted("east")(run);

  assert.equal(await main(UNPEER, run.context), 0, told(run));
  await restarted("west")(run);
  // Its endpoint is back after this, and its controller still waits for the old lease.
  await run.tick(5_000);
  assert.equal(await main(["peer", "east", "west"], run.context), 0, told(run));

  assert.match(run.context.out.at(-1) ?? "", /✓ east → west +trusted[\s\S]*✓ west → east +trusted/);
});

Deno.test("unpeer --dry-run writes nothing, and shows what it would", async () => {
  const run = await practice({ patch: federated("east", "west") });

  assert.equal(await main([...UNPEER, "--dry-run"], run.context), 0);

  assert.equal(run.writes(), 0);
  assert.equal(run.dryRuns(), 2);
  assert.match(run.context.out.join(""), /Plan: 4 changes, no restarts/);
});

Deno.test("unpeer asks before it deletes what somebody else made, and no answer is a no", async () => {
  const patch = declaredByHand("east", "west");
  const alone = await practice({ patch: [patch, settled] });
  const agreed = await practice({ patch: [patch, settled], answers: ["yes"] });

  assert.equal(await main(UNPEER, alone.context), 4);
  assert.equal(await main(UNPEER, agreed.context), 0, told(agreed));

  assert.equal(alone.writes(), 0);
  assert.match(told(alone), /delete ClusterFederatedTrustDomain\/federation-to-cluster2, which/);
  assertForgotten(agreed, "east", "west");
});

Deno.test("unpeer needs to run commands in the server, and says so before it writes", async () => {
  const run = await practice({ patch: [federated("east", "west"), withoutExec("west")] });

  assert.equal(await main([...UNPEER, "--yes"], run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(
    told(run),
    /\[west\] needs create pods\/exec in zero-trust-workload-identity-manager/,
  );
});

Deno.test("unpeer names each permission that is missing, before it writes anywhere", async () => {
  const patches = [federated("east", "west"), staticPeer("east", "west"), shop([WEST]), settled];
  for (
    const [verb, resource] of [
      ["delete", "clusterfederatedtrustdomains"],
      ["patch", "clusterspiffeids"],
      ["patch", "spireservers"],
    ] as const
  ) {
    const run = await practice({ patch: [...patches, without("east", { verb, resource })] });

    assert.equal(await main([...UNPEER, "--yes"], run.context), 5);

    assert.match(told(run), new RegExp(`\\[east\\] needs ${verb} ${resource}`));
    assert.equal(run.writes(), 0);
  }
});

Deno.test("unpeer takes one entry out of the static list, and the list with the last", async () => {
  const clusters = ["east", "west", "north"];
  for (const left of [["apps.north.example"], undefined]) {
    const run = await practice({ clusters, patch: staticPeer("east", "west") });
    if (left !== undefined) {
      assert.equal(await main(["peer", "east", "north", "--static", "--yes"], run.context), 0);
    }

    assert.equal(await main([...UNPEER, "--yes"], run.context), 0, told(run));

    const { spec } = objectIn(run, "east", "spireservers", "cluster") as unknown as {
      spec: { federation: { federatesWith?: { trustDomain: string }[] } };
    };
    assert.deepEqual(spec.federation.federatesWith?.map(({ trustDomain }) => trustDomain), left);
    assertForgotten(run, "east", "west");
  }
});

Deno.test("unpeer between two leaves a third cluster's trust as it is", async () => {
  const names = ["east", "west", "north"];
  const run = await practice({ clusters: names });
  await main(["peer", ...names], run.context);
  const before = [everythingIn(run, "north"), run.writes("north")];

  assert.equal(await main(UNPEER, run.context), 0, told(run));

  assert.deepEqual([everythingIn(run, "north"), run.writes("north")], before);
  for (const name of ["east", "west"]) {
    assert.deepEqual([...run.mount.cluster(name).spire.stored.keys()], ["apps.north.example"]);
  }
});

Deno.test("unpeer of several leaves the others' trust in each other, and restarts once", async () => {
  const names = ["east", "west", "north"];
  const run = await practice({ clusters: names });
  assert.equal(await main(["peer", ...names, "--static", "--yes"], run.context), 0, told(run));
  run.context.err.length = 0;

  assert.equal(await main(["unpeer", ...names, "--yes"], run.context), 0, told(run));

  assert.deepEqual([...run.mount.cluster("east").spire.stored.keys()], []);
  assert.ok(run.mount.cluster("west").spire.stored.has("apps.north.example"));
  assert.match(run.context.err.join(""), /Plan: 11 changes, 3 restarts/);
});

Deno.test("unpeer --local-only changes one side, and says that the other still trusts", async () => {
  const run = await practice({
    patch: federated("east", "west"),
    faults: [{ cluster: "west", verb: "*", reset: true }],
  });

  const dead = [...UNPEER, "--local-only", "--yes"];
  assert.equal(await main(dead, run.context), 5);
  assert.match(told(run), /one of apps\.west\.example/);
  const line = ["unpeer", "east", WEST, "--local-only", "--yes"];
  assert.equal(await main(line, run.context), 0, told(run));

  assertForgotten(run, "east", "west");
  assert.equal(run.writes("west"), 0);
  assert.match(run.context.out.join(""), /it still trusts east/);
  assert.equal(await main(line, run.context), 0);
});

Deno.test("unpeer of a cluster without SPIRE says how the other side ends it", async () => {
  const run = await practice({ clusters: ["east", { name: "west", operator: false }] });

  assert.equal(await main(UNPEER, run.context), 5);

  assert.match(told(run), /\[west\] the .*operator is missing/);
  assert.match(told(run), /next: .*unpeer east ITS-TRUST-DOMAIN --local-only/);
});

Deno.test("unpeer of a cluster that does not answer says how the other side ends it", async () => {
  const run = await practice({
    patch: federated("east", "west"),
    faults: [{ cluster: "east", verb: "*", reset: true }],
  });

  assert.equal(await main(UNPEER, run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(told(run), /^error: \[east\] .*the connection was/m);
  assert.match(told(run), /if it is gone for good: .*unpeer west ITS-TRUST-DOMAIN --local-only/);
});

Deno.test("unpeer leaves alone what another controller minds, and says so", async () => {
  const run = await practice({
    patch: declaredByHand("east", "west", "theirs", { className: "another" }),
  });

  assert.equal(await main(UNPEER, run.context), 0, told(run));

  assert.equal(run.writes(), 0);
  assert.match(run.context.out.join(""), /theirs names the peer for class another/);
});

Deno.test("unpeer changes nothing when somebody else does while it asks", async () => {
  const run = await practice({ patch: federated("east", "west") });
  const answering = {
    ...run.context,
    ask: async () => {
      if (objectIn(run, "east", "clusterfederatedtrustdomains", "second") === undefined) {
        await declaredByHand("east", "west", "second")(run);
      }
      return "yes";
    },
  };

  assert.equal(await main(UNPEER, answering), 4);

  assert.equal(run.writes(), 0);
  assert.match(told(run), /\[east\].*changed by somebody meanwhile/);
});

Deno.test("unpeer -o json tells clusters, impact, plan, edges and what stays", async () => {
  const run = await practice({ patch: federated("east", "west") });

  assert.equal(await main([...UNPEER, "--yes", "-o", "json"], run.context), 0);

  const answer = JSON.parse(run.context.out.join(""));
  assert.equal(answer.apiVersion, "spirefed/v1");
  assert.equal(answer.kind, "UnpeerResult");
  assert.deepEqual(
    answer.plan.map(({ cluster, action }: Record<string, string>) => `${cluster} ${action}`),
    ["east delete", "east exec", "west delete", "west exec"],
  );
  assert.deepEqual(
    answer.edges.map(({ from, to, state }: Record<string, string>) => [from, to, state]),
    [["east", "west", "gone"], ["west", "east", "gone"]],
  );
  assert.equal(answer.edges[0].proof.length, 6);
  assert.deepEqual(answer.residue.map(({ code }: { code: string }) => code), [
    "endpoint/public",
    "endpoint/public",
  ]);
  assert.equal(typeof answer.timings.prove, "number");
});

Deno.test("unpeer refuses what is no pair", async () => {
  for (const words of [["east"], ["east", "east"], ["east", "west", "--skip", "east"]]) {
    const run = await practice();

    assert.equal(await main(["unpeer", ...words], run.context), 2);

    assert.equal(run.calls.length, 0);
  }
});

Deno.test("unpeer --skip goes on without a cluster that is down, and names it", async () => {
  const names = ["east", "west", "north"];
  const run = await practice({
    clusters: names,
    patch: federated(...names),
    faults: [{ cluster: "north", verb: "*", reset: true }],
  });

  const line = ["unpeer", ...names, "--skip", "north", "--yes"];
  assert.equal(await main(line, run.context), 0, told(run));

  assertForgotten(run, "east", "west");
  assert.match(run.context.out.join(""), /east → north +skipped/);
});

Deno.test("unpeer ends at --timeout with 124", async () => {
  const run = await practice({ faults: [{ cluster: "west", verb: "get", delayMs: 60_000 }] });

  assert.equal(await main([...UNPEER, "--timeout", "1ms"], run.context), 124);
});
