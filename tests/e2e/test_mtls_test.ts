/** `test-mtls` in worlds that are whole, and in worlds that only look so. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import {
  cfdtFor,
  forgetPeers,
  openPair,
  spireServer,
  type TestCluster,
  trust,
} from "./clusters.ts";
import { imageReference } from "./images.ts";
import { meddled } from "./middlebox.ts";
import { spirefed } from "./program.ts";
import { derToPem } from "../../lib/spiffe/mod.ts";
import { root } from "../../lib/endpoint/testing_certificates.ts";
import { withAgentsCutOff, withPaused } from "./switches.ts";
import { hire, MINIMUM_FOR_PEER, type Rights } from "./people.ts";
import { say, until } from "./process.ts";
import {
  deployWorkload,
  keepSvidInFile,
  removeWorkload,
  workloadEntry,
  workloadId,
  workloadSvid,
} from "./workloads.ts";

const [east, west] = await openPair();

const IMAGE = ["--image", imageReference("node")];

interface Ran {
  readonly code: number;
  readonly report: Json;
  readonly stderr: string;
}

async function testMtls(
  words: readonly string[],
  options: { readonly kubeconfig?: string } = {},
): Promise<Ran> {
  const ran = await testMtlsBesideOthers(words, options);
  assert.deepEqual(await leftovers(), [], "something of the run is left");
  return ran;
}

async function testMtlsBesideOthers(
  words: readonly string[],
  options: { readonly kubeconfig?: string } = {},
): Promise<Ran> {
  const line = ["test-mtls", ...words, "--repeat", "20", "-o", "json"];
  const { code, stdout, stderr } = await spirefed([...line, ...IMAGE], options);
  assert.ok(stdout.startsWith("{"), stderr);
  return { code, report: JSON.parse(stdout), stderr };
}

/** What still runs of any run, and what nobody would take away any more. */
async function leftovers(): Promise<readonly string[]> {
  const found = await Promise.all([east, west].map(async ({ api, site }) => {
    const pods: readonly Json[] = await api.list("v1", "Pod");
    const ids: readonly Json[] = await api.list("spire.spiffe.io/v1alpha1", "ClusterSPIFFEID");
    const namespaces: readonly Json[] = await api.list("v1", "Namespace");
    return [...pods, ...ids, ...namespaces]
      .filter(({ metadata }) =>
        metadata.labels?.["spirefed/run"] !== undefined &&
        metadata.deletionTimestamp === undefined
      )
      .map(({ metadata }) => `${site.name} ${metadata.name}`);
  }));
  return found.flat();
}

function failures({ report }: Ran): readonly string[] {
  return report.items.flatMap(({ status, subject, id, detail }: Json) =>
    status === "fail" ? [`${subject} ${id}: ${detail}`] : []
  );
}

function detailOf({ report }: Ran, id: string): string {
  return report.items.find((item: Json) => item.id === id)?.detail ?? "";
}

/** Takes every trust between the two away. */
async function clean(): Promise<void> {
  await Promise.all([east, west].map(forgetPeers));
}

Deno.test("without federation no call is answered, and each side is named", async () => {
  await clean();

  const ran = await testMtls(["east", "west", "--both"]);

  assert.equal(ran.code, 3);
  assert.deepEqual(failures(ran).map((line) => line.slice(0, 66)), [
    "west → east mtls/bundles: [west] its SPIRE server stores no bundle",
    "east → west mtls/bundles: [east] its SPIRE server stores no bundle",
  ]);
  assert.ok(ran.report.directions.every(({ handshakeMs }: Json) => handshakeMs === null));
});

for (const [holder, peer] of [[east, west], [west, east]] as const) {
  Deno.test(`trust of ${holder.site.name} alone answers no call, either way`, async () => {
    await clean();
    await trust(holder, peer);

    const ran = await testMtls(["east", "west", "--both"]);

    assert.equal(ran.code, 3);
    const lacking = peer.site.name;
    assert.ok(failures(ran).every((line) => line.includes(`[${lacking}] its SPIRE server`)));
    assert.equal(failures(ran).length, 2, failures(ran).join("\n"));
  });
}

