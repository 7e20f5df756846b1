import assert from "node:assert/strict";
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { SpireServerStep } from "./plan.ts";
import { patchSpireServer } from "./spire_server.ts";

const NORTH = {
  trustDomain: "north.example",
  bundleEndpointUrl: "https://north.example",
  bundleEndpointProfile: "https_spiffe",
};
const WEST = { ...NORTH, trustDomain: "west.example" };
const LISTING: SpireServerStep = {
  action: "patch",
  cluster: "east",
  federatesWith: [NORTH, WEST],
  held: [NORTH],
  resourceVersion: "1",
  why: "",
  asks: [],
};
const { federatesWith: _, ...ENABLING } = { ...LISTING, held: [] };

/** A cluster whose SpireServer is at version 7, and answers 409 to all others. */
function at7(federation: unknown): { cluster: Cluster; written: unknown[] } {
  const written: unknown[] = [];
  const cluster = {
    get: () => Promise.resolve({ metadata: { resourceVersion: "7" }, spec: { federation } }),
    patch: (_target: unknown, { body }: { body: { metadata?: { resourceVersion: string } } }) => {
      if (body.metadata?.resourceVersion === "7") return void written.push(body);
      throw new SpirefedError("preflight", "modified", { code: "http/409" });
    },
  } as unknown as Cluster;
  return { cluster, written };
}

Deno.test("a newer version in which the list is as planned is locked instead", async () => {
  const { cluster, written } = at7({ federatesWith: [NORTH] });

  await patchSpireServer(LISTING, cluster, false);

  assert.deepEqual(written, [{
    metadata: { resourceVersion: "7" },
    spec: { federation: { federatesWith: [NORTH, WEST] } },
  }]);
});

Deno.test("a list that somebody has changed meanwhile is not written over", async () => {
  for (const federatesWith of [[], [NORTH, { ...NORTH, trustDomain: "south.example" }]]) {
    const { cluster, written } = at7({ federatesWith });

    await assert.rejects(patchSpireServer(LISTING, cluster, false), { code: "http/409" });

    assert.deepEqual(written, []);
  }
});

Deno.test("an endpoint that somebody has enabled meanwhile is not written over", async () => {
  const there = at7({ bundleEndpoint: { profile: "https_web" } });
  const not = at7(undefined);

  await assert.rejects(patchSpireServer(ENABLING, there.cluster, false), { code: "http/409" });
  await patchSpireServer(ENABLING, not.cluster, false);

  assert.deepEqual(there.written, []);
  assert.equal(not.written.length, 1);
});

Deno.test("an object that never stays the same is given up on", async () => {
  let tries = 0;
  const cluster = {
    get: () => Promise.resolve({ metadata: { resourceVersion: "7" }, spec: {} }),
    patch: () => {
      tries++;
      return Promise.reject(new SpirefedError("preflight", "modified", { code: "http/409" }));
    },
  } as unknown as Cluster;

  await assert.rejects(patchSpireServer(ENABLING, cluster, false), { code: "http/409" });

  assert.equal(tries, 5);
});
