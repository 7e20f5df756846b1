/** Trust that must not come about by itself: impostors, and peers that began anew. */
import assert from "node:assert/strict";
import { writesDuring } from "./audit.ts";
import { authoritiesOf, openPair, ownBundle, refresh, storedAuthorities } from "./clusters.ts";
import type { KubernetesObject } from "./api.ts";
import { until } from "./process.ts";
import { spirefed } from "./program.ts";
import { withSkewedEndpoint } from "./skewed_endpoint.ts";
import { forgetAll, loseCa } from "./switches.ts";
import { OPERATOR_NAMESPACE as namespace } from "./topology.ts";

const [east, west] = await openPair();
const PEER = ["peer", "east", "west"] as const;

/** A route by which the router leads calls for west's endpoint to east's server. */
const DETOUR: KubernetesObject = {
  apiVersion: "route.openshift.io/v1",
  kind: "Route",
  metadata: { name: "detour", namespace },
  spec: {
    host: `federation.${west.site.trustDomain}`,
    to: { kind: "Service", name: "spire-server", weight: 100 },
    port: { targetPort: "federation" },
    tls: { termination: "passthrough" },
  },
};

async function fetchWest(): Promise<number> {
  const url = `https://federation.${west.site.trustDomain}`;
  const words = ["bundle", "fetch", url, "--trust-domain", west.site.trustDomain, "--bundle", "-"];
  return (await spirefed(words, { stdin: await ownBundle(west) })).code;
}

Deno.test("an endpoint that another cluster's server answers is refused, also under --yes", async () => {
  await forgetAll([east, west]);
  await east.api.apply(DETOUR);
  try {
    await until("the router to lead astray", async () => await fetchWest() === 4, 20);

    const written = await writesDuring(async () => {
      for (const words of [PEER, [...PEER, "--yes"]]) {
        const { code, stderr } = await spirefed(words);
        assert.equal(code, 4, stderr);
        assert.match(stderr, /\[west\].*federation\.apps\.west\.example/s);
      }
    });

    assert.deepEqual([...written.values()].flat().filter(({ dryRun }) => !dryRun), []);
    assert.equal(await storedAuthorities(east, west.site.trustDomain), undefined);
  } finally {
    await east.api.delete(DETOUR);
    await until("the router to lead right", async () => await fetchWest() === 0, 20);
  }
});

for (
  const [skewMs, said] of [[7_200_000, /its certificate begins at .*the clock here/], [
    -7_200_000,
    /its certificate ended at .*the clock here/,
  ]] as const
) {
  Deno.test(`an endpoint whose certificate was dated ${skewMs / 60_000} min off is refused`, async () => {
    await forgetAll([east, west]);
    await withSkewedEndpoint(west, east, skewMs, async () => {
      await until("the router to lead astray", async () => await fetchWest() === 4, 20);

      const written = await writesDuring(async () => {
        const { code, stderr } = await spirefed([...PEER, "--yes"]);
        assert.equal(code, 4, stderr);
        assert.match(stderr, /\[west\]/);
        assert.match(stderr, said);
      });

      assert.deepEqual([...written.values()].flat().filter(({ dryRun }) => !dryRun), []);
    });
    await until("the router to lead right", async () => await fetchWest() === 0, 20);
  });
}

Deno.test("a peer that lost its CA begins anew only with consent, and then on both sides", async () => {
  await forgetAll([east, west]);
  assert.equal((await spirefed(PEER)).code, 0);
  const old = authoritiesOf(await ownBundle(west));

  await loseCa(west);

  assert.match((await refresh(east, west.site.trustDomain)).stderr, /unknown authority/);
  const refused = await spirefed(PEER);
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, /SHA-256/);
  assert.deepEqual(await storedAuthorities(east, west.site.trustDomain), old);
  const mended = await spirefed([...PEER, "--yes"]);
  assert.equal(mended.code, 0, mended.stdout + mended.stderr);
  for (const [holder, peer] of [[east, west], [west, east]] as const) {
    assert.deepEqual(
      await storedAuthorities(holder, peer.site.trustDomain),
      authoritiesOf(await ownBundle(peer)),
    );
  }
  await forgetAll([east, west]);
});
