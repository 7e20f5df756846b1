/** `peer`, as its users meet it: whole command lines over a practice World. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import {
  declaredByHand,
  federated,
  objectIn,
  staticPeer,
  storing,
  without,
  withoutExec,
} from "./support/ailments.ts";
import { assertGolden } from "./support/golden.ts";
import { holdsBundleOf } from "./support/holding.ts";
import { practice } from "./support/practice.ts";

const PEER = ["peer", "east", "west"];

Deno.test("peer makes each cluster trust the other, and proves it", async () => {
  const run = await practice();

  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));

  assert.ok(holdsBundleOf(run, "east", "west") && holdsBundleOf(run, "west", "east"));
  await assertGolden("peer.stderr.txt", run.context.err.join(""));
  await assertGolden("peer.txt", run.context.out.join(""));
});

Deno.test("peer writes nothing the second time, and still proves both directions", async () => {
  const run = await practice();
  await main(PEER, run.context);
  const writes = run.writes();

  assert.equal(await main(PEER, run.context), 0);

  assert.equal(run.writes(), writes);
  assert.equal(run.context.out.at(-1)?.match(/trusted: refreshed/g)?.length, 2);
});

Deno.test("peer --dry-run writes nothing, and shows what it would", async () => {
  const run = await practice();

  assert.equal(await main([...PEER, "--dry-run"], run.context), 0);

  assert.equal(run.writes(), 0);
  assert.equal(run.dryRuns(), 2);
  await assertGolden("peer_dry_run.txt", run.context.out.join(""));
});

Deno.test("peer -o json tells clusters, plan, edges and timings", async () => {
  const run = await practice();

  assert.equal(await main([...PEER, "-o", "json"], run.context), 0);

  const answer = JSON.parse(run.context.out.join(""));
  assert.equal(answer.apiVersion, "spirefed/v1");
  assert.equal(answer.kind, "PeerResult");
  assert.deepEqual(answer.clusters.map(({ name }: { name: string }) => name), ["east", "west"]);
  assert.equal(answer.plan.length, 2);
  assert.deepEqual(
    answer.edges.map(({ from, to, state }: Record<string, string>) => [from, to, state]),
    [["east", "west", "trusted"], ["west", "east", "trusted"]],
  );
  assert.ok(answer.edges.every(({ proof }: { proof: unknown }) => typeof proof === "string"));
  assert.equal(typeof answer.timings.prove, "number");
});

Deno.test("peer -o yaml prints an object a direction and writes nothing", async () => {
  const run = await practice();

  assert.equal(await main([...PEER, "-o", "yaml"], run.context), 0);

  const text = run.context.out.join("");
  assert.equal(run.writes(), 0);
  assert.equal(text.match(/^kind: ClusterFederatedTrustDomain$/gm)?.length, 2);
  assert.match(text, /spirefed\/cluster: east/);
  assert.doesNotMatch(text, /resourceVersion|uid:/);
});

Deno.test("peer takes the guide's own objects for declared and writes nothing", async () => {
  const run = await practice({ patch: federated("east", "west") });

  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));

  assert.equal(run.writes(), 0);
});

Deno.test("peer stops at an object that declares the peer otherwise, and names --adopt", async () => {
  const elsewhere = { bundleEndpointURL: "https://old.example" };
  const run = await practice({
    patch: declaredByHand("east", "west", "federation-to-cluster2", elsewhere),
  });

  assert.equal(await main(PEER, run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(run.context.err.join(""), /federation-to-cluster2.*declares apps.west.example/);
  assert.match(run.context.err.join(""), /next: .*--adopt/);
});

Deno.test("peer --adopt takes somebody's object over, after asking", async () => {
  const elsewhere = { bundleEndpointURL: "https://old.example" };
  const patch = declaredByHand("east", "west", "federation-to-cluster2", elsewhere);
  const refused = await practice({ patch });
  const agreed = await practice({ patch, answers: ["yes", "yes", "yes"] });

  assert.equal(await main([...PEER, "--adopt"], refused.context), 4);
  assert.equal(await main([...PEER, "--adopt"], agreed.context), 0, agreed.context.err.join(""));

  assert.equal(refused.writes(), 0);
  const object = objectIn(
    agreed,
    "east",
    "clusterfederatedtrustdomains",
    "federation-to-cluster2",
  );
  const spec = object?.["spec"] as { bundleEndpointURL: string } | undefined;
  assert.equal(spec?.bundleEndpointURL, "https://federation.apps.west.example");
});

Deno.test("peer proves by the server's log where exec is not allowed", async () => {
  const run = await practice({ patch: [withoutExec("east"), withoutExec("west")] });

  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));
  const first = run.context.out.at(-1) ?? "";
  const writes = run.writes();
  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));

  assert.equal(first.match(/trusted/g)?.length, 2);
  assert.equal(run.writes(), writes);
  assert.equal(run.calls.filter(({ verb }) => verb === "exec").length, 0);
});

Deno.test("peer says applied, not proven, where it may look at nothing", async () => {
  const blind = (name: string) => [
    withoutExec(name),
    without(name, { verb: "get", resource: "pods/log" }),
  ];
  const run = await practice({ patch: [...blind("east"), ...blind("west")] });

  assert.equal(await main(PEER, run.context), 3);

  assert.match(run.context.out.join(""), /applied, not proven/);
  assert.doesNotMatch(run.context.out.join(""), /trusted/);
});

Deno.test("peer meshes three clusters, and a fourth leaves them as they are", async () => {
  const run = await practice({ clusters: ["east", "west", "north", "south"] });
  assert.equal(await main(["peer", "east", "west", "north"], run.context), 0);
  const before = run.writes("east");

  assert.equal(await main(["peer", "east", "west", "north", "south"], run.context), 0);

  assert.equal(before, 2);
  assert.equal(run.writes("east"), 3);
  assert.equal(run.writes("south"), 3);
});

Deno.test("peer --topology hub joins spokes to the hub only", async () => {
  const run = await practice({ clusters: ["east", "west", "north"] });

  const line = ["peer", "east", "west", "north", "--topology", "hub=east"];
  assert.equal(await main(line, run.context), 0);

  assert.equal(run.writes("east"), 2);
  assert.equal(run.writes("west"), 1);
  assert.equal(run.writes("north"), 1);
});

Deno.test("peer --source api reaches no endpoint, and lets the servers prove it", async () => {
  const run = await practice();

  assert.equal(await main([...PEER, "--source", "api"], run.context), 0, run.context.err.join(""));

  assert.equal(run.fetches(), 0);
  assert.ok(holdsBundleOf(run, "east", "west"));
});

Deno.test("peer enables a missing endpoint after asking, and goes on to trust", async () => {
  const clusters = ["east", { name: "west", endpoint: false }];
  const refused = await practice({ clusters });
  const agreed = await practice({ clusters });

  assert.equal(await main(PEER, refused.context), 4);
  assert.equal(await main([...PEER, "--yes"], agreed.context), 0, agreed.context.err.join(""));

  assert.equal(refused.writes(), 0);
  assert.match(refused.context.err.join(""), /cannot be undone/);
  assert.ok(holdsBundleOf(agreed, "east", "west"));
});

Deno.test("peer --static merges into federatesWith and loses nobody", async () => {
  const run = await practice({
    clusters: ["east", "west", "north"],
    patch: staticPeer("east", "north"),
  });

  const line = [...PEER, "--static", "--yes"];
  assert.equal(await main(line, run.context), 0, run.context.err.join(""));
  const writes = run.writes();
  assert.equal(await main(line, run.context), 0, run.context.err.join(""));

  const server = objectIn(run, "east", "spireservers", "cluster") as unknown as {
    spec: { federation: { federatesWith: { trustDomain: string }[] } };
  };
  assert.deepEqual(
    server.spec.federation.federatesWith.map(({ trustDomain }) => trustDomain),
    ["apps.north.example", "apps.west.example"],
  );
  assert.equal(run.writes(), writes);
});

Deno.test("peer warns that a static entry sends the server elsewhere", async () => {
  const run = await practice({ patch: staticPeer("east", "west", "https://elsewhere.example") });

  assert.equal(await main(PEER, run.context), 3);

  assert.match(
    run.context.err.join(""),
    /federatesWith sends apps.west.example to https:\/\/elsewhere/,
  );
  assert.match(run.context.out.join(""), /west → east +trusted/);
});

Deno.test("peer heals a relationship whose bundle was never stored", async () => {
  const run = await practice({
    patch: [federated("east", "west"), storing("east", "apps.west.example", undefined)],
  });

  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));

  assert.ok(holdsBundleOf(run, "east", "west"));
});

Deno.test("peer --skip goes on without a cluster, and says so", async () => {
  const run = await practice({
    clusters: ["east", "west", "north"],
    faults: [{ cluster: "north", verb: "*", reset: true }],
  });

  assert.equal(await main(["peer", "east", "west", "north", "--skip", "north"], run.context), 0);

  assert.match(run.context.out.join(""), /north.*left out by --skip/s);
});
