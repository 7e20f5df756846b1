import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { type FilesContext, filesContext, fixture } from "../commands/testing_files.ts";
import { assertGolden } from "./support/golden.ts";

const EAST = ["--trust-domain", "apps.east.example"];
const HOSTILE = "\u001b[2J\u202e\u0085\u2028x";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function say(args: readonly string[], context: FilesContext = filesContext()): Promise<Said> {
  const code = await main(args, context);
  return { code, out: context.said(), err: context.told() };
}

/** A bundle that holds a key ID and an unknown use which a terminal would act on. */
function hostileBundle(): string {
  const key = JSON.parse(fixture("east.json")).keys[2];
  const bundle = JSON.parse(fixture("east.json"));
  bundle.keys.push({ ...key, kid: HOSTILE }, { ...key, use: HOSTILE });
  return JSON.stringify(bundle);
}

const TEXTS: readonly (readonly [string, number, readonly string[]])[] = [
  ["bundle_verify.txt", 0, ["bundle", "verify", "east.json", ...EAST]],
  ["bundle_verify_hostile.txt", 0, ["bundle", "verify", "hostile", ...EAST]],
  ["bundle_verify_refused.txt", 2, ["bundle", "verify", "error", ...EAST]],
  ["bundle_verify_expired.txt", 2, [
    ...["bundle", "verify", "east.json", ...EAST],
    ...["--at", "2027-01-01T00:00:00Z"],
  ]],
  ["bundle_diff.txt", 0, ["bundle", "diff", "east.json", "east_rotated.json", ...EAST]],
  ["bundle_diff_same.txt", 0, ["bundle", "diff", "east.json", "east.json", ...EAST]],
  ["bundle_diff_rollback.txt", 4, ["bundle", "diff", "east_rotated.json", "east.json", ...EAST]],
  ["bundle_diff_disjoint.txt", 4, ["bundle", "diff", "east.json", "other", ...EAST]],
  ["bundle_diff_revoked.txt", 4, ["bundle", "diff", "east.json", "empty", ...EAST]],
  ["cfdt_gen.yaml", 0, ["cfdt", "gen", ...EAST, "--bundle", "east.json"]],
  ["cfdt_gen.json", 0, ["cfdt", "gen", ...EAST, "--bundle", "east.json", "-o", "json"]],
  ["cfdt_gen_on.yaml", 0, ["cfdt", "gen", "--trust-domain", "on", "--bundle", "east.json"]],
  ["cfdt_lint.txt", 0, ["cfdt", "lint", "-f", "sound"]],
  ["cfdt_lint_bad.txt", 2, ["cfdt", "lint", "-f", "sound", "-f", "bad"]],
  ["spiffeid_gen.yaml", 0, [
    ...["spiffeid", "gen", "--name", "shop", "--federates-with", "apps.west.example"],
    ...["--namespace-label", "kubernetes.io/metadata.name=shop", "--pod-label", "app=cart"],
  ]],
  ["svid_show.txt", 0, ["svid", "show", "east_cart.pem"]],
  ["svid_show_vouched.txt", 0, ["svid", "show", "east_cart.pem", "--bundle", "east.json", ...EAST]],
  ["svid_show_refused.txt", 3, [
    ...["svid", "show", "east_cart.pem", "--bundle", "west.json"],
    ...["--trust-domain", "apps.west.example", "--expect-id", "spiffe://apps.west.example/x"],
  ]],
];

const DOCUMENTS: typeof TEXTS = [
  ["bundle_verify.json", 0, ["bundle", "verify", "east.json", ...EAST, "-o", "json"]],
  ["bundle_diff.json", 0, [
    "bundle",
    "diff",
    "east.json",
    "east_rotated.json",
    ...EAST,
    "-o",
    "json",
  ]],
  ["cfdt_lint_bad.json", 2, ["cfdt", "lint", "-f", "sound", "-f", "bad", "-o", "json"]],
  ["spiffeid_gen.json", 0, [
    ...["spiffeid", "gen", "--name", "shop", "--federates-with", "apps.west.example"],
    ...["--pod-label", "app=cart", "-o", "json"],
  ]],
  ["svid_show_vouched.json", 0, [
    ...["svid", "show", "east_cart.pem", "--bundle", "east.json", ...EAST, "-o", "json"],
  ]],
  ["svid_show_refused.json", 3, [
    ...["svid", "show", "east_cart.pem", "--bundle", "west.json", "-o", "json"],
    ...["--trust-domain", "apps.west.example", "--expect-id", "spiffe://apps.west.example/x"],
  ]],
];

/** Those that have something to say on stderr. */
const TALKS: ReadonlySet<string> = new Set([
  "cfdt_gen.yaml",
  "cfdt_gen.json",
  "cfdt_gen_on.yaml",
  "cfdt_lint_bad.txt",
  "spiffeid_gen.yaml",
]);

