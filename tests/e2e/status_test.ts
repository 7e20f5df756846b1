/** `status`, `troubleshoot` and `gather` on real clusters: what is staged for real is named, and mended. */
import assert from "node:assert/strict";
import { pemOf } from "../../lib/endpoint/svid_authentication.ts";
import { readTar } from "../../lib/federation/gather/tar.ts";
import { KeyRing } from "../../sandbox/mint.ts";
import type { Json } from "./api.ts";
import {
  cfdtFor,
  forgetPeers,
  hasRelationship,
  openPair,
  ownBundle,
  SPIRE_SERVER,
  spireServer,
  storedAuthorities,
  trust,
  untilRolledOut,
} from "./clusters.ts";
import { until } from "./process.ts";
import { spirefed } from "./program.ts";
import { withRouterDown } from "./switches.ts";

const [east, west] = await openPair();
const CFDT = { apiVersion: "spire.spiffe.io/v1alpha1", kind: "ClusterFederatedTrustDomain" };
const WEST = west.site.trustDomain;

async function federate(): Promise<void> {
  await Promise.all([forgetPeers(east), forgetPeers(west)]);
  const { code, stderr } = await spirefed(["peer", "east", "west"]);
  assert.equal(code, 0, stderr);
}

/** The first cause, and all that was said. */
async function firstCause(): Promise<
  { readonly id: string; readonly subject: string; readonly all: string }
> {
  const { stdout, stderr } = await spirefed(["troubleshoot", "east", "west", "-o", "json"]);
  const items: readonly Json[] = stdout === "" ? [] : JSON.parse(stdout).items;
  const causes = items.filter(({ status }) => status === "fail" || status === "warn");
  const all = causes.map(({ id, subject, detail }) => `${subject}: ${id}: ${detail}`).join("\n");
  return { id: causes[0]?.id ?? "", subject: causes[0]?.subject ?? "", all: all || stderr };
}

async function assertNamed(ids: readonly string[]): Promise<void> {
  let seen = await firstCause();
  await until(`${ids.join(" or ")} to be named; named\n${seen.all}`, async () => {
    seen = await firstCause();
    return ids.includes(seen.id);
  }, 40).catch(() => {});
  assert.ok(ids.includes(seen.id), seen.all || "nothing was named");
  await record(seen.id);
}

/** Keeps what was seen, for the judges' own tests: `SPIREFED_E2E_RECORD` names the folder. */
async function record(name: string): Promise<void> {
  const folder = Deno.env.get("SPIREFED_E2E_RECORD");
  if (folder === undefined) return;
  const out = `${folder}/${name.replace("/", "_")}.tar.gz`;
  await Deno.remove(out).catch(() => {});
  await spirefed(["gather", "east", "west", "--out", out]);
}

async function assertHealthy(): Promise<void> {
  const { code, stdout } = await spirefed(["status", "east", "west", "--refresh"]);
  assert.equal(code, 0, stdout);
}

async function heal(): Promise<void> {
  const { code, stdout, stderr } = await spirefed([
    "troubleshoot",
    "east",
    "west",
    "--fix",
    "--yes",
  ]);
  assert.equal(code, 0, stdout + stderr);
  await assertHealthy();
}

Deno.test("status calls a real federation trusted, by its log and by a refresh", async () => {
  await federate();

  await assertHealthy();
  const { code, stdout } = await spirefed(["status", "east", "west", "-o", "json"]);

  const { ok, items, clusters }: Json = JSON.parse(stdout);
  assert.deepEqual([code, ok, items.length], [0, true, 2], stdout);
  assert.ok(items.every(({ lockOut }: Json) => lockOut.inSeconds > 0));
  assert.ok(clusters.every(({ authorities }: Json) => authorities[0].phase === "current"), stdout);
  const { id, all } = await firstCause();
  assert.equal(id, "", all);
  await record("well");
});

Deno.test("a wrong class is named", async () => {
  await Promise.all([forgetPeers(east), forgetPeers(west)]);
  await east.api.apply(cfdtFor(west, { bundle: await ownBundle(west), className: "another" }));
  await trust(west, east);

  await assertNamed(["cfdt/class"]);
});

Deno.test("a second object for one trust domain is named", async () => {
  await federate();
  await east.api.apply(cfdtFor(west, { name: "zz-second", bundle: await ownBundle(west) }));

  await assertNamed(["cfdt/unique"]);
});

Deno.test("trust one way only is named", async () => {
  await Promise.all([forgetPeers(east), forgetPeers(west)]);
  await trust(east, west);

  await assertNamed(["cfdt/declared"]);
  const { code, stdout } = await spirefed(["status", "east", "west"]);
  assert.equal(code, 3);
  assert.match(stdout, /✗ west → east/);
});

Deno.test("a stale bundle is named, and --fix heals it", async () => {
  await federate();
  const words = ["bundle", "set", "-id", `spiffe://${WEST}`, "-format", "spiffe"];
  assert.equal((await spireServer(east, words, await ownBundle(east))).code, 0);

  await assertNamed(["federation/bundle"]);
  await heal();
});

