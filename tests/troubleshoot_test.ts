/** `troubleshoot`, as its users meet it: whole command lines over a practice World. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { CHECKS_BY_AREA } from "../lib/federation/checks/diagnose.ts";
import { POD_CHECKS } from "../lib/federation/checks/pod_checks.ts";
import {
  declaredByHand,
  federated,
  patched,
  replacedCa,
  routerDown,
  skewed,
  storing,
  without,
  withoutExec,
} from "./support/ailments.ts";
import { assertGolden } from "./support/golden.ts";
import { holdsBundleOf } from "./support/holding.ts";
import { practice, type WorldPatch } from "./support/practice.ts";

const WORDS = ["troubleshoot", "east", "west"];

Deno.test("troubleshoot finds nothing in a federation that works, and writes nothing", async () => {
  const run = await practice({ patch: federated("east", "west") });

  assert.equal(await main(WORDS, run.context), 0, run.context.out.join(""));

  assert.equal(run.writes(), 0);
  await assertGolden("troubleshoot.txt", run.context.out.join(""));
});

Deno.test("troubleshoot names the first cause first, and folds what follows from it", async () => {
  const run = await practice({ patch: [federated("east", "west"), routerDown("west")] });
  await run.tick(80_000);

  assert.equal(await main(WORDS, run.context), 3);

  await assertGolden("troubleshoot_dead_endpoint.txt", run.context.out.join(""));
});

Deno.test("troubleshoot -o json tells each finding, and which cause it waits for", async () => {
  const run = await practice({ patch: [federated("east", "west"), routerDown("west")] });

  assert.equal(await main([...WORDS, "-o", "json"], run.context), 3);

  const { kind, ok, items } = JSON.parse(run.context.out.join(""));
  assert.deepEqual([kind, ok], ["CheckReport", false]);
  assert.deepEqual([items[0].id, items[0].subject], ["endpoint/reachable", "west"]);
  const refresh = items.find(({ id, subject }: Record<string, string>) =>
    id === "federation/refresh" && subject === "east → west"
  );
  assert.deepEqual([refresh.status, refresh.because], ["skip", "west: endpoint/reachable"]);
});

Deno.test("troubleshoot --area tells of one area, and of the causes elsewhere", async () => {
  const run = await practice({ patch: [federated("east", "west"), routerDown("west")] });

  assert.equal(await main([...WORDS, "--area", "federation", "-o", "json"], run.context), 3);

  const { items } = JSON.parse(run.context.out.join(""));
  const federation = new Set(CHECKS_BY_AREA.federation.map(({ id }) => id));
  const others = items.filter(({ id }: { id: string }) => !federation.has(id));
  assert.deepEqual(others.map(({ id }: { id: string }) => id), ["endpoint/reachable"]);
});

Deno.test("troubleshoot -o junit marks what failed", async () => {
  const run = await practice({ patch: [federated("east", "west"), replacedCa("west")] });

  assert.equal(await main([...WORDS, "-o", "junit"], run.context), 3);

  assert.match(run.context.out.join(""), /name="federation\/bundle[^>]*>\s*<failure/);
});

Deno.test("troubleshoot --fail-on warn exits 6 for a warning alone", async () => {
  const run = await practice({
    patch: [federated("east", "west"), declaredByHand("east", "west", "zz")],
  });
  await run.tick(2_000);

  assert.equal(
    await main([...WORDS, "--fail-on", "warn"], run.context),
    6,
    run.context.out.join(""),
  );
});

Deno.test("troubleshoot says what it may not see instead of guessing", async () => {
  const run = await practice({
    patch: [
      federated("east", "west"),
      without("east", { verb: "*", resource: "pods/exec" }, { verb: "get", resource: "pods/log" }, {
        verb: "list",
        resource: "clusterspiffeids",
      }),
    ],
  });

  assert.equal(await main([...WORDS, "-o", "json"], run.context), 0, run.context.out.join(""));

  const { items } = JSON.parse(run.context.out.join(""));
  const skipped = items.filter(({ status, because }: Record<string, unknown>) =>
    status === "skip" && because === null
  ).map(({ id }: { id: string }) => id);
  assert.ok(skipped.includes("spiffeid/class"), skipped.join());
});

Deno.test("troubleshoot goes on with the others when a cluster is dead", async () => {
  const run = await practice({
    patch: [federated("east", "west"), skewed("east", 120_000)],
    faults: [{ cluster: "west", verb: "*", reset: true }],
  });

  assert.equal(await main([...WORDS, "-o", "json"], run.context), 3);

  const { items } = JSON.parse(run.context.out.join(""));
  const failed = items.filter(({ status }: { status: string }) => status === "fail")
    .map(({ subject, id }: Record<string, string>) => `${subject} ${id}`);
  assert.deepEqual(failed, ["west api/reachable", "east api/clock"]);
});

const STALE = [federated("east", "west"), replacedCa("west")];

Deno.test("troubleshoot --fix shows old and new, asks, mends, and finds nothing afterwards", async () => {
  const run = await practice({ patch: STALE, answers: ["yes"] });

  assert.equal(await main([...WORDS, "--fix"], run.context), 0, run.context.err.join(""));

  assert.match(
    run.context.err.join(""),
    /stored: SHA-256 .*\n.*new, named by its own API: SHA-256/,
  );
  assert.ok(holdsBundleOf(run, "east", "west"));
  assert.equal(await main(["status", "east", "west"], run.context), 0, run.context.out.join(""));
});

Deno.test("troubleshoot --fix does not take the last poll before it mended for the state after", async () => {
  const run = await practice({ patch: STALE });
  await run.tick(400_000);
  assert.equal(await main(WORDS, run.context), 3);
  assert.match(run.context.out.join(""), /✗ federation\/(bundle|refresh)/);

  assert.equal(await main([...WORDS, "--fix", "--yes"], run.context), 0, run.context.out.join(""));
});

Deno.test("troubleshoot --fix writes nothing without consent, and nothing the second time", async () => {
  const refused = await practice({ patch: STALE });
  const agreed = await practice({ patch: STALE });

  assert.equal(await main([...WORDS, "--fix"], refused.context), 4);
  assert.equal(refused.writes(), 0);
  assert.equal(await main([...WORDS, "--fix", "--yes"], agreed.context), 0);
  const writes = agreed.writes();
  assert.equal(await main([...WORDS, "--fix", "--yes"], agreed.context), 0);

  assert.equal(agreed.writes(), writes);
  assert.match(agreed.context.err.join(""), /nothing here that is safe to mend/);
});

Deno.test("troubleshoot --fix --dry-run shows the plan and writes nothing", async () => {
  const run = await practice({ patch: STALE });

  assert.equal(await main([...WORDS, "--fix", "--dry-run"], run.context), 3);

  assert.equal(run.writes(), 0);
  assert.match(run.context.err.join(""), /bundle set -id spiffe:\/\/apps\.west\.example/);
});

Deno.test("troubleshoot --fix stores a bundle that never was", async () => {
  const run = await practice({
    patch: [federated("east", "west"), storing("east", "apps.west.example", undefined)],
  });

  assert.equal(await main([...WORDS, "--fix"], run.context), 0, run.context.err.join(""));

  assert.ok(holdsBundleOf(run, "east", "west"));
});

Deno.test("troubleshoot --fix mends the class of our own object, and touches nobody else's", async () => {
  const ours = await practice();
  await main(["peer", "east", "west"], ours.context);
  const unclassed = cfdtOf("apps.west.example", { className: null });
  await unclassed(ours);
  await ours.tick(2_000);
  const theirs = await practice({
    patch: [
      declaredByHand("east", "west", "theirs", { className: "another" }),
      declaredByHand("west", "east", "back"),
    ],
  });
  await theirs.tick(2_000);

  assert.equal(await main([...WORDS, "--fix"], ours.context), 0, ours.context.err.join(""));
  assert.equal(await main([...WORDS, "--fix", "--yes"], theirs.context), 3);

  assert.equal(theirs.writes(), 0);
});

Deno.test("troubleshoot --fix without exec names the permission and writes nothing", async () => {
  const run = await practice({ patch: [...STALE, withoutExec("east")] });
  await run.tick(80_000);

  assert.equal(await main([...WORDS, "--fix", "--yes"], run.context), 5);

  assert.equal(run.writes(), 0);
  assert.match(run.context.err.join(""), /needs create pods\/exec/);
});

Deno.test("troubleshoot takes --yes and --dry-run only with --fix", async () => {
  const run = await practice();

  assert.equal(await main([...WORDS, "--yes"], run.context), 2);
});

function cfdtOf(name: string, spec: Record<string, unknown>): WorldPatch {
  const target = {
    kind: "ClusterFederatedTrustDomain",
    apiVersion: "spire.spiffe.io/v1alpha1",
    name,
  };
  return patched("east", target, { spec });
}

Deno.test("every check has a heading in docs/checks.md", async () => {
  const text = await Deno.readTextFile(new URL("../docs/checks.md", import.meta.url));
  const headings = new Set([...text.matchAll(/^### (\S+)$/gm)].map(([, id]) => id));

  for (const { id } of [...Object.values(CHECKS_BY_AREA).flat(), ...POD_CHECKS]) {
    assert.ok(headings.has(id), id);
  }
});
