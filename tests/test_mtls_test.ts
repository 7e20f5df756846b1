/** `test-mtls`, by whole command lines over practice clusters with scripted pods. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { withAttempt, withPod } from "../lib/mtls/testing_facts.ts";
import { MANAGED_BY } from "../manifests/manifest.ts";
import { assertGolden } from "./support/golden.ts";
import { type Practice, practice, type PracticeOptions } from "./support/practice.ts";
import { leftIn, type Script, scripted } from "./support/scripted_probes.ts";

type Json = ReturnType<typeof JSON.parse>;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly practice: Practice;
}

async function run(
  words: readonly string[],
  { script, repeat, peered = true, ...options }: PracticeOptions & {
    readonly script?: Script;
    readonly repeat?: number;
    readonly peered?: boolean;
  } = {},
): Promise<Ran> {
  const one = await practice(options);
  if (peered) assert.equal(await main(["peer", "east", "west"], one.context), 0);
  one.context.out.length = 0;
  one.context.err.length = 0;
  one.calls.length = 0;
  const context = scripted(one, {
    ...(script === undefined ? {} : { script }),
    ...(repeat === undefined ? {} : { repeat }),
  });
  const code = await main([...words], context);
  return { code, out: one.context.out.join(""), err: one.context.err.join(""), practice: one };
}

/** The run's id is chance. */
function withoutRun(text: string): string {
  return text.replace(/spirefed-test-[0-9a-f]{8}/g, "spirefed-test-01234567");
}

Deno.test("test-mtls passes when both applications agree, and leaves nothing", async () => {
  const { code, out, err, practice } = await run(["test-mtls", "east", "west"]);

  assert.equal(code, 0, err + out);
  await assertGolden("test_mtls_passed.txt", withoutRun(err + out));
  assert.deepEqual(leftIn(practice), []);
});

Deno.test("test-mtls --both tests each direction, and repeats", async () => {
  const words = ["test-mtls", "east", "west", "--both", "--repeat", "20", "-o", "json"];
  const { code, out, practice } = await run(words, { repeat: 20 });

  const report: Json = JSON.parse(out);
  assert.equal(code, 0, out);
  assert.equal(report.kind, "MtlsReport");
  assert.deepEqual(
    report.directions.map(({ caller, server, passed }: Json) => [
      caller.cluster,
      server.cluster,
      passed,
    ]),
    [["west", "east", true], ["east", "west", true]],
  );
  const [{ server }] = report.directions;
  assert.match(server.spiffeId, /^spiffe:\/\/apps\.east\.example\/spirefed-test-\w{8}-1\/server$/);
  assert.equal(server.serial, "0a");
  assert.deepEqual(server.federatesWith, ["apps.west.example"]);
  assert.deepEqual(report.directions[0].furtherCalls, { made: 19, answered: 19 });
  assert.match(
    report.items.find(({ id }: Json) => id === "mtls/repeat").detail,
    /^19 of 19; handshake p50 10 ms, p95 19 ms/,
  );
  assert.deepEqual(leftIn(practice), []);
});

Deno.test("a control that got through is exit code 3, and louder than anything", async () => {
  const script: Script = (facts) => withAttempt(facts, "self-signed", { outcome: "answered" });
  const { code, out, err } = await run(["test-mtls", "east", "west"], { script });

  assert.equal(code, 3);
  await assertGolden("test_mtls_breach.txt", withoutRun(err + out));
});

Deno.test("without federation the side that lacks it is named, with the command that helps", async () => {
  const script: Script = (facts) => {
    const { pods } = facts;
    const records =
      pods.get("caller")?.records.map((record) =>
        record.event === "identity" ? { ...record, bundles: [] } : record
      ) ?? [];
    return withPod(facts, "caller", { records });
  };
  const { code, out } = await run(["test-mtls", "east", "west"], { script, peered: false });

  assert.equal(code, 3);
  assert.match(out, /\[west\] its SPIRE server stores no bundle of apps\.east\.example/);
  assert.match(out, /Next: oc spirefed peer west east/);
});

Deno.test("federatesWith is asked for only where the bundle is stored", async () => {
  const unpeered = await run(["test-mtls", "east", "west", "--keep"], { peered: false });
  const peered = await run(["test-mtls", "east", "west", "--keep"]);

  assert.deepEqual(federatesWith(unpeered.practice), [[], [], [], [], []]);
  const [west, east] = [["apps.west.example"], ["apps.east.example"]];
  assert.deepEqual(federatesWith(peered.practice), [west, east, east, east, []]);
  assert.ok(leftIn(peered.practice).includes("west Pod/unfederated"));
});

function federatesWith({ world }: Practice): readonly unknown[] {
  return [...world.clusters.values()].flatMap(({ objects }) =>
    [...objects.values()].flatMap(({ manifest }): Json[] =>
      manifest.kind === "ClusterSPIFFEID" ? [(manifest["spec"] as Json).federatesWith] : []
    )
  );
}

