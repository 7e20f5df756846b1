import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../manifests/cluster_federated_trust_domain.ts";
import { CLUSTER_SPIFFE_IDS } from "../manifests/cluster_spiffe_id.ts";
import { servedBundle } from "../sandbox/network.ts";
import { answering } from "./support/ailments.ts";
import { readManifests } from "../manifests/yaml_reading.ts";
import { type Practice, practice, type PracticeOptions } from "./support/practice.ts";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function say({ context }: Practice, ...args: readonly string[]): Promise<Said> {
  const [out, err] = [context.out.length, context.err.length];
  const code = await main(args, context);
  return { code, out: context.out.slice(out).join(""), err: context.err.slice(err).join("") };
}

/** A practice, after one command line in it. */
async function said(
  args: readonly string[],
  options: PracticeOptions = {},
): Promise<Said & { readonly after: Practice }> {
  const after = await practice(options);
  return { ...await say(after, ...args), after };
}

function objectIn(text: string): unknown {
  const [found] = readManifests(new TextEncoder().encode(text), "stdout");
  return found?.object;
}

Deno.test("cfdt gen --context prints what makes others trust the cluster, and writes nothing", async () => {
  const { code, out, err, after } = await said(["cfdt", "gen", "--context", "east"]);

  assert.equal(code, 0, err);
  const { spec } = CLUSTER_FEDERATED_TRUST_DOMAINS.parse(objectIn(out));
  assert.equal(spec.trustDomain, "apps.east.example");
  assert.equal(spec.bundleEndpointURL, "https://federation.apps.east.example");
  assert.equal(
    spec.bundleEndpointProfile.endpointSPIFFEID,
    "spiffe://apps.east.example/spire/server",
  );
  assert.match(err, /^note: this bundle bootstraps until /m);
  assert.equal(after.writes(), 0);
  assert.equal(after.fetches("east"), 1);
});

Deno.test("cfdt gen --context prints the same bytes twice", async () => {
  const world = await practice();

  const first = await say(world, "cfdt", "gen", "--context", "east");
  const second = await say(world, "cfdt", "gen", "--context", "east");

  assert.equal(second.out, first.out);
});

Deno.test("cfdt gen --context prints the bytes that cfdt gen prints of the fetched bundle", async () => {
  const world = await practice();
  const fetched = await say(world, "bundle", "fetch", "--context", "east");
  const online = await say(world, "cfdt", "gen", "--context", "east");

  const offline = await said(
    ["cfdt", "gen", "--trust-domain", "apps.east.example", "--bundle", "-"],
    { files: { "-": fetched.out } },
  );

  assert.equal(offline.out, online.out);
});

Deno.test("cfdt gen --context refuses a cluster of another trust domain than expected: exit code 4", async () => {
  const { code, out, err } = await said([
    ...["cfdt", "gen", "--context", "east", "--trust-domain", "apps.west.example"],
  ]);

  assert.deepEqual([code, out], [4, ""]);
  assert.match(err, /\[east\] is in trust domain apps\.east\.example/);
});

Deno.test("cfdt gen --context of no such context prints nothing", async () => {
  const { code, out } = await said(["cfdt", "gen", "--context", "nowhere"]);

  assert.notEqual(code, 0);
  assert.equal(out, "");
});

Deno.test("spiffeid gen asks the context named for its trust domain, and says so", async () => {
  const { code, out, err } = await said([
    ...["spiffeid", "gen", "--name", "shop", "--pod-label", "app=shop"],
    ...["--federates-with", "west"],
  ]);

  assert.equal(code, 0, err);
  const { spec } = CLUSTER_SPIFFE_IDS.parse(objectIn(out));
  assert.deepEqual(spec.federatesWith, ["apps.west.example"]);
  assert.match(err, /^note: west is taken for the context, whose trust domain is apps\.west/);
});

Deno.test("what cannot be read is exit code 5, with the cluster's name and nothing on stdout", async () => {
  const gen = ["cfdt", "gen", "--context", "east"];
  const spiffeid = ["spiffeid", "gen", "--name", "shop", "--all-pods", "--federates-with", "east"];
  const cases: readonly (readonly [readonly string[], PracticeOptions])[] = [
    [gen, { faults: [{ cluster: "east", verb: "get", status: 403 }] }],
    [gen, { faults: [{ cluster: "east", verb: "fetch", reset: true }] }],
    [gen, { clusters: [{ name: "east", endpoint: false }] }],
    [spiffeid, { faults: [{ cluster: "east", verb: "get", status: 403 }] }],
  ];
  for (const [args, options] of cases) {
    const { code, out, err } = await said(args, options);

    assert.deepEqual([code, out], [5, ""], err);
    assert.match(err, /^error: \[east\] /m);
  }
});

const URL_OF_EAST = [
  "bundle",
  "fetch",
  "https://federation.apps.east.example",
  "--trust-domain",
  "apps.east.example",
];

async function rootOfEast(): Promise<string> {
  const { out } = await said(["bundle", "fetch", "--context", "east", "-o", "json"]);
  return (JSON.parse(out) as { readonly fingerprints: readonly string[] }).fingerprints[0] ?? "";
}

Deno.test("bundle fetch of a URL that nothing vouches for is refused", async () => {
  const { code, out, err } = await said(URL_OF_EAST);

  assert.equal(code, 4);
  assert.equal(out, "");
  assert.match(err, /Nothing vouches for .*--bundle FILE.*--expect-fingerprint/s);
});

Deno.test("bundle fetch lets an endpoint in under a root named by its SHA-256", async () => {
  const root = await rootOfEast();
  const { code, out, err } = await said([...URL_OF_EAST, "--expect-fingerprint", root]);

  assert.equal(code, 0, err);
  assert.match(out, /"keys"/);
});

Deno.test("bundle fetch takes a SHA-256 that a person types, and shows none before", async () => {
  const root = await rootOfEast();
  const typed = await said(URL_OF_EAST, { answers: [root.toUpperCase()] });
  const wrong = await said(URL_OF_EAST, { answers: ["0".repeat(64)] });
  const part = await said(URL_OF_EAST, { answers: [root.slice(0, 8)] });

  assert.equal(typed.code, 0, typed.err);
  assert.ok(!typed.after.context.questions.join("").includes(root));
  assert.equal(wrong.code, 4);
  assert.ok(!wrong.err.includes(root) && wrong.out === "", "theirs is not shown for copying");
  assert.equal(part.code, 2, "a part of a SHA-256 is none");
});

Deno.test("bundle fetch refuses an impostor that serves the root that was named", async () => {
  const root = await rootOfEast();
  const { code, out } = await said([...URL_OF_EAST, "--expect-fingerprint", root], {
    patch: async ({ mount, ...workshop }) => {
      const body = servedBundle(mount.cluster("east").spire);
      const { chain } = mount.cluster("west").spire;
      await answering("east", { chain, body })({ mount, ...workshop });
    },
  });

  assert.equal(code, 4);
  assert.equal(out, "");
});