Deno.test("trust both ways: both directions pass within a minute, 20 calls each", async () => {
  await clean();
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);

  const started = performance.now();
  const ran = await testMtls(["east", "west", "--both"]);
  const seconds = (performance.now() - started) / 1000;

  assert.deepEqual(failures(ran), []);
  assert.equal(ran.code, 0);
  assert.ok(ran.report.directions.every(({ passed }: Json) => passed));
  assert.equal(ran.report.items.filter(({ id }: Json) => id.startsWith("control/")).length, 16);
  assert.match(detailOf(ran, "mtls/repeat"), /^19 of 19; handshake p50 /);
  assert.ok(seconds <= 60, `${seconds.toFixed(1)} s`);
  say(`  both directions, all controls, 20 calls each: ${seconds.toFixed(1)} s`);
  say(`  ${detailOf(ran, "mtls/repeat")}`);
});

Deno.test("a delay of 20 ms each way changes nothing but the latency", async () => {
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await meddled({ delayMs: 20 }, async () => {
    const ran = await testMtls(["east", "west"]);

    assert.deepEqual(failures(ran), []);
    assert.equal(ran.code, 0);
    assert.ok(ran.report.directions[0].roundTripMs >= 40);
    assert.match(detailOf(ran, "mtls/repeat"), /^19 of 19; handshake p50 /);
  });
});

Deno.test("a connection that is cut is no call, whoever cuts it", async () => {
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await meddled({ cut: true }, async () => {
    const ran = await testMtls(["east", "west"]);

    assert.equal(ran.code, 3);
    assert.match(
      failures(ran).join("\n"),
      /mtls\/call: \[west\] from a pod the connection was cut/,
    );
  });
});

Deno.test("a router that ends TLS and begins it anew is found out", async () => {
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await meddled({ reencrypt: true }, async () => {
    const ran = await testMtls(["east", "west"]);

    assert.equal(ran.code, 3);
    assert.match(
      failures(ran).join("\n"),
      /mtls\/call: \[west\] somebody else answers at the server's host: a certificate without SPIFFE ID/,
    );
  });
});

Deno.test("a stored bundle of other roots looks whole, and lets nobody through", async () => {
  const other = derToPem((await root(east.site.trustDomain)).der);
  await replaceStored(west, east, other);

  const ran = await testMtls(["east", "west"]);

  assert.equal(ran.code, 3);
  assert.match(
    failures(ran).join("\n"),
    /mtls\/call: \[west\] the caller turned the server away: authority\/unknown/,
  );
});

/** What a person needs for it, beyond the documented minimum for `peer`; no pods/exec. */
const MINIMUM: Rights = {
  cluster: [
    ...MINIMUM_FOR_PEER.cluster,
    ["", ["namespaces"], ["create", "delete"]],
    ["spire.spiffe.io", ["clusterspiffeids"], ["create", "get", "delete"]],
    ["", ["serviceaccounts", "configmaps", "services"], ["create"]],
    ["", ["pods"], ["create", "get", "delete"]],
    ["", ["pods/log"], ["get"]],
    ["route.openshift.io", ["routes"], ["create", "get"]],
  ],
  operator: MINIMUM_FOR_PEER.operator,
};

Deno.test("the documented rights are enough, also beside another's run at the same time", async () => {
  await clean();
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  const kubeconfig = await hire("tester", MINIMUM, [east, west]);

  const runs = await Promise.all([
    testMtlsBesideOthers(["east", "west"], { kubeconfig }),
    testMtlsBesideOthers(["east", "west"]),
  ]);

  for (const ran of runs) {
    assert.deepEqual(failures(ran), []);
    assert.equal(ran.code, 0);
    assert.match(detailOf(ran, "mtls/repeat"), /^19 of 19; /);
  }
  const namespaces = runs.map(({ report }) => report.directions[0].server.spiffeId);
  assert.notEqual(namespaces[0], namespaces[1]);
  assert.deepEqual(await leftovers(), [], "something of the runs is left");
});

Deno.test("an agent that hangs, and one that has not synced, are told from what SPIRE holds", async () => {
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await withPaused(east, "spire-agent", async () => {
    await withAgentsCutOff(west, async () => {
      assert.equal((await spirefed(["status", "east", "west"])).code, 0, "all looks well");

      const ran = await testMtls(["east", "west", "--both"]);

      assert.equal(ran.code, 3);
      assert.deepEqual(failures(ran).length, 2, failures(ran).join("\n"));
      assert.match(
        failures(ran)[0] ?? "",
        /west → east mtls\/identity: \[east\] server got no identity: the SPIRE agent of its node takes the question and does not answer/,
      );
      assert.match(
        failures(ran)[1] ?? "",
        /east → west mtls\/identity: \[west\] server got no identity: PermissionDenied, .*: the SPIRE server has the pod's entry, but its agent has not synced it/,
      );
    });
  });
});

