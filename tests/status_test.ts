/** `status`, as its users meet it: whole command lines over a practice World. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import {
  answering,
  change,
  declaredByHand,
  federated,
  replacedCa,
  rotating,
  routerDown,
  skewed,
  staticPeer,
  storing,
  without,
  withoutExec,
  withoutKind,
} from "./support/ailments.ts";
import { assertGolden } from "./support/golden.ts";
import { practice, type PracticeOptions } from "./support/practice.ts";

interface Item {
  readonly from: string;
  readonly to: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly next: string | null;
  readonly conditions: readonly { type: string; status: string; evidence: string }[];
  readonly lockOut: { inSeconds: number } | null;
}

async function statusOf(
  options: PracticeOptions,
  ...words: readonly string[]
): Promise<
  {
    code: number;
    report: {
      ok: boolean;
      items: Item[];
      clusters: unknown[];
      warnings: { code: string; subject: string }[];
    };
    err: string;
  }
> {
  const run = await practice(options);
  const code = await main(["status", "east", "west", "-o", "json", ...words], run.context);
  return { code, report: JSON.parse(run.context.out.join("")), err: run.context.err.join("") };
}

function conditionOf(items: readonly Item[], direction: string, type: string): string {
  const item = items.find(({ from, to }) => `${from} → ${to}` === direction);
  return item?.conditions.find((condition) => condition.type === type)?.status ?? "absent";
}

/** What differs from run to run: keys are made anew. */
function steady(text: string): string {
  return text.replace(/SHA-256 [0-9a-f]{16}/g, "SHA-256 0123456789abcdef")
    .replace(/SKI [0-9a-f]{8}/g, "SKI 01234567");
}

Deno.test("status says trusted for both directions of a federation that works", async () => {
  const run = await practice({ patch: federated("east", "west") });

  assert.equal(await main(["status", "east", "west"], run.context), 0, run.context.err.join(""));

  assert.equal(run.writes(), 0);
  await assertGolden("status.txt", steady(run.context.out.join("")));
});

Deno.test("verify is another name of status", async () => {
  const run = await practice({ patch: federated("east", "west") });

  assert.equal(await main(["verify", "east", "west"], run.context), 0);

  assert.match(run.context.out.join(""), /2 directions: 2 trusted/);
});

Deno.test("status without contexts looks at all that run the operator, each cluster once", async () => {
  const run = await practice({
    clusters: ["east", "west", "plain"],
    contexts: { "east-again": "east" },
    patch: [federated("east", "west"), withoutKind("plain", "zerotrustworkloadidentitymanagers")],
  });

  assert.equal(await main(["status", "-o", "json"], run.context), 0, run.context.out.join(""));

  const { clusters } = JSON.parse(run.context.out.join(""));
  assert.deepEqual(clusters.map(({ name }: { name: string }) => name), ["east", "west"]);
  assert.match(run.context.err.join(""), /east-again and east are contexts of one cluster/);
});

Deno.test("status of clusters that nobody peered is no failure, and names peer", async () => {
  const run = await practice();

  assert.equal(await main(["status", "east", "west"], run.context), 0);

  assert.match(
    run.context.out.join(""),
    /no trust between them yet\nNext: oc spirefed peer east west/,
  );
});

Deno.test("status calls trust in one direction only a failure", async () => {
  const { code, report } = await statusOf({ patch: declaredByHand("east", "west") });

  assert.equal(code, 3);
  const back = report.items.find(({ from }) => from === "west");
  assert.equal(back?.verdict, "missing");
  assert.match(back?.next ?? "", /oc spirefed peer west east/);
  assert.equal(conditionOf(report.items, "east → west", "Symmetric"), "False");
});

Deno.test("status names a class that the controller does not mind", async () => {
  const { code, report } = await statusOf({
    patch: [
      declaredByHand("east", "west", "federation-to-west", { className: "another" }),
      declaredByHand("west", "east", "federation-to-east"),
    ],
  });

  assert.equal(code, 3);
  const item = report.items.find(({ from }) => from === "east");
  assert.match(item?.reason ?? "", /is of class another/);
  assert.equal(conditionOf(report.items, "east → west", "Declared"), "False");
});

Deno.test("status sees that a peer's CA was replaced behind the holder's back", async () => {
  const { code, report } = await statusOf({
    patch: [federated("east", "west"), replacedCa("west")],
  });

  assert.equal(code, 3);
  assert.equal(conditionOf(report.items, "east → west", "Fresh"), "False");
  assert.equal(conditionOf(report.items, "west → east", "Fresh"), "True");
  assert.match(report.items[0]?.next ?? "", /troubleshoot east west --fix/);
});

Deno.test("status takes a rotation in progress for healthy", async () => {
  const { code, report } = await statusOf({
    patch: [federated("east", "west"), rotating("west", "prepare")],
  });

  assert.equal(code, 0, JSON.stringify(report.items));
  assert.equal(conditionOf(report.items, "east → west", "Fresh"), "True");
});

Deno.test("status sees that a server polls another place than is declared", async () => {
  const { code, report } = await statusOf({
    patch: [federated("east", "west"), staticPeer("east", "west", "https://old.apps.west.example")],
  });

  assert.equal(code, 3);
  const managed = report.items[0]?.conditions.find(({ type }) => type === "Managed");
  assert.equal(managed?.status, "False");
  assert.match(managed?.evidence ?? "", /polls https:\/\/old\.apps\.west\.example/);
});

