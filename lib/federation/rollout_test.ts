import assert from "node:assert/strict";
import { judgeRollout, type RolloutFacts } from "./rollout.ts";

const metadata = { name: "cluster", generation: 2 };
const done: RolloutFacts = {
  trustDomains: ["west.example"],
  spireServer: {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind: "SpireServer",
    metadata,
    spec: {
      federation: {
        bundleEndpoint: { profile: "https_spiffe", refreshHint: 300 },
        federatesWith: [],
        managedRoute: "true",
      },
    },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  },
  config: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data: {
      "server.conf": JSON.stringify({
        server: { federation: { bundle_endpoint: {}, federates_with: { "west.example": {} } } },
      }),
    },
  },
  statefulSet: {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata,
    spec: { template: { metadata: { annotations: {} } } },
    status: {
      observedGeneration: 2,
      readyReplicas: 1,
      updatedReplicas: 1,
      currentRevision: "b",
      updateRevision: "b",
    },
  },
  route: {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata,
    spec: { host: "federation.east.example" },
    status: { ingress: [{ conditions: [{ type: "Admitted", status: "True" }] }] },
  },
};

Deno.test("judgeRollout() is done when configuration, pod and route have all arrived", () => {
  assert.deepEqual(judgeRollout(done), { state: "done" });
});

Deno.test("judgeRollout() does not believe a stale Ready", () => {
  const config = done.config && { ...done.config, data: { "server.conf": '{"server":{}}' } };

  assert.deepEqual(judgeRollout({ ...done, config }), {
    state: "waiting",
    for: "the bundle endpoint in server.conf",
  });
});

Deno.test("judgeRollout() waits for a router, not for the object", () => {
  const route = done.route && { ...done.route, status: { ingress: [] } };

  assert.equal(judgeRollout({ ...done, route }).state, "waiting");
});

Deno.test("judgeRollout() does not wait for a Ready that cannot come without a managed route", () => {
  const server = done.spireServer;
  const federation = server?.spec.federation;
  const spireServer = server && federation && {
    ...server,
    spec: { federation: { ...federation, managedRoute: "false" } },
    status: { conditions: [{ type: "Ready", status: "False", reason: "Failed" }] },
  };

  assert.deepEqual(judgeRollout({ ...done, spireServer, route: undefined }), { state: "done" });
});

Deno.test("judgeRollout() passes on why the operator refuses", () => {
  const condition = {
    type: "ConfigurationValid",
    status: "False",
    message: "cannot federate with itself",
  };
  const spireServer = done.spireServer &&
    { ...done.spireServer, status: { conditions: [condition] } };

  const state = judgeRollout({ ...done, spireServer });

  assert.equal(state.state, "failed");
  assert.match(state.state === "failed" ? state.reason : "", /cannot federate with itself/);
});