Deno.test("a pod that cannot start fails the test, and is removed", async () => {
  const waiting = { reason: "ImagePullBackOff", message: "unauthorized" };
  const script: Script = (facts) =>
    withPod(facts, "server", { phase: "Pending", records: [], waiting });
  const { code, out, practice } = await run(["test-mtls", "east", "west"], { script });

  assert.equal(code, 3);
  assert.match(out, /cannot get its image\s+registry\.redhat\.io\/ubi9\/nodejs/);
  assert.deepEqual(leftIn(practice), []);
});

Deno.test("what the servers refuse to create fails the test, and nothing of it stays", async () => {
  for (const nth of [1, 2, 5, 8, 11, 15]) {
    const faults = [{
      cluster: "*",
      verb: "create",
      nth,
      status: 403,
      reason: "Forbidden",
    }] as const;
    const { code, out, practice } = await run(["test-mtls", "east", "west"], { faults });

    assert.ok(code === 3 || nth > 7, `${nth}: ${code} ${out}`);
    assert.deepEqual(leftIn(practice), [], `call ${nth}`);
  }
});

Deno.test("a reply to a creation that is lost leaves nothing either", async () => {
  for (const nth of [1, 4, 7]) {
    const faults = [{ cluster: "west", verb: "create", nth, lostReply: true }] as const;
    const { code, practice } = await run(["test-mtls", "east", "west"], { faults });

    assert.equal(code, 3);
    assert.deepEqual(leftIn(practice), [], `call ${nth}`);
  }
});

Deno.test("interrupted at any creation, test-mtls takes everything away again: exit code 130", async () => {
  for (const after of [1, 3, 6, 9, 12, 15, 20, 26]) {
    const one = await practice();
    assert.equal(await main(["peer", "east", "west"], one.context), 0);
    const context = scripted(one, {
      script: (facts) => withPod(facts, "caller", { phase: "Running", records: [] }),
    });
    one.calls.length = 0;
    const working = main(["test-mtls", "east", "west"], context);
    const poll = async (): Promise<void> => {
      while (one.calls.filter(({ verb }) => verb === "create").length < Math.min(after, 15)) {
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      one.interrupt();
    };
    const [code] = await Promise.all([working, poll()]);

    assert.equal(code, 130, `after ${after}`);
    assert.deepEqual(leftIn(one), [], `after ${after}`);
  }
});

Deno.test("out of time, test-mtls says what it waited for, and leaves nothing: exit code 124", async () => {
  const one = await practice();
  assert.equal(await main(["peer", "east", "west"], one.context), 0);
  const context = scripted(one, {
    script: (facts) => withPod(facts, "caller", { phase: "Running", records: [] }),
  });
  const forever: Practice["context"]["sleep"] = (_milliseconds, signal) =>
    new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    });

  const words = ["test-mtls", "east", "west", "--timeout", "0.5s"];
  const code = await main(words, { ...context, sleep: forever });

  assert.equal(code, 124);
  const err = one.context.err.join("");
  assert.match(err, /the --timeout: it waited for west → east: the probes to start/);
  assert.match(err, /west → east: stopped while waiting for the probes to start; removing/);
  assert.match(err, /west → east: removed/);
  assert.deepEqual(leftIn(one), []);
});

Deno.test("of three clusters every pair is tested, in both directions where asked", async () => {
  const one = await practice({ clusters: ["east", "west", "north"] });
  assert.equal(await main(["peer", "east", "west", "north"], one.context), 0);
  const directions = async (words: readonly string[]): Promise<Json> => {
    one.context.out.length = 0;
    assert.equal(await main([...words, "-o", "json"], scripted(one)), 0);
    return JSON.parse(one.context.out.join("")).directions.map(
      ({ caller, server, passed }: Json) => [caller.cluster, server.cluster, passed],
    );
  };

  const words = ["test-mtls", "east", "west", "north"];
  assert.deepEqual(await directions(words), [
    ["west", "east", true],
    ["north", "east", true],
    ["north", "west", true],
  ]);
  assert.equal((await directions([...words, "--both"])).length, 6);
  assert.deepEqual(leftIn(one), []);
});

Deno.test("one direction of three that fails fails the test, and the others say that they passed", async () => {
  const one = await practice({ clusters: ["east", "west", "north"] });
  assert.equal(await main(["peer", "east", "west", "north"], one.context), 0);
  one.context.out.length = 0;
  const context = scripted(one, {
    script: (facts) =>
      facts.trial.server.cluster === "west"
        ? withAttempt(facts, "call", { outcome: "no-reply", code: "net/reset" })
        : facts,
  });

  assert.equal(await main(["test-mtls", "east", "west", "north"], context), 3);
  const out = one.context.out.join("");
  assert.match(out, /west → east: passed\nnorth → east: passed\nnorth → west: failed\n/);
});

