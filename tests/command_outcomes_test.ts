/** What each outcome of `peer` and `bundle fetch` looks like, and how the small commands fail. */
import assert from "node:assert/strict";
import { CATALOGUE } from "../commands/catalogue.ts";
import { main } from "../commands/main.ts";
import { SpirefedError } from "../lib/errors.ts";
import {
  declaredByHand,
  federated,
  insecureContext,
  without,
  withoutExec,
} from "./support/ailments.ts";
import { assertGolden } from "./support/golden.ts";
import { type Practice, practice, type PracticeOptions } from "./support/practice.ts";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly run: Practice;
}

async function said(args: readonly string[], options: PracticeOptions = {}): Promise<Said> {
  const run = await practice(options);
  const code = await main(args, run.context);
  return { code, out: run.context.out.join(""), err: run.context.err.join(""), run };
}

const NAMES = ["east", "west", "north"];
const PEER = ["peer", "east", "west"];

const blind = (name: string) => [
  withoutExec(name),
  without(name, { verb: "get", resource: "pods/log" }),
];

/** Golden, exit code, writes, command line and World. */
const OUTCOMES: readonly (readonly [string, number, number, readonly string[], PracticeOptions])[] =
  [
    ["peer_not_proven", 3, 2, PEER, { patch: [...blind("east"), ...blind("west")] }],
    ["peer_partial", 3, 2, PEER, {
      faults: [{ cluster: "west", verb: "apply", dryRun: false, status: 403, reason: "Forbidden" }],
    }],
    ["peer_needs_consent", 4, 0, PEER, {
      clusters: ["east", { name: "west", endpoint: false }],
    }],
    ["peer_preflight", 5, 0, PEER, { patch: insecureContext("west") }],
    ["peer_declared_otherwise", 5, 0, PEER, {
      patch: declaredByHand("east", "west", "federation-to-cluster2", {
        bundleEndpointURL: "https://old.example",
      }),
    }],
    ["peer_skip", 0, 2, ["peer", ...NAMES, "--skip", "north"], {
      clusters: NAMES,
      faults: [{ cluster: "north", verb: "*", reset: true }],
    }],
  ];

for (const [golden, expected, writes, args, options] of OUTCOMES) {
  Deno.test(`${args.join(" ")} tells ${golden} and exits ${expected}`, async () => {
    const { code, out, err, run } = await said(args, options);

    assert.equal(code, expected, err);
    assert.equal(run.writes(), writes);
    await assertGolden(`${golden}.txt`, `${withoutKeys(out)}--- stderr\n${withoutKeys(err)}`);
  });

  Deno.test(`${args.join(" ")} -o json answers ${expected} for ${golden}, too`, async () => {
    const { code, out } = await said([...args, "-o", "json"], options);

    assert.equal(code, expected);
    if (expected === 4 || expected === 5) return assert.equal(out, "");
    const { kind, edges } = JSON.parse(out);
    assert.equal(kind, "PeerResult");
    const proven = edges.filter(({ state }: { state: string }) => state === "trusted").length;
    assert.equal(proven, { peer_not_proven: 0, peer_partial: 1, peer_skip: 2 }[golden]);
  });
}

/** Keys are new in every run: their text gives way to a sign, and nothing else does. */
function withoutKeys(text: string): string {
  return text.replace(/"(?:[\w-]{22}|[\w-]{43}|[\w+/=]{300,}|[0-9a-f]{64})"/g, '"…"')
    .replace(/\b[0-9a-f]{64}\b/g, "…");
}

const FETCH = ["bundle", "fetch", "--context", "east"];

Deno.test("bundle fetch prints the document and nothing else, the same each time", async () => {
  const { code, out, err, run } = await said(FETCH);
  await main(FETCH, run.context);

  assert.deepEqual([code, err, run.writes()], [0, "", 0]);
  assert.equal(run.context.out[1], run.context.out[0]);
  await assertGolden("bundle_fetch.txt", withoutKeys(out));
});

