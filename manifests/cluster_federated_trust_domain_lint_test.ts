import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CONTROLLER_CLASS } from "./cluster_federated_trust_domain.ts";
import { lintClusterFederatedTrustDomain } from "./cluster_federated_trust_domain_lint.ts";
import type { RawObject } from "./raw_object.ts";

const NOW = new Date("2026-11-24T12:30:00Z");
const BUNDLE = readFileSync(new URL("../tests/fixtures/east.json", import.meta.url), "utf8");
const PEM = readFileSync(new URL("../tests/fixtures/east_root.pem", import.meta.url), "utf8");

const SPEC: RawObject = {
  trustDomain: "apps.east.example",
  bundleEndpointURL: "https://federation.apps.east.example",
  bundleEndpointProfile: {
    type: "https_spiffe",
    endpointSPIFFEID: "spiffe://apps.east.example/spire/server",
  },
  trustDomainBundle: BUNDLE,
  className: CONTROLLER_CLASS,
};

const GOOD: RawObject = {
  apiVersion: "spire.spiffe.io/v1alpha1",
  kind: "ClusterFederatedTrustDomain",
  metadata: { name: "apps.east.example" },
  spec: SPEC,
};

/** `severity code path` of each problem. */
function lint(object: RawObject, now = NOW): readonly string[] {
  return lintClusterFederatedTrustDomain(object, { now })
    .map(({ severity, code, path }) => `${severity} ${code} ${path}`);
}

function lintSpec(members: RawObject): readonly string[] {
  const spec = Object.fromEntries(
    Object.entries({ ...SPEC, ...members }).filter(([, value]) => value !== undefined),
  );
  return lint({ ...GOOD, spec });
}

function lintProfile(profile: RawObject, members: RawObject = {}): readonly string[] {
  return lintSpec({ ...members, bundleEndpointProfile: profile });
}

Deno.test("lint finds nothing in a sound object", () => {
  assert.deepEqual(lint(GOOD), []);
  assert.deepEqual(lint({ ...GOOD, status: {} }), []);
  assert.deepEqual(lint({ ...GOOD, metadata: { generateName: "east-" } }), []);
});

Deno.test("lint judges the frame of the object", () => {
  assert.deepEqual(lint({ ...GOOD, apiVersion: "spire.spiffe.io/v1" }), [
    "error cfdt/api-version /apiVersion",
  ]);
  assert.deepEqual(lint({ ...GOOD, metadata: { name: "Not_A_Name" } }), [
    "error cfdt/name /metadata/name",
  ]);
  assert.deepEqual(lint({ ...GOOD, spec: undefined }), ["error cfdt/spec /spec"]);
  assert.deepEqual(lint({ ...GOOD, "spe/c~": {} }), ["error cfdt/unknown-field /spe~1c~0"]);
  const labels = { "app.kubernetes.io/managed-by": "zero-trust-workload-identity-manager" };
  assert.deepEqual(lint({ ...GOOD, metadata: { name: "x", labels } }), [
    "warning cfdt/operator-label /metadata/labels/app.kubernetes.io~1managed-by",
  ]);
});

Deno.test("lint judges the trust domain", () => {
  const refused = ["error cfdt/trust-domain /spec/trustDomain"];
  for (
    const trustDomain of ["APPS.example", "spiffe://a", "a/b", "", "a\nb", true, 12, undefined]
  ) {
    assert.deepEqual(lintSpec({ trustDomain }), refused, String(trustDomain));
  }
});

Deno.test("lint judges the URL", () => {
  const refused = ["error cfdt/endpoint-url /spec/bundleEndpointURL"];
  for (const bundleEndpointURL of ["http://x", "https://u@x", "https://", 7, undefined]) {
    assert.deepEqual(lintSpec({ bundleEndpointURL }), refused, String(bundleEndpointURL));
  }
});

Deno.test("lint judges the profile as the controller does", () => {
  const id = "/spec/bundleEndpointProfile/endpointSPIFFEID";

  assert.deepEqual(lintProfile({ type: "https_web" }), []);
  assert.deepEqual(lintProfile({ type: "https_web", endpointSPIFFEID: "" }), []);
  assert.deepEqual(lintProfile({ type: "https_web", endpointSPIFFEID: "spiffe://a/b" }), [
    `error cfdt/endpoint-id ${id}`,
  ]);
  assert.deepEqual(lintProfile({ type: "https_spiffe" }), [`error cfdt/endpoint-id ${id}`]);
  assert.deepEqual(lintProfile({ type: "https_spiffe", endpointSPIFFEID: "https://x" }), [
    `error cfdt/endpoint-id ${id}`,
  ]);
  assert.deepEqual(lintProfile({ type: "https" }), [
    "error cfdt/profile /spec/bundleEndpointProfile/type",
  ]);
  assert.deepEqual(lintSpec({ bundleEndpointProfile: undefined }), [
    "error cfdt/profile /spec/bundleEndpointProfile",
  ]);
});