Deno.test("an edit of the URL that puts an old bundle back is named, and --fix heals it", async () => {
  await federate();
  const [object] = await east.api.list(CFDT.apiVersion, CFDT.kind);
  assert.ok(object);
  // The text of another authority, as if west's had rotated since; then another spelling of the URL.
  const stale = (await ownBundle(east)).trim();
  const { name, labels } = object.metadata;
  await east.api.apply({
    ...CFDT,
    metadata: { name, labels },
    spec: {
      ...object.spec as Json,
      trustDomainBundle: stale,
      bundleEndpointURL: `https://federation.${WEST}/`,
    },
  }, "oc-spirefed");

  await assertNamed(["federation/rolled-back", "federation/bundle"]);
  await heal();
});

Deno.test("a bundle that was never stored is named, and --fix stores it", async () => {
  await federate();
  const words = ["bundle", "delete", "-id", `spiffe://${WEST}`, "-mode", "dissociate"];
  assert.equal((await spireServer(east, words)).code, 0);

  await assertNamed(["federation/seeded"]);
  await heal();
  assert.ok(await storedAuthorities(east, WEST));
});

Deno.test("a static entry that leads elsewhere is named", async () => {
  await federate();
  const entry = {
    trustDomain: WEST,
    bundleEndpointUrl: `https://elsewhere.${WEST}`,
    bundleEndpointProfile: "https_spiffe",
    endpointSpiffeId: `spiffe://${WEST}/spire/server`,
  };
  await east.api.merge(SPIRE_SERVER, { spec: { federation: { federatesWith: [entry] } } });
  await untilRolledOut(east, (configuration) => configuration.includes("elsewhere"));

  await assertNamed(["federation/drift"]);
  await forgetPeers(east);
});

Deno.test("an identity that asks for a bundle that is not stored is named", async () => {
  await federate();
  await east.api.apply({
    apiVersion: CFDT.apiVersion,
    kind: "ClusterSPIFFEID",
    metadata: { name: "asks-too-early" },
    spec: {
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/early/{{ .PodMeta.Name }}",
      className: (cfdtFor(west).spec as Json).className,
      federatesWith: ["not-yet.example"],
      namespaceSelector: {},
    },
  });

  await assertNamed(["spiffeid/bundles", "spiffeid/entries", "spiffeid/selection"]);
  await forgetPeers(east);
});

Deno.test("an endpoint that moved away is named", async () => {
  await federate();
  const route = {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: {
      name: "spire-server-federation",
      namespace: "zero-trust-workload-identity-manager",
    },
  };
  const held = await west.api.get(route);
  await west.api.merge(route, { spec: { host: `gone.${WEST}` } });

  try {
    await assertNamed(["endpoint/reachable", "route/admitted", "cfdt/endpoint", "endpoint/answer"]);
  } finally {
    await west.api.merge(route, { spec: { host: held.spec.host } });
  }
  await until(
    "east to refresh again",
    async () => (await spirefed(["status", "east", "west", "--refresh"])).code === 0,
    60,
  );
});

Deno.test("a dead router is named, and nothing else is blamed for it", async () => {
  await federate();

  await withRouterDown(async () => {
    await assertNamed(["endpoint/reachable"]);
    const { code, stdout } = await spirefed(["status", "east", "west", "--refresh"]);
    assert.equal(code, 3, stdout);
  });

  await until(
    "east to refresh again",
    async () => (await spirefed(["status", "east", "west", "--refresh"])).code === 0,
    60,
  );
});

Deno.test("a stored bundle that has expired is named, and --fix heals it", async () => {
  await federate();
  const aMonthAgo = Date.now() - 30 * 24 * 3_600_000;
  const { der } = await new KeyRing().authority(WEST, aMonthAgo);
  const words = ["bundle", "set", "-id", `spiffe://${WEST}`, "-format", "pem"];
  const set = await spireServer(east, words, pemOf(der));
  assert.equal(set.code, 0, set.stderr);

  await assertNamed(["federation/expired"]);
  await heal();
});

Deno.test("gather's archive is judged offline as the clusters are", async () => {
  await federate();
  const folder = await Deno.makeTempDir();
  const out = `${folder}/case.tar.gz`;
  try {
    const { code, stdout, stderr } = await spirefed(["gather", "east", "west", "--out", out]);
    assert.equal(code, 0, stdout + stderr);
    const { mode } = await Deno.stat(out);
    assert.equal((mode ?? 0) & 0o777, 0o600);
    const packed = new Blob([await Deno.readFile(out)]).stream();
    const tar = packed.pipeThrough(new DecompressionStream("gzip"));
    const files = readTar(new Uint8Array(await new Response(tar).arrayBuffer()));
    assert.ok(files.has("index.html"));
    const offline = await spirefed(["status", "--from", out]);
    assert.equal(offline.code, 0, offline.stdout);
    const again = await spirefed(["gather", "east", "--out", out]);
    assert.equal(again.code, 5, again.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assert.ok(await hasRelationship(east, WEST));
});
