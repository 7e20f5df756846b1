import assert from "node:assert/strict";
import type { BundleChangeResult } from "../../../lib/output/result.ts";
import type { Answer } from "../../command.ts";
import { type FilesContext, filesContext, fixture, invocation } from "../../testing_files.ts";
import { run } from "./run.ts";
import { spec } from "./spec.ts";

const EAST = fixture("east.json");

function diff(context: FilesContext, old: string, offered: string): Promise<Answer> {
  return run(invocation(spec, old, offered, "--trust-domain", "apps.east.example"), context);
}

async function change(old: string, offered: string): Promise<[BundleChangeResult, Answer]> {
  const answer = await diff(filesContext({ old, new: offered }), "old", "new");
  assert.ok(answer.result?.kind === "BundleChange");
  return [answer.result, answer];
}

Deno.test("bundle diff finds nothing between a bundle and itself, however it is written", async () => {
  const [{ change: kind, advice, kept }, { failure }] = await change(
    EAST,
    JSON.stringify(JSON.parse(EAST)),
  );

  assert.deepEqual([kind, advice, failure, kept.length], ["same", "nothing", undefined, 3]);
});

Deno.test("bundle diff takes a rotation for what it is", async () => {
  const [result, { failure }] = await change(EAST, fixture("east_rotated.json"));

  assert.deepEqual([result.change, result.advice, failure], ["rotated", "apply", undefined]);
  assert.deepEqual(result.sequence, { old: "7", new: "8" });
  assert.deepEqual(
    [result.added.length, result.removed.length, result.kept.length],
    [1, 1, 2],
  );
});

Deno.test("bundle diff wants a rollback confirmed: exit code 4", async () => {
  const [result, { failure }] = await change(fixture("east_rotated.json"), EAST);

  assert.deepEqual([result.change, result.advice, failure], ["rolled-back", "confirm", "refused"]);
});

Deno.test("bundle diff wants a bundle that shares nothing confirmed: exit code 4", async () => {
  const [result, { failure }] = await change(
    EAST,
    fixture("west.json").replace('sequence": 1', 'sequence": 9'),
  );

  assert.deepEqual([result.change, failure], ["disjoint", "refused"]);
});

Deno.test("bundle diff wants revocation of everything confirmed: exit code 4", async () => {
  const [result, { failure }] = await change(EAST, '{"keys": [], "spiffe_sequence": 9}');

  assert.deepEqual([result.change, failure], ["revoked-all", "refused"]);
});

Deno.test("bundle diff takes an absent sequence for unknown, never for lower", async () => {
  const [result] = await change(EAST, EAST.replace(/,\n {2}"spiffe_sequence": 7/, ""));

  assert.deepEqual([result.change, result.advice], ["metadata-only", "apply"]);
  assert.deepEqual(result.sequence, { old: "7", new: null });
});

Deno.test("bundle diff refuses a file that is no bundle, and names it: exit code 2", async () => {
  const context = filesContext({ bad: '{"error":"x"}', "-": EAST });

  await assert.rejects(diff(context, "east.json", "bad"), {
    kind: "usage",
    message: /^bad is no bundle/,
    code: "bundle/no-keys",
  });
  await assert.rejects(diff(context, "bad", "east.json"), { kind: "usage" });
  await assert.rejects(diff(context, "-", "-"), { kind: "usage" });
  assert.equal((await diff(context, "-", "east.json")).failure, undefined);
});