Deno.test("what cannot be removed is said, and costs neither the verdict nor the other side's cleaning", async () => {
  const faults = [1, 2].map((nth) => ({
    cluster: "east",
    verb: "delete",
    nth,
    status: 503,
    reason: "ServiceUnavailable",
  } as const));
  const { code, out, err, practice } = await run(["test-mtls", "east", "west"], { faults });

  assert.equal(code, 0);
  assert.match(out, /west → east: passed/);
  assert.match(err, /warning: \[east\] not removed: .*test-mtls --cleanup east/);
  assert.deepEqual(leftIn(practice).filter((name) => name.startsWith("west")), []);
});

Deno.test("an image by digest is taken as it is given", async () => {
  const image = `registry.example:5000/mirror/node@sha256:${"0a".repeat(32)}`;
  const printed = await run(["test-mtls", "--print-images", "--image", image], { peered: false });
  const { practice } = await run(["test-mtls", "east", "west", "--keep", "--image", image]);

  assert.equal(printed.out, `${image}\n`);
  const images = [...practice.world.clusters.values()].flatMap(({ objects }) =>
    [...objects.values()].flatMap(({ manifest }): Json[] =>
      manifest.kind === "Pod" && manifest.metadata.namespace?.startsWith("spirefed-test-")
        ? (manifest["spec"] as Json).containers.map(({ image }: Json) => image)
        : []
    )
  );
  assert.deepEqual(images, Array(4).fill(image));
});

Deno.test("two runs at once do not collide, and neither removes the other's", async () => {
  const one = await practice();
  assert.equal(await main(["peer", "east", "west"], one.context), 0);
  const [first, second] = await Promise.all([
    main(["test-mtls", "east", "west"], scripted(one)),
    main(["test-mtls", "east", "west", "--keep"], scripted(one)),
  ]);

  assert.deepEqual([first, second], [0, 0]);
  const runs = new Set(leftIn(one).filter((name) => name.includes("Namespace/")));
  assert.equal(runs.size, 2, "one namespace in each cluster: those that were to be kept");
});

Deno.test("--cleanup sweeps what is older than an hour, and nothing else", async () => {
  const { practice } = await run(["test-mtls", "east", "west", "--keep"]);
  const foreign = { name: "somebody-elses", labels: MANAGED_BY };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: foreign };
  await practice.cluster("east").create(namespace);
  const { context } = practice;

  context.out.length = 0;
  assert.equal(await main(["test-mtls", "--cleanup", "east", "west"], context), 0);
  assert.match(context.out.join(""), /^Nothing is left/);
  assert.ok(leftIn(practice).length > 0);
  await practice.tick(3_601_000);
  context.out.length = 0;
  assert.equal(await main(["test-mtls", "--cleanup", "east", "west"], context), 0);

  assert.match(context.out.join(""), /east {2}Namespace\/spirefed-test-\w{8}-1 removed/);
  assert.deepEqual(
    leftIn(practice).filter((name) => /Namespace|ClusterSPIFFEID/.test(name)),
    [],
  );
  const { objects } = practice.mount.cluster("east");
  assert.ok([...objects.keys()].some((key) => key.endsWith("/somebody-elses")));
});

Deno.test("test-mtls --dry-run shows the plan and makes nothing", async () => {
  const { code, out, err, practice } = await run(["test-mtls", "east", "west", "--dry-run"]);

  assert.equal(code, 0);
  assert.match(err, /Pod\/unfederated/);
  assert.match(out, /nothing was made/);
  assert.equal(practice.writes(), 0);
  assert.ok(practice.dryRuns() > 0);
});

Deno.test("a permission that is missing is named before anything is made: exit code 5", async () => {
  const patch: PracticeOptions["patch"] = ({ mount }) => {
    const east = mount.cluster("east");
    const denied = [{ verb: "create", resource: "pods" }];
    mount.world = {
      ...mount.world,
      clusters: new Map(mount.world.clusters).set("east", { ...east, denied }),
    };
  };
  const { code, err, practice } = await run(["test-mtls", "east", "west"], { patch });

  assert.equal(code, 5);
  assert.match(err, /\[east\] needs create pods/);
  assert.equal(practice.writes(), 0);
});

Deno.test("one name, the same name twice and no cluster to clean are usage errors: exit code 2", async () => {
  for (
    const words of [["east"], ["east", "east"], ["--cleanup"], ["east", "west", "--repeat", "0"]]
  ) {
    assert.equal((await run(["test-mtls", ...words], { peered: false })).code, 2);
  }
});

Deno.test("test-mtls --print-images needs no cluster, and -o junit is one document", async () => {
  const images = await run(["test-mtls", "--print-images"], { peered: false });
  const junit = await run(["test-mtls", "east", "west", "-o", "junit"]);

  assert.equal(images.out, "registry.redhat.io/ubi9/nodejs-22-minimal:latest\n");
  assert.match(junit.out, /^<\?xml[^]*<testsuite name="west → east" tests="15" failures="0"/);
});
