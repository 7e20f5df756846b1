import assert from "node:assert/strict";
import { lintMetadata } from "./metadata_lint.ts";

function places(metadata: unknown): readonly string[] {
  return lintMetadata(metadata).map(({ code, path }) => `${code} ${path}`);
}

Deno.test("lintMetadata() finds nothing wrong with what a cluster shows", () => {
  assert.deepEqual(
    places({
      name: "apps.east.example",
      uid: "1",
      resourceVersion: "7",
      generation: 1,
      creationTimestamp: "2026-11-24T00:00:00Z",
      labels: { a: "b" },
      annotations: { c: "", d: null },
      managedFields: [],
    }),
    [],
  );
  assert.deepEqual(places({ name: "a", creationTimestamp: null, labels: null }), []);
  assert.deepEqual(places({ generateName: "a-" }), []);
});

Deno.test("lintMetadata() names what an API server would refuse", () => {
  assert.deepEqual(places(undefined), ["cfdt/name /metadata/name"]);
  assert.deepEqual(places({ name: "A_b" }), ["cfdt/name /metadata/name"]);
  assert.deepEqual(places({ name: "a", nmae: "b" }), ["cfdt/unknown-field /metadata/nmae"]);
  assert.deepEqual(
    places({ name: "a", labels: { on: true }, annotations: "x", generation: "1", finalizers: {} }),
    [
      "cfdt/metadata /metadata/generation",
      "cfdt/metadata /metadata/labels",
      "cfdt/metadata /metadata/annotations",
      "cfdt/metadata /metadata/finalizers",
    ],
  );
});
