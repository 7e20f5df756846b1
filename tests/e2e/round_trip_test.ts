/** From nothing to a federation and back, as a user goes, on real clusters. */
import assert from "node:assert/strict";
import type { Json } from "./api.ts";
import { onBareClusters } from "./bare.ts";
import { authoritiesOf, openPair, ownBundle, storedAuthorities } from "./clusters.ts";
import { assertEverything, everythingIn } from "./everything.ts";
import { spirefed } from "./program.ts";
import { watchWrites } from "./writes.ts";

const [east, west] = await openPair();
const PAIR = ["east", "west"];

Deno.test("preflight, install, peer, unpeer and cleanup leave two clusters as they were found", async () => {
  await onBareClusters([east, west], thereAndBack);
});

async function thereAndBack(): Promise<void> {
  const before = await Promise.all([east, west].map(everythingIn));
  let writes = 0;
  await using proxy = await watchWrites([east, west], () => void (writes += 1));
  /** Runs a command line that has to succeed, and answers its JSON and how much it wrote. */
  const go = async (...words: readonly string[]): Promise<{ said: Json; wrote: number }> => {
    writes = 0;
    const line = [...words, "-o", "json"];
    const { code, stdout, stderr } = await spirefed(line, { kubeconfig: proxy.kubeconfig });
    assert.equal(code, 0, `${words.join(" ")}: ${stderr}${stdout}`);
    return { said: JSON.parse(stdout), wrote: writes };
  };

  assert.equal((await go("preflight", ...PAIR)).wrote, 0);
  assert.equal((await go("install", ...PAIR, "--dry-run")).wrote, 0);
  const { said: installed } = await go("install", ...PAIR, "--yes");
  assert.deepEqual(
    installed.clusters.map(({ state, endpoint }: Json) => [state, endpoint]),
    PAIR.map((name) => ["ready", `https://federation.apps.${name}.example`]),
  );
  assert.equal((await go("install", ...PAIR)).wrote, 0);
  assert.equal((await go("preflight", ...PAIR)).wrote, 0);

  const { said: peered } = await go("peer", ...PAIR);
  assert.deepEqual(peered.edges.map(({ state }: Json) => state), ["trusted", "trusted"]);
  for (const [holder, peer] of [[east, west], [west, east]] as const) {
    const stored = await storedAuthorities(holder, peer.site.trustDomain);
    assert.deepEqual(stored, authoritiesOf(await ownBundle(peer)));
  }
  const { said: parted } = await go("unpeer", ...PAIR);
  assert.deepEqual(parted.edges.map(({ state }: Json) => state), ["gone", "gone"]);
  for (const [holder, peer] of [[east, west], [west, east]] as const) {
    assert.equal(await storedAuthorities(holder, peer.site.trustDomain), undefined);
  }

  const everything = ["cleanup", ...PAIR, "--all", "--crds"];
  assert.equal((await go(...everything, "--dry-run")).wrote, 0);
  const { said: cleaned } = await go(...everything, "--yes");
  assert.deepEqual(cleaned.items.filter(({ state }: Json) => state !== "gone"), []);
  assert.deepEqual(
    cleaned.leftovers.filter(({ object }: Json) => !object.startsWith("/run/spire")),
    [],
  );
  await Promise.all([east, west].map((one, at) => assertEverything(one, before[at])));
  assert.equal((await go(...everything)).wrote, 0);
}