for (const after of [4, 10]) {
  Deno.test(`interrupted after ${after} s, nothing of it stays`, async () => {
    const words = ["test-mtls", "east", "west", ...IMAGE];
    const { code, stderr } = await spirefed(words, { interruptAfterSeconds: after });

    assert.equal(code, 130, stderr);
    await until("everything to be gone", async () => (await leftovers()).length === 0, 5);
  });
}

Deno.test("a server that runs already is visited, and keeps nobody but a caller with its SVID", async () => {
  await clean();
  assert.equal((await spirefed(["peer", "east", "west"])).code, 0);
  await deployWorkload(east, west);
  await east.api.apply(workloadEntry([west.site.trustDomain]));
  await untilShown(`receives the bundles of ${west.site.trustDomain}`);
  await until("its SVID", async () => (await workloadSvid(east)).code === 0, 40);

  const file = await keepSvidInFile(east);
  const place = ["--context", "east", "-n", "app", await workloadPod()];
  const shown = await spirefed(["svid", "show", ...place, "--file", file]);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /both\.pem in the pod holds\nspiffe:.*\nthe bundle of .* vouches/);

  const ran = await visitWorkload();

  assert.deepEqual(failures(ran), [], ran.stderr);
  assert.equal(ran.code, 0);
  const [{ server, existing }] = ran.report.directions;
  assert.deepEqual([server.spiffeId, existing.letIn], [workloadId(east), true]);
  assert.match(
    detailOf(ran, "existing/way"),
    /^Route app\/caller, caller\.apps\.east\.example:443$/,
  );
  for (const control of ["no-certificate", "self-signed"]) {
    assert.match(detailOf(ran, `control/${control}`), /^refused by the server: /);
  }
});

Deno.test("a server that receives no bundle of the caller's lets it go, and both is said", async () => {
  await east.api.apply(workloadEntry([]));
  await untilShown("receives no other trust domain's bundle");
  await until("its agent to hear of it", async () => {
    const { code, stdout } = await workloadSvid(east);
    return code === 0 && !stdout.includes(west.site.trustDomain);
  }, 40);

  const ran = await visitWorkload();

  assert.equal(ran.code, 3);
  assert.match(
    failures(ran).join("\n"),
    /existing\/federates: \[east\] the entry of app\/caller-\S+ does not federate with apps\.west\.example/,
  );
  assert.match(
    failures(ran).join("\n"),
    /existing\/let-in: \[east\] the server ended the connection once it had the caller's certificate/,
  );
  assert.equal(ran.report.directions[0].server.spiffeId, workloadId(east));
  await removeWorkload(east);
});

async function visitWorkload(): Promise<Ran> {
  const words = ["test-mtls", "east", "west", "--existing", "app=caller", "-n", "app"];
  const { code, stdout, stderr } = await spirefed([...words, ...IMAGE, "-o", "json"]);
  assert.ok(stdout.startsWith("{"), stderr);
  assert.deepEqual(await leftovers(), [], "something of the run is left");
  return { code, report: JSON.parse(stdout), stderr };
}

async function workloadPod(): Promise<string> {
  const pods: readonly Json[] = await east.api.list("v1", "Pod", "app");
  return pods[0].metadata.name;
}

/** Waits until `svid show` says so of east's workload. */
async function untilShown(sentence: string): Promise<void> {
  const pod = await workloadPod();
  await until("its entry", async () => {
    const place = ["--context", "east", "-n", "app", pod];
    const { code, stdout } = await spirefed(["svid", "show", ...place]);
    return code === 0 && stdout.includes(`  ${workloadId(east)}\n`) && stdout.includes(sentence);
  }, 40);
}

/** Stops the polling as well, which would put the right one back. */
async function replaceStored(
  holder: TestCluster,
  peer: TestCluster,
  pem: string,
): Promise<void> {
  const { trustDomain } = peer.site;
  const url = "https://nowhere.invalid";
  await clean();
  await trust(peer, holder);
  await holder.api.apply(cfdtFor(peer, { url }));
  await until("the relationship", async () => {
    const { code } = await spireServer(holder, ["federation", "show", "-trustDomain", trustDomain]);
    return code === 0;
  }, 30);
  const set = ["bundle", "set", "-id", `spiffe://${trustDomain}`, "-format", "pem"];
  const { code, stderr } = await spireServer(holder, set, pem);
  assert.equal(code, 0, stderr);
}