Deno.test("status sees a bundle that was never stored", async () => {
  const { code, report } = await statusOf({
    patch: [federated("east", "west"), storing("east", "apps.west.example", undefined)],
  });

  assert.equal(code, 3);
  assert.equal(conditionOf(report.items, "east → west", "Bootstrapped"), "False");
});

Deno.test("status proves by the log where exec is not allowed, and by nothing where nothing is", async () => {
  const noExec = [withoutExec("east"), withoutExec("west")];
  const noLogs = ["east", "west"].map((name) =>
    without(name, { verb: "get", resource: "pods/log" })
  );

  const byLog = await statusOf({ patch: [federated("east", "west"), ...noExec] });
  const blind = await statusOf({ patch: [federated("east", "west"), ...noExec, ...noLogs] });

  assert.equal(byLog.code, 0, JSON.stringify(byLog.report.items));
  assert.equal(blind.code, 3);
  assert.deepEqual(blind.report.items.map(({ verdict }) => verdict), ["unproven", "unproven"]);
});

Deno.test("status --refresh asks the servers, and believes their refusal", async () => {
  const { code, report } = await statusOf({
    patch: [federated("east", "west"), routerDown("west")],
  }, "--refresh");

  assert.equal(code, 3);
  assert.match(report.items[0]?.reason ?? "", /refresh fails: .*connection refused/);
  assert.equal(report.items[1]?.verdict, "trusted");
});

Deno.test("status forecasts when a dead endpoint locks its peer out", async () => {
  const { report } = await statusOf({ patch: federated("east", "west") });

  const seconds = report.items[0]?.lockOut?.inSeconds ?? 0;
  assert.ok(seconds > 19 * 3600 && seconds < 20 * 3600 + 60, String(seconds));
});

Deno.test("status reports the others when a cluster is dead", async () => {
  const { code, report } = await statusOf({
    patch: federated("east", "west"),
    faults: [{ cluster: "west", verb: "*", reset: true }],
  });

  assert.equal(code, 3);
  assert.equal((report.clusters as { problem: string | null }[])[0]?.problem, null);
  assert.match((report.clusters as { problem: string | null }[])[1]?.problem ?? "", /\[west\]/);
});

Deno.test("status warns of text that would no longer bootstrap, and exits 6 when told to", async () => {
  const patch = [
    federated("east", "west"),
    rotating("west", "prepare"),
    rotating("west", "activate"),
    rotating("west", "revoke"),
  ];
  const refreshed = async (run: Awaited<ReturnType<typeof practice>>): Promise<void> =>
    await run.tick(80_000);
  const run = await practice({ patch: patch.slice(0, 2) });
  await refreshed(run);
  for (const step of patch.slice(2)) {
    await step(run);
    await refreshed(run);
  }

  const words = ["status", "east", "west", "-o", "json", "--fail-on", "warn"];
  assert.equal(await main(words, run.context), 6, run.context.out.join(""));

  const { warnings, ok } = JSON.parse(run.context.out.join(""));
  assert.equal(ok, true);
  assert.deepEqual(warnings.map(({ code }: { code: string }) => code), ["bundle/embedded-stale"]);
});

Deno.test("status --expires-within takes a share or a time, and nothing else", async () => {
  const patch = federated("east", "west");
  const share = await statusOf({ patch }, "--expires-within", "100%");
  const time = await statusOf({ patch }, "--expires-within", "1h");
  const run = await practice({ patch });

  assert.ok(share.report.warnings.some(({ code }) => code === "bundle/expiring"));
  assert.deepEqual(time.report.warnings, []);
  assert.equal(await main(["status", "--expires-within", "soon"], run.context), 2);
});

Deno.test("status warns of a clock that is ahead", async () => {
  const { code, report } = await statusOf({
    patch: [federated("east", "west"), skewed("west", 90_000)],
  });

  assert.equal(code, 0);
  assert.deepEqual(report.warnings.map(({ code, subject }) => [code, subject]), [
    ["clock/skew", "west"],
  ]);
});

Deno.test("status -o junit has a case a condition", async () => {
  const run = await practice({ patch: declaredByHand("east", "west") });

  assert.equal(await main(["status", "east", "west", "-o", "junit"], run.context), 3);

  const xml = run.context.out.join("");
  assert.match(xml, /testsuite name="west → east"/);
  assert.match(xml, /direction\/Declared[^>]*>\s*<failure/);
});

Deno.test("status -o html is one page without requests or scripts", async () => {
  const run = await practice({ patch: declaredByHand("east", "west") });

  assert.equal(await main(["status", "east", "west", "-o", "html"], run.context), 3);

  const page = run.context.out.join("");
  assert.match(page, /^<!doctype html>/);
  assert.match(page, /class="direction [a-z]+ one-way"/);
  assert.doesNotMatch(page, /<script|src=|href=|url\((?!#)|@import/);
});

Deno.test("status lets no escape sequence of a cluster reach the terminal", async () => {
  const evil = "\u001b]0;owned\u0007\u202egnp";
  const run = await practice({
    patch: [
      federated("east", "west"),
      answering("west", { status: 503, body: evil }),
      declaredByHand("east", "west", "second", { className: evil }),
      change("east", (state) => ({
        spire: {
          ...state.spire,
          log: [...state.spire.log, {
            at: Date.now(),
            container: "spire-server",
            text:
              `time="x" level=error msg="Error updating bundle" error="${evil}" trust_domain=apps.west.example`,
          }],
        },
      })),
    ],
  });
  for (const format of ["text", "json", "junit", "html"]) {
    await main(["status", "east", "west", "-o", format], run.context);
  }

  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(run.context.out.join("") + run.context.err.join(""), /[\u001b\u0007\u202e]/);
});