const BAD = `apiVersion: spire.spiffe.io/v1alpha1
kind: ClusterFederatedTrustDomain
metadata:
  name: by-hand
spec:
  trustDomain: apps.east.example
  bundleEndpointUrl: https://federation.apps.east.example
  bundleEndpointProfile: https_spiffe
  trustDomainBundle: |
    -----BEGIN CERTIFICATE-----
---
apiVersion: spire.spiffe.io/v1alpha1
kind: ClusterFederatedTrustDomain
metadata:
  name: "\\e[2J\\u202E"
spec:
  trustDomain: on
  "\\e[2J": 1
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
`;

async function files(): Promise<Readonly<Record<string, string>>> {
  const { out } = await say(["cfdt", "gen", ...EAST, "--bundle", "east.json"]);
  return {
    sound: out,
    bad: BAD,
    hostile: hostileBundle(),
    error: '{"error": "not found"}',
    empty: '{"keys": [], "spiffe_sequence": 9}',
    other: fixture("west.json").replace('"spiffe_sequence": 1', '"spiffe_sequence": 9'),
  };
}

for (const [golden, code, args] of DOCUMENTS) {
  Deno.test(`${args.slice(0, 2).join(" ")} prints ${golden} for programs`, async () => {
    const said = await say(args, filesContext(await files()));

    assert.equal(said.code, code, said.err);
    await assertGolden(golden, said.out);
    assert.match(said.out, /^\{[\n -~]*\}\n$/);
  });
}

for (const [golden, code, args] of TEXTS) {
  Deno.test(`${args.slice(0, 2).join(" ")} prints ${golden} and exits ${code}`, async () => {
    const given = await files();

    const said = await say(args, filesContext(given));
    const again = await say(args, filesContext(given));

    assert.equal(said.code, code, said.err);
    assert.deepEqual(again, said);
    await assertGolden(golden, said.out);
    if (TALKS.has(golden)) await assertGolden(golden.replace(/\.\w+$/, ".stderr.txt"), said.err);
    else assert.equal(said.err, "");
  });
}

Deno.test("the pieces keep to 80 columns, but for the text of objects", async () => {
  const given = await files();
  for (const [golden, , args] of TEXTS.filter(([name]) => name.endsWith(".txt"))) {
    const { out } = await say(args, filesContext(given));

    const long = out.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(long, [], golden);
  }
});

Deno.test("the pieces print no character that a terminal acts on, in any format", async () => {
  const given = await files();
  for (const [golden, , args] of TEXTS) {
    for (const format of [[], ["-o", "json"]]) {
      const { out, err } = await say([...args, ...format], filesContext(given));

      const printed = (out + err).replaceAll("\n", "");
      assert.doesNotMatch(printed, /\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u, golden);
    }
  }
});

Deno.test("the pieces answer the same exit code whatever the format", async () => {
  const given = await files();
  for (const [golden, code, args] of TEXTS) {
    const said = await say([...args, "-o", "json"], filesContext(given));

    assert.equal(said.code, code, golden);
    assert.ok(JSON.parse(said.out).apiVersion, golden);
  }
});

Deno.test("bundle diff answers JSON with sequences as text", async () => {
  const { out } = await say([
    ...["bundle", "diff", "east.json", "east_rotated.json", ...EAST, "-o", "json"],
  ]);

  const { apiVersion, kind, sequence, change, advice } = JSON.parse(out);
  assert.deepEqual({ apiVersion, kind, sequence, change, advice }, {
    apiVersion: "spirefed/v1",
    kind: "BundleChange",
    sequence: { old: "7", new: "8" },
    change: "rotated",
    advice: "apply",
  });
});

Deno.test("bundle verify answers JSON with null for what is not known", async () => {
  const { out } = await say(
    ["bundle", "verify", "-", ...EAST, "-o", "json"],
    filesContext({ "-": '{"keys": 7}' }),
  );

  assert.deepEqual(JSON.parse(out), {
    apiVersion: "spirefed/v1",
    kind: "BundleVerdict",
    trustDomain: "apps.east.example",
    installs: false,
    refreshes: false,
    x509Authorities: [],
    jwtAuthorities: [],
    sequence: null,
    refreshHint: null,
    problems: [{
      severity: "error",
      code: "bundle/no-keys",
      message: '"keys" must be an array',
      path: "/keys",
    }],
  });
});

Deno.test("what cfdt gen prints passes cfdt lint in a pipe", async () => {
  const { out } = await say(["cfdt", "gen", ...EAST, "--bundle", "east.json"]);

  const { code } = await say(["cfdt", "lint", "-f", "-"], filesContext({ "-": out }));

  assert.equal(code, 0);
});

Deno.test("a file that cannot be read is exit code 2 and says nothing on stdout", async () => {
  const lines: readonly (readonly string[])[] = [
    ["bundle", "verify", "no-such-file", ...EAST],
    ["bundle", "diff", "no-such-file", "east.json", ...EAST],
    ["cfdt", "gen", ...EAST, "--bundle", "no-such-file"],
    ["cfdt", "lint", "-f", "no-such-file"],
    ["svid", "show", "no-such-file"],
  ];
  for (const args of lines) {
    const { code, out, err } = await say(args);

    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(err, /^error: no-such-file/);
  }
});
