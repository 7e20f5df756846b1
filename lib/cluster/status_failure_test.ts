import assert from "node:assert/strict";
import { CONFIG_MAPS } from "../../manifests/core.ts";
import { type Operation, type Refusal, statusFailure } from "./status_failure.ts";

const CLUSTER = { name: "east", options: "--context east", url: "https://api.east:6443" };
const APPLY: Operation = {
  verb: "apply",
  permission: "patch",
  object: "ClusterFederatedTrustDomain/west",
  place: {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterFederatedTrustDomain",
    plural: "clusterfederatedtrustdomains",
    namespaced: false,
  },
};

function refusal(status: number, body: unknown, contentType = "application/json"): Refusal {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, contentType, location: undefined, body: new TextEncoder().encode(text) };
}

function failed(code: number, members: Readonly<Record<string, unknown>>): Refusal {
  return refusal(code, { kind: "Status", status: "Failure", code, ...members });
}

const CASES: readonly (readonly [string, Refusal, string, string, string | undefined])[] = [
  [
    "an expired token",
    failed(401, { reason: "Unauthorized", message: "Unauthorized" }),
    "[east] apply ClusterFederatedTrustDomain/west: 401 Unauthorized: Unauthorized",
    "http/401",
    "oc login --context east --server https://api.east:6443",
  ],
  [
    "a missing permission",
    failed(403, { reason: "Forbidden", message: 'User "jo" cannot patch resource' }),
    '[east] apply ClusterFederatedTrustDomain/west: 403 Forbidden: User "jo" cannot patch resource',
    "http/403",
    "oc --context east auth can-i patch clusterfederatedtrustdomains.spire.spiffe.io",
  ],
  [
    "a 403 of a proxy in plain text",
    refusal(403, "go away\n", "text/plain"),
    "[east] apply ClusterFederatedTrustDomain/west: 403 Forbidden: go away",
    "http/403",
    "oc --context east auth can-i patch clusterfederatedtrustdomains.spire.spiffe.io",
  ],
  [
    "a kind that is not installed",
    refusal(404, "404 page not found\n", "text/plain"),
    "[east] ClusterFederatedTrustDomain (spire.spiffe.io/v1alpha1) is not installed",
    "http/404-kind",
    "oc --context east get crd clusterfederatedtrustdomains.spire.spiffe.io",
  ],
  [
    "a kind that is not in its group",
    failed(404, { message: "the server could not find the requested resource", details: {} }),
    "[east] ClusterFederatedTrustDomain (spire.spiffe.io/v1alpha1) is not installed",
    "http/404-kind",
    "oc --context east get crd clusterfederatedtrustdomains.spire.spiffe.io",
  ],
  [
    "a missing namespace",
    failed(404, {
      reason: "NotFound",
      message: 'namespaces "x" not found',
      details: { name: "x", kind: "namespaces" },
    }),
    '[east] apply ClusterFederatedTrustDomain/west: 404 NotFound: namespaces "x" not found',
    "http/404",
    undefined,
  ],
  [
    "fields of another manager",
    failed(409, {
      reason: "Conflict",
      message: "Apply failed with 2 conflicts",
      details: {
        causes: ["trustDomainBundle", "className"].map((field) => ({
          reason: "FieldManagerConflict",
          message: 'conflict with "argocd-controller" using spire.spiffe.io/v1alpha1',
          field: `.spec.${field}`,
        })),
      },
    }),
    "[east] apply ClusterFederatedTrustDomain/west: 409 Conflict: conflict with manager " +
    '"argocd-controller": .spec.trustDomainBundle, .spec.className',
    "http/409",
    "Change it where that manager gets it from, or take it over with --force-conflicts",
  ],
  [
    "an invalid field",
    failed(422, {
      reason: "Invalid",
      message: "it is invalid",
      details: {
        causes: [{ reason: "FieldValueInvalid", message: "Invalid value", field: "spec.a" }],
      },
    }),
    "[east] apply ClusterFederatedTrustDomain/west: 422 Invalid: it is invalid; " +
    "spec.a: Invalid value",
    "http/422",
    undefined,
  ],
  [
    "a router's page",
    refusal(503, "<html><title>Application is not available</title>", "text/html"),
    "[east] apply ClusterFederatedTrustDomain/west: 503 ServiceUnavailable: " +
    'HTML page "Application is not available"',
    "http/503",
    "Try again when the API server is less busy",
  ],
];

for (const [what, answer, message, code, remedy] of CASES) {
  Deno.test(`statusFailure() explains ${what}`, () => {
    const error = statusFailure(APPLY, { cluster: CLUSTER, refusal: answer });

    assert.deepEqual(
      [error.message, error.code, error.remedy, error.exitCode],
      [message, code, remedy, 5],
    );
  });
}

Deno.test("statusFailure() names the namespace of a missing permission", () => {
  const operation = { ...APPLY, permission: "get", place: CONFIG_MAPS, namespace: "spire" };

  const error = statusFailure(operation, { cluster: CLUSTER, refusal: failed(403, {}) });

  assert.equal(error.remedy, "oc --context east auth can-i get configmaps -n spire");
});

Deno.test("statusFailure() shows hostile text on one line, escaped and cut", () => {
  const hostile = `\u001b[2J\nCONNECTION ESTABLISHED\u202e${"x".repeat(100_000)}`;
  const causes = [{ reason: "FieldManagerConflict", message: hostile, field: hostile }];
  const answers = [
    failed(403, { reason: hostile, message: hostile }),
    failed(409, { reason: hostile, details: { causes } }),
    failed(422, { message: "no", details: { causes: [{ field: hostile, message: hostile }] } }),
    refusal(500, hostile, "text/plain"),
    refusal(500, `<title>${hostile.slice(0, 50)}</title>`, "text/html"),
  ];

  for (const answer of answers) {
    const { message } = statusFailure(APPLY, { cluster: CLUSTER, refusal: answer });

    assert.match(message, /^[\x20-\x7e…]+$/);
    assert.ok(message.length < 4000);
  }
});