Deno.test("lint warns when the endpoint's ID lies in another trust domain", () => {
  const elsewhere = [
    "warning cfdt/endpoint-id-elsewhere /spec/bundleEndpointProfile/endpointSPIFFEID",
  ];
  for (const name of ["apps.west.example", "apps.east.example.evil", "apps.east"]) {
    const endpointSPIFFEID = `spiffe://${name}/spire/server`;
    assert.deepEqual(lintProfile({ type: "https_spiffe", endpointSPIFFEID }), elsewhere, name);
  }
});

Deno.test("lint asks for the class without which the controller is silent", () => {
  assert.deepEqual(lintSpec({ className: undefined }), [
    "error cfdt/class-missing /spec/className",
  ]);
  assert.deepEqual(lintSpec({ className: "" }), ["error cfdt/class-missing /spec/className"]);
  assert.deepEqual(lintSpec({ className: "spire" }), [
    "warning cfdt/class-unusual /spec/className",
  ]);
});

Deno.test("lint guesses what an unknown field was meant to be", () => {
  const problems = lintClusterFederatedTrustDomain(
    {
      ...GOOD,
      spec: {
        ...SPEC,
        bundleEndpointUrl: "https://x",
        bundleEndpointProfile: { type: "https_web", endpointSpiffeId: "" },
        quite_another: 1,
      },
    },
    { now: NOW },
  );

  assert.deepEqual(problems.map(({ message }) => message), [
    'There is no such field: "bundleEndpointUrl"; did you mean bundleEndpointURL?',
    'There is no such field: "quite_another"',
    'There is no such field: "endpointSpiffeId"; did you mean endpointSPIFFEID?',
  ]);
});

Deno.test("lint says that SpireServer's spelling of the profile is another kind's", () => {
  const [problem] = lintClusterFederatedTrustDomain(
    { ...GOOD, spec: { ...SPEC, bundleEndpointProfile: "https_spiffe" } },
    { now: NOW },
  );

  assert.match(problem?.message ?? "", /not a string as in SpireServer/);
});

Deno.test("lint judges the bundle as it judges any bundle", () => {
  const at = "/spec/trustDomainBundle";

  assert.deepEqual(lintSpec({ trustDomainBundle: PEM }), [`error cfdt/bundle-pem ${at}`]);
  assert.deepEqual(lintSpec({ trustDomainBundle: {} }), [`error cfdt/bundle ${at}`]);
  assert.deepEqual(lintSpec({ trustDomainBundle: '{"error":"x"}' }), [
    `error bundle/no-keys ${at}`,
  ]);
  assert.deepEqual(lintSpec({ trustDomainBundle: '{"keys":[]}' }), [`error bundle/empty ${at}`]);
  assert.deepEqual(lintSpec({ trustDomainBundle: `${BUNDLE}{}` }).length, 1);
  assert.deepEqual(lintSpec({ trustDomainBundle: undefined }), [`warning cfdt/no-bundle ${at}`]);
  assert.deepEqual(lintSpec({ trustDomainBundle: "" }), [`warning cfdt/no-bundle ${at}`]);
  assert.deepEqual(lintProfile({ type: "https_web" }, { trustDomainBundle: undefined }), []);
});

Deno.test("lint names the place within the bundle in its message", () => {
  const evil = BUNDLE.replace(
    '"keys": [',
    '"keys": [{"kty": "oct", "k": "c2VjcmV0", "use": "jwt-svid"},',
  );

  const [problem] = lintClusterFederatedTrustDomain(
    { ...GOOD, spec: { ...SPEC, trustDomainBundle: evil } },
    { now: NOW },
  );

  assert.match(problem?.message ?? "", /\(\/keys\/0.* of the bundle\)$/);
  assert.doesNotMatch(problem?.message ?? "", /c2VjcmV0/);
});

Deno.test("lint warns that an outdated bundle would not bootstrap again", () => {
  const problems = lint(GOOD, new Date("2027-01-01T00:00:00Z"));

  assert.ok(problems.includes("warning bundle/embedded-stale /spec/trustDomainBundle"));
  assert.ok(problems.every((problem) => problem.startsWith("warning ")));
});

Deno.test("lint answers for any nonsense in place of an object", () => {
  for (const spec of [null, [], "x", { bundleEndpointProfile: [] }, { __proto__: null }]) {
    assert.ok(lint({ ...GOOD, spec }).length > 0);
  }
  assert.ok(lint({ metadata: [] }).length > 0);
});