Deno.test("bundle fetch -o json tells whose bundle it is, and where it came from", async () => {
  const { code, out } = await said([...FETCH, "-o", "json"]);

  assert.equal(code, 0);
  assert.match(JSON.parse(out).fingerprints[0], /^[0-9a-f]{64}$/);
  await assertGolden("bundle_fetch.json", withoutKeys(out));
});

Deno.test("bundle fetch of what cannot be read is exit code 5, of half a question 2", async () => {
  const down = { faults: [{ cluster: "east", verb: "fetch", reset: true }] } as const;
  const cases: readonly (readonly [number, readonly string[], PracticeOptions])[] = [
    [5, FETCH, down],
    [2, ["bundle", "fetch"], {}],
    [2, [...FETCH, "--trust-domain", "apps.east.example"], {}],
    [2, ["bundle", "fetch", "https://federation.apps.east.example"], {}],
  ];
  for (const [expected, args, options] of cases) {
    const { code, out, err } = await said(args, options);

    assert.deepEqual([code, out], [expected, ""], args.join(" "));
    assert.match(err, /^error: /m);
    if (expected === 2) assert.match(err, /^ {2}next: /m);
  }
});

Deno.test("version, completion and help answer without asking any cluster", async () => {
  const version = await said(["version", "-o", "json"]);
  const bash = await said(["completion", "bash"]);
  const { out, run } = await said(["help", "peer"]);

  const { apiVersion, kind, deno } = JSON.parse(version.out);
  assert.deepEqual([apiVersion, kind, deno], ["spirefed/v1", "Version", Deno.version.deno]);
  assert.equal(out, (await said(["peer", "--help"])).out); // docs/reference.md is its golden
  await assertGolden("completion.bash", bash.out);
  for (const { calls } of [version.run, bash.run, run]) assert.deepEqual(calls, []);
});

Deno.test("every command refuses a flag that it does not know: exit code 2, stdout empty", async () => {
  const others = CATALOGUE.map(({ spec }) => spec.path).filter(([word]) => word !== "help");
  for (const path of others) {
    const { code, out, err, run } = await said([...path, "--no-such-flag"]);

    assert.deepEqual([code, out, run.calls.length], [2, "", 0], path.join(" "));
    assert.match(err, /^error: Unknown flag --no-such-flag/);
    assert.match(err, new RegExp(`next: oc spirefed ${path.join(" ")} --help`));
  }
});

Deno.test("help, completion, version and sandbox refuse words they do not know", async () => {
  const lines = [
    ["help", "nonsense"],
    ["completion"],
    ["completion", "tcsh"],
    ["version", "x"],
    ["sandbox", "--clusters", "0"],
  ];
  for (const line of lines) {
    const { code, out, err } = await said(line);

    assert.deepEqual([code, out], [2, ""], line.join(" "));
    assert.match(err, /^error: /);
  }
});

Deno.test("--version is answered with the command that tells it", async () => {
  const run = await practice();

  assert.equal(await main(["--version"], run.context), 2);

  assert.match(run.context.err.join(""), /^ {2}next: oc spirefed version$/m);
});

Deno.test("--skip of a cluster that is not named is told, as it may be misspelled", async () => {
  for (const command of [["peer"], ["unpeer"], ["cleanup", "--only", "workloads"]]) {
    const run = await practice({ patch: federated("east", "west") });

    await main([...command, "east", "west", "--skip", "wset", "--dry-run"], run.context);

    assert.match(
      run.context.err.join(""),
      /^warning: --skip wset skips nothing: it is not among the clusters named$/m,
    );
  }
});

Deno.test("a failure that is the same for every cluster is told once", async () => {
  const { context } = await practice();
  const failing = {
    ...context,
    openCluster: () =>
      Promise.reject(new SpirefedError("usage", "Cannot read kubeconfig /nowhere")),
  };

  assert.equal(await main(["peer", "east", "west"], failing), 2);

  assert.equal(context.err.join(""), "error: Cannot read kubeconfig /nowhere\n");
});
