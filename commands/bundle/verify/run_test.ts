import assert from "node:assert/strict";
import type { BundleVerdictResult } from "../../../lib/output/result.ts";
import type { Answer } from "../../command.ts";
import { type FilesContext, filesContext, fixture, invocation } from "../../testing_files.ts";
import { run } from "./run.ts";
import { spec } from "./spec.ts";

const JWT_KEY = fixture("east.json").match(/\{[^{}]*"jwt-svid"[^{}]*\}/)?.[0] ?? "";

function verify(context: FilesContext, ...args: readonly string[]): Promise<Answer> {
  return run(invocation(spec, ...args, "--trust-domain", "apps.east.example"), context);
}

async function verdictOn(text: string | Uint8Array): Promise<[BundleVerdictResult, Answer]> {
  const answer = await verify(filesContext({ "it.json": text }), "it.json");
  assert.ok(answer.result?.kind === "BundleVerdict");
  return [answer.result, answer];
}

Deno.test("bundle verify reports the facts of a sound bundle exactly", async () => {
  const [verdict, { failure }] = await verdictOn(fixture("east.json"));

  assert.equal(failure, undefined);
  assert.equal(verdict.installs, true);
  assert.equal(verdict.refreshes, true);
  assert.equal(verdict.sequence, "7");
  assert.equal(verdict.refreshHint, 300);
  assert.deepEqual(verdict.jwtAuthorities, [{ kid: "apps.east.example-1", kty: "EC" }]);
  assert.deepEqual(
    verdict.x509Authorities.map(({ notBefore, notAfter }) => [notBefore, notAfter]),
    [
      ["2026-11-24T00:00:00Z", "2026-11-25T03:10:00Z"],
      ["2026-11-24T12:00:00Z", "2026-11-25T15:10:00Z"],
    ],
  );
  for (const { sha256, ski } of verdict.x509Authorities) {
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.match(ski ?? "", /^[0-9a-f]{40}$/);
  }
});

Deno.test("bundle verify keeps a sequence that JSON.parse would round", async () => {
  const text = fixture("east.json")
    .replace('"spiffe_sequence": 7', '"spiffe_sequence": 18446744073709551615');

  const [verdict] = await verdictOn(text);

  assert.equal(verdict.sequence, "18446744073709551615");
});

Deno.test("bundle verify answers null for what a bundle does not say", async () => {
  const [verdict] = await verdictOn(
    fixture("east_no_hint.json").replace(/,\n {2}"spiffe_sequence": 7/, ""),
  );

  assert.equal(verdict.sequence, null);
  assert.equal(verdict.refreshHint, null);
  assert.equal(verdict.installs, true);
});

Deno.test("bundle verify tells apart what installs and what refreshes", async () => {
  const key = JWT_KEY.replace("jwt-svid", "wit-svid");
  const text = fixture("east.json").replace('"keys": [', `"keys": [${key},`);

  const [verdict, { failure }] = await verdictOn(text);

  assert.deepEqual([verdict.installs, verdict.refreshes, failure], [true, false, undefined]);
  assert.equal(verdict.problems[0]?.severity, "warning");
  assert.equal(verdict.problems[0]?.path, "/keys/0");
});

Deno.test("bundle verify refuses with exit code 2 what does not install, and says why", async () => {
  for (
    const text of [
      '{"error":"x"}',
      '{"keys":[]}',
      "",
      "\ufeff" + fixture("east.json"),
      fixture("east.json") + "{}",
      fixture("east.json").replace('"keys"', '"KEYS"'),
      fixture("east_root.pem"),
      Uint8Array.of(0xff),
    ]
  ) {
    const [verdict, { failure }] = await verdictOn(text);

    assert.deepEqual([verdict.installs, failure], [false, "usage"]);
    assert.equal(verdict.problems[0]?.severity, "error");
  }
});

Deno.test("bundle verify judges by --at, else by now", async () => {
  const context = filesContext();

  const later = await verify(context, "east.json", "--at", "2026-11-26T00:00:00Z");
  const now = await verify(context, "east.json");

  assert.equal(later.failure, "usage");
  assert.ok(later.result?.kind === "BundleVerdict" && later.result.x509Authorities.length === 2);
  assert.equal(now.failure, undefined);
});

Deno.test("bundle verify reads standard input for -", async () => {
  const answer = await verify(filesContext({ "-": fixture("east.json") }), "-");

  assert.equal(answer.failure, undefined);
});

Deno.test("bundle verify wants a trust domain that is one", async () => {
  await assert.rejects(run(invocation(spec, "east.json"), filesContext()), {
    kind: "usage",
    message: "--trust-domain is missing",
  });
  await assert.rejects(
    run(invocation(spec, "east.json", "--trust-domain", "EAST"), filesContext()),
    { kind: "usage" },
  );
});

Deno.test("bundle verify counts key IDs that are members of Object.prototype", async () => {
  const ids = ["__proto__", "constructor", "toString"];
  const keys = ids.map((kid) => JWT_KEY.replace("apps.east.example-1", kid)).join();

  const [verdict] = await verdictOn(fixture("east.json").replace('"keys": [', `"keys": [${keys},`));

  assert.deepEqual(verdict.jwtAuthorities.map(({ kid }) => kid), [
    "__proto__",
    "apps.east.example-1",
    "constructor",
    "toString",
  ]);
  assert.equal(({} as { kty?: unknown }).kty, undefined);
});

Deno.test("bundle verify never repeats secret members", async () => {
  const text = fixture("east.json").replace(
    '"keys": [',
    '"keys": [{"kty":"EC","d":"canarycanary","use":"x509-svid"},{"kty":"oct","k":"canarycanary","use":"jwt-svid","kid":"a"},',
  );

  const [verdict] = await verdictOn(text);

  assert.equal(verdict.installs, false);
  assert.doesNotMatch(JSON.stringify(verdict), /canary/);
});
