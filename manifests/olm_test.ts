import assert from "node:assert/strict";
import { asFound, differences } from "./as_found.ts";
import { type CustomResourceDefinition, unknownTo } from "./custom_resource_definition.ts";
import { environmentOf, SUBSCRIPTIONS } from "./subscription.ts";

Deno.test("A Subscription is read before OLM has said anything about it", () => {
  const read = SUBSCRIPTIONS.parse({
    apiVersion: "operators.coreos.com/v1alpha1",
    kind: "Subscription",
    metadata: { name: "ztwim", namespace: "z" },
    spec: {
      name: "ztwim",
      source: "redhat-operators",
      config: { env: [{ name: "CREATE_ONLY_MODE", value: "true" }] },
    },
  });

  assert.equal(read.spec.installPlanApproval, "Automatic");
  assert.deepEqual(read.status.conditions, []);
  assert.equal(environmentOf(read, "CREATE_ONLY_MODE"), "true");
});

Deno.test("asFound() keeps members that no schema names", () => {
  const object = { apiVersion: "v1", kind: "X", metadata: { name: "x", more: 1 }, any: [1] };

  assert.deepEqual(asFound({ ...SUBSCRIPTIONS }).parse(object), object);
});

Deno.test("differences() names what is held otherwise, and leaves defaults alone", () => {
  const held = { spec: { size: "1Gi", mode: "RWO", added: true } };

  assert.deepEqual(differences(held, { spec: { size: "2Gi", mode: "RWO", class: "x" } }), [
    { path: "spec.size", held: "1Gi", wanted: "2Gi" },
    { path: "spec.class", held: undefined, wanted: "x" },
  ]);
});

Deno.test("unknownTo() finds the fields that a definition lacks, at any depth", () => {
  const definition = {
    spec: {
      versions: [{
        name: "v1alpha1",
        served: true,
        schema: {
          openAPIV3Schema: {
            properties: {
              spec: {
                properties: {
                  persistence: { properties: { size: {} } },
                  tolerations: {
                    items: { "x-kubernetes-preserve-unknown-fields": true, properties: {} },
                  },
                },
              },
            },
          },
        },
      }],
    },
  } as unknown as CustomResourceDefinition;
  const wanted = {
    kind: "SpireServer",
    metadata: { name: "cluster" },
    spec: { persistence: { type: "pvc", size: "1Gi" }, tolerations: [{ any: 1 }], more: 1 },
  };

  assert.deepEqual(unknownTo(definition, "v1alpha1", wanted), [
    "spec.persistence.type",
    "spec.more",
  ]);
});
