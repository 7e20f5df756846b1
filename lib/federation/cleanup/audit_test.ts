import assert from "node:assert/strict";
import { SPIRE_SERVERS } from "../../../manifests/spire_server.ts";
import { auditOf } from "./audit.ts";
import type { Grounds } from "./look.ts";

/** A cluster with nothing but a SpireServer. */
function holding(spec: unknown): Grounds {
  const { apiVersion, kind } = SPIRE_SERVERS;
  const object = { apiVersion, kind, metadata: { name: "cluster" }, spec };
  return {
    cluster: "east",
    server: "https://east",
    namespaces: [],
    pods: [],
    identities: [],
    declared: [],
    stack: [{ resource: SPIRE_SERVERS, object }],
    routes: [],
    claim: undefined,
    subscriptions: [],
    versions: [],
    groups: [],
    definitions: [],
    garbled: [],
  };
}

function told(spec: unknown): readonly string[] {
  return auditOf(holding(spec), { parts: ["stack"], keepCa: false }).map(({ object }) => object);
}

Deno.test("auditOf() names peers that a list makes no sense of as they stand", () => {
  const federatesWith = [{ trustDomain: "apps.west.example" }, { trustDomain: 7 }, "\u001b[31mred"];

  const [west, number, text] = told({ federation: { federatesWith } });

  assert.equal(west, "SpireServer/cluster federatesWith apps.west.example");
  assert.equal(number, "SpireServer/cluster federatesWith 7");
  assert.match(text ?? "", /federatesWith .*red/);
  assert.ok(!text?.includes("\u001b"));
});

Deno.test("auditOf() goes on where a server says nothing that it knows", () => {
  for (const spec of [undefined, null, "on", { federation: null }, { federation: [] }]) {
    assert.deepEqual(told(spec), ["SpireServer/cluster"]);
  }
});
