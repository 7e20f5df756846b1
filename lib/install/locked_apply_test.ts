import assert from "node:assert/strict";
import type { Manifest } from "../../manifests/manifest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { applyLocked } from "./locked_apply.ts";

const SEEN = { logLevel: "info" };
const STEP = {
  manifest: {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind: "SpireAgent",
    metadata: { name: "cluster", resourceVersion: "1" },
    spec: { logLevel: "debug" },
  },
  force: true,
  seen: SEEN,
} as const;

/** What is written to an object that is at version 7 with this spec, and answers 409 to all others. */
async function written(spec: unknown, step = STEP): Promise<readonly Manifest[]> {
  const found: Manifest[] = [];
  const cluster = {
    apply: (manifest: Manifest) => {
      if (manifest.metadata.resourceVersion === "7") return Promise.resolve(found.push(manifest));
      return Promise.reject(new SpirefedError("preflight", "modified", { code: "http/409" }));
    },
  } as unknown as Cluster;
  const look = (): Promise<Manifest> =>
    Promise.resolve(
      { ...step.manifest, metadata: { name: "cluster", resourceVersion: "7" }, spec } as Manifest,
    );
  await applyLocked(cluster, step, { dryRun: false, look });
  return found;
}

Deno.test("a newer version with the same spec is locked instead", async () => {
  const [manifest] = await written(SEEN);

  assert.equal(manifest?.metadata.resourceVersion, "7");
  assert.deepEqual(manifest?.["spec"], { logLevel: "debug" });
});

Deno.test("a spec that somebody has changed meanwhile is not written over, not even by force", async () => {
  await assert.rejects(written({ logLevel: "warn" }), { code: "http/409" });
});

Deno.test("a conflict of fields at the version that was looked at is told, and not tried again", async () => {
  let tries = 0;
  const cluster = {
    apply: () => {
      tries++;
      return Promise.reject(new SpirefedError("preflight", "conflict", { code: "http/409" }));
    },
  } as unknown as Cluster;
  const look = (): Promise<Manifest> => Promise.resolve({ ...STEP.manifest, spec: SEEN });

  await assert.rejects(applyLocked(cluster, STEP, { dryRun: false, look }), { code: "http/409" });

  assert.equal(tries, 1);
});
