import assert from "node:assert/strict";
import plugin from "./lint_plugin.ts";

/** The rules that fire on a text, were it the file of that name. */
function fired(path: string, source: string): readonly string[] {
  const file = new URL(`../${path}`, import.meta.url).pathname;
  return Deno.lint.runPlugin(plugin, file, source).map(({ id }) => id.replace("spirefed/", ""));
}

const REFUSED: readonly (readonly [rule: string, path: string, source: string])[] = [
  ["layers", "lib/errors.ts", `import { main } from "../commands/main.ts";`],
  ["layers", "lib/spiffe/a.ts", `import type { Context } from "../context.ts";`],
  ["layers", "manifests/a.ts", `import { printable } from "../lib/output/printable.ts";`],
  ["layers", "lib/plan/a.ts", `export { side } from "../federation/side.ts";`],
  ["layers", "lib/plan/a.ts", `export * from "../federation/side.ts";`],
  ["layers", "lib/plan/a.ts", `await import("../federation/side.ts");`],
  ["layers", "lib/plan/a.ts", `type Side = import("../federation/side.ts").Side;`],
  ["layers", "lib/plan/a.ts", `const name = "./b.ts"; await import(name);`],
  ["layers", "commands/a.ts", `import "../mod.ts";`],
  ["ports", "lib/federation/a.ts", `import "../cluster/kube_cluster.ts";`],
  ["ports", "lib/federation/a.ts", `import "../endpoint/fetch_bundle.ts";`],
  ["ports", "lib/cluster/a.ts", `import "../endpoint/connection.ts";`],
  ["ports", "commands/peer/run.ts", `await import("../../lib/cluster/open_cluster.ts");`],
  ["sandbox", "lib/plan/a.ts", `import { world } from "../../sandbox/world.ts";`],
  ["sandbox", "commands/peer/run.ts", `await import("../../sandbox/world.ts");`],
  ["sandbox", "commands/sandbox/run.ts", `import { world } from "../../sandbox/world.ts";`],
  ["test-helpers", "lib/cluster/a.ts", `import "./testing_api.ts";`],
  ["test-helpers", "commands/a.ts", `import "../tests/support/golden.ts";`],
  ["spiffe-imports", "lib/spiffe/a.ts", `import { request } from "node:https";`],
  ["spiffe-imports", "lib/spiffe/a.ts", `import * as valibot from "valibot";`],
  ["no-deno", "commands/a.ts", `const home = Deno.env.get("HOME");`],
  ["no-deno", "lib/federation/a.ts", `globalThis["x"] = Deno;`],
  ["pure", "lib/spiffe/a.ts", `const now = new Date();`],
  ["pure", "lib/output/a.ts", `const now = Date.now();`],
  ["pure", "manifests/a.ts", `const name = Math.random();`],
  ["pure", "lib/plan/a.ts", `await fetch("https://east.example");`],
  ["verified-tls", "lib/cluster/a.ts", `connect({ rejectUnauthorized: false });`],
  ["verified-tls", "lib/endpoint/a.ts", `connect({ "rejectUnauthorized": !strict });`],
  ["verified-tls", "lib/endpoint/a.ts", `connect({ rejectUnauthorized });`],
  ["verified-tls", "lib/cluster/connection.ts", `connect({ rejectUnauthorized: false });`],
  ["verified-tls", "lib/a.ts", `env("NODE_TLS_REJECT_UNAUTHORIZED");`],
];

for (const [rule, path, source] of REFUSED) {
  Deno.test(`the linter refuses in ${path} (${rule}): ${source}`, () => {
    assert.ok(fired(path, source).includes(rule), `${rule} does not fire`);
  });
}

const ALLOWED: readonly (readonly [path: string, source: string])[] = [
  ["commands/peer/run.ts", `import { peer } from "../../lib/federation/peer/peer.ts";`],
  ["commands/peer/run.ts", `import { x } from "../../lib/endpoint/connect_to.ts";`],
  ["commands/catalogue.ts", `await import("./peer/run.ts");`],
  ["commands/sandbox/run.ts", `await import("../../sandbox/world.ts");`],
  ["lib/federation/a.ts", `import type { Cluster } from "../cluster/cluster.ts";`],
  ["lib/spiffe/a.ts", `import { X509Certificate } from "node:crypto";`],
  ["lib/spiffe/a.ts", `const then = new Date(0); host.Deno = then;`],
  ["mod.ts", `await import("./lib/cluster/open_cluster.ts"); Deno.exit(0);`],
  ["lib/endpoint/diagnose.ts", `connect({ rejectUnauthorized: false });`],
  ["lib/cluster/connection.ts", `connect({ rejectUnauthorized: !settings.insecure });`],
  ["lib/endpoint/a.ts", `connect({ rejectUnauthorized: true });`],
  ["lib/plan/a_test.ts", `import "../../sandbox/world.ts"; const now = new Date();`],
];

for (const [path, source] of ALLOWED) {
  Deno.test(`the linter allows in ${path}: ${source}`, () => {
    assert.deepEqual(fired(path, source), []);
  });
}

Deno.test("every rule of the linter is seen to fire", () => {
  const seen = new Set(REFUSED.map(([rule]) => rule));

  assert.deepEqual(Object.keys(plugin.rules).filter((rule) => !seen.has(rule)), []);
});
