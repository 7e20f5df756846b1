/** `test-mtls` where agents do not do their part, and of workloads that run already. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import { forgetPeers, openPair } from "./clusters.ts";
import { detailOf, failures, type Ran, testMtls } from "./mtls_runs.ts";
import { until } from "./process.ts";
import { spirefed } from "./program.ts";
import { withAgentsCutOff, withPaused } from "./switches.ts";
import {
  deployWorkload,
  keepSvidInFile,
  removeWorkload,
  workloadEntry,
  workloadId,
  workloadSvid,
} from "./workloads.ts";

const [east, west] = await openPair();

Deno.test("an agent that hangs, and one that has not synced, are told from what SPIRE holds", async () => {
  await clean();
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
  return await testMtls(["east", "west", "--existing", "app=caller", "-n", "app"]);
}

async function workloadPod(): Promise<string> {
  const { metadata }: Json = await until("the workload's pod", async () => {
    const pods: readonly Json[] = await east.api.list("v1", "Pod", "app");
    return pods.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  });
  return metadata.name;
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

async function clean(): Promise<void> {
  await Promise.all([east, west].map(forgetPeers));
}
