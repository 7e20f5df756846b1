import assert from "node:assert/strict";
import type { LintReportResult } from "../../../lib/output/result.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import {
  clusterFederatedTrustDomain,
  CONTROLLER_CLASS,
} from "../../../manifests/cluster_federated_trust_domain.ts";
import type { Manifest, ObjectMeta } from "../../../manifests/manifest.ts";
import { printYaml } from "../../../manifests/yaml.ts";
import type { Answer } from "../../command.ts";
import { type FilesContext, filesContext, fixture, invocation } from "../../testing_files.ts";
import { run } from "./run.ts";
import { spec } from "./spec.ts";

function objectFor(name: string, metadata: Partial<ObjectMeta> = {}): Manifest {
  return clusterFederatedTrustDomain({
    trustDomain: parseTrustDomain(name),
    bundleEndpointURL: `https://federation.${name}`,
    bundleEndpointProfile: { type: "https_web" },
    trustDomainBundle: name === "apps.east.example" ? fixture("east.json") : undefined,
    className: CONTROLLER_CLASS,
  }, metadata);
}

const EAST = objectFor("apps.east.example");
const NORTH = objectFor("apps.north.example");

function lint(context: FilesContext, ...files: readonly string[]): Promise<Answer> {
  return run(invocation(spec, ...files.flatMap((file) => ["-f", file])), context);
}

async function report(text: string): Promise<[LintReportResult["items"], Answer, FilesContext]> {
  const context = filesContext({ "-": text });
  const answer = await lint(context, "-");
  assert.ok(answer.result?.kind === "LintReport");
  return [answer.result.items, answer, context];
}

/** `ok name` and its errors of each object. */
function verdicts(items: LintReportResult["items"]): readonly string[] {
  return items.map(({ name, ok, problems }) =>
    [ok, name, ...problems.map(({ code, path }) => `${code} ${path}`)].join(" ")
  );
}

Deno.test("cfdt lint finds sound objects in order", async () => {
  const [items, { failure }] = await report(printYaml([EAST, NORTH]));

  assert.deepEqual(verdicts(items), ["true apps.east.example", "true apps.north.example"]);
  assert.equal(failure, undefined);
});

Deno.test("cfdt lint reads JSON and Lists, and points into the List", async () => {
  const wrong = { ...NORTH, spec: { ...NORTH.spec as object, className: "" } };

  const [items, { failure }] = await report(
    JSON.stringify({ apiVersion: "v1", kind: "List", items: [EAST, wrong] }),
  );

  assert.deepEqual(verdicts(items), [
    "true apps.east.example",
    "false apps.north.example cfdt/class-missing /items/1/spec/className",
  ]);
  assert.equal(failure, "usage");
});

Deno.test("cfdt lint flags the second object for one trust domain, over all files", async () => {
  const context = filesContext({
    "a.yaml": printYaml([EAST]),
    "b.yaml": printYaml([objectFor("apps.east.example", { name: "by-hand" })]),
  });

  const { result, failure } = await lint(context, "a.yaml", "b.yaml");

  assert.ok(result?.kind === "LintReport");
  assert.deepEqual(verdicts(result.items), [
    "true apps.east.example",
    "false by-hand cfdt/duplicate-trust-domain /spec/trustDomain",
  ]);
  assert.equal(failure, "usage");
});

Deno.test("cfdt lint lets the older object win where ages are known", async () => {
  const younger = objectFor("apps.east.example", { creationTimestamp: "2026-11-02T00:00:00Z" });
  const older = objectFor("apps.east.example", {
    name: "by-hand",
    creationTimestamp: "2026-11-01T00:00:00Z",
  });

  const [items] = await report(printYaml([younger, older]));
  const twins = [{ ...older.metadata, uid: "b" }, { ...older.metadata, name: "x", uid: "a" }];
  const [twinItems] = await report(
    printYaml(twins.map((metadata) => objectFor("apps.east.example", metadata))),
  );
  const [newItems] = await report(printYaml([objectFor("apps.east.example"), older]));

  assert.deepEqual(items.map(({ ok }) => ok), [false, true]);
  assert.deepEqual(twinItems.map(({ ok }) => ok), [false, true]);
  assert.deepEqual(newItems.map(({ ok }) => ok), [false, true]);
});

Deno.test("cfdt lint flags an object that would replace another", async () => {
  const [items] = await report(
    printYaml([EAST, objectFor("apps.north.example", { name: "apps.east.example" })]),
  );

  assert.deepEqual(verdicts(items), [
    "true apps.east.example",
    "false apps.east.example cfdt/duplicate-name /metadata/name",
  ]);
});

Deno.test("cfdt lint leaves other kinds alone, and says so", async () => {
  const other = { apiVersion: "v1", kind: "Secret\u001b[2J", metadata: { name: "x" } };

  const [items, { failure }, context] = await report(printYaml([other, EAST, other]));

  assert.equal(items.length, 1);
  assert.equal(failure, undefined);
  assert.equal(context.told(), "note: not judged: Secret\\u001b[2J\n");
});

Deno.test("cfdt lint does not call it all right when there is nothing to judge: exit code 2", async () => {
  for (const text of ["", "---\n", "kind: Secret\n"]) {
    await assert.rejects(report(text), { kind: "usage", code: "input/empty" });
  }
  await assert.rejects(lint(filesContext()), { kind: "usage" });
});

Deno.test("cfdt lint names the place of what cannot be read: exit code 2", async () => {
  await assert.rejects(report("a: 1\na: 2\n"), {
    kind: "usage",
    message: /^standard input:2:1: duplicated mapping key/,
  });
});

Deno.test("cfdt lint judges a name as kubectl would read it", async () => {
  const text = printYaml([objectFor("on")]).replace("trustDomain: 'on'", "trustDomain: on");

  const [items] = await report(text);

  assert.deepEqual(items.map(({ ok }) => ok), [false]);
  assert.match(items[0]?.problems[0]?.message ?? "", /put it in quotes/);
});

Deno.test("cfdt lint judges bundles by --at", async () => {
  const context = filesContext({ "-": printYaml([EAST]) });

  const { result, failure } = await run(
    invocation(spec, "-f", "-", "--at", "2027-01-01T00:00:00Z"),
    context,
  );

  assert.ok(result?.kind === "LintReport");
  assert.ok(result.items[0]?.problems.some(({ code }) => code === "bundle/embedded-stale"));
  assert.equal(failure, undefined);
});
