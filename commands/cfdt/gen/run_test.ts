import assert from "node:assert/strict";
import { renderManifestsJson, renderManifestsYaml } from "../../../lib/output/text/manifests.ts";
import { parseBundle } from "../../../lib/spiffe/parse_bundle.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import { lintClusterFederatedTrustDomain } from "../../../manifests/cluster_federated_trust_domain_lint.ts";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  type ClusterFederatedTrustDomain,
} from "../../../manifests/cluster_federated_trust_domain.ts";
import { readManifests } from "../../../manifests/yaml_reading.ts";
import { type FilesContext, filesContext, fixture, invocation, NOW } from "../../testing_files.ts";
import { run } from "./run.ts";
import { spec } from "./spec.ts";

const FROM_EAST = ["--trust-domain", "apps.east.example", "--bundle", "east.json"];

async function generate(
  args: readonly string[],
  context: FilesContext = filesContext(),
): Promise<string> {
  const { result, failure } = await run(invocation(spec, ...args), context);
  assert.equal(failure, undefined);
  assert.ok(result?.kind === "Manifests");
  return renderManifestsYaml(result);
}

async function generated(
  args: readonly string[],
  context?: FilesContext,
): Promise<ClusterFederatedTrustDomain> {
  const [found] = readManifests(new TextEncoder().encode(await generate(args, context)), "gen");
  return CLUSTER_FEDERATED_TRUST_DOMAINS.parse(found?.object);
}

Deno.test("cfdt gen prints an object that lint finds nothing wrong with", async () => {
  const text = await generate(FROM_EAST);

  const [found] = readManifests(new TextEncoder().encode(text), "gen");
  assert.deepEqual(lintClusterFederatedTrustDomain(found?.object ?? {}, { now: NOW }), []);
  assert.match(text, /trustDomainBundle: \|\n/);
});

Deno.test("cfdt gen knows where ZTWIM's endpoint is and who it is", async () => {
  const { metadata, spec } = await generated(FROM_EAST);

  assert.equal(metadata.name, "apps.east.example");
  assert.equal(spec.bundleEndpointURL, "https://federation.apps.east.example");
  assert.deepEqual(spec.bundleEndpointProfile, {
    type: "https_spiffe",
    endpointSPIFFEID: "spiffe://apps.east.example/spire/server",
  });
  assert.equal(spec.className, "zero-trust-workload-identity-manager-spire");
});

Deno.test("cfdt gen takes URL, endpoint ID, profile and class from flags", async () => {
  const own = await generated([
    ...FROM_EAST,
    ...["--endpoint-url", "https://east:8443/bundle", "--class-name", "other"],
    ...["--endpoint-spiffe-id", "spiffe://apps.east.example/own"],
  ]);
  const web = await generated(["--trust-domain", "apps.east.example", "--profile", "https_web"]);

  assert.equal(own.spec.bundleEndpointURL, "https://east:8443/bundle");
  assert.equal(own.spec.className, "other");
  assert.equal(own.spec.bundleEndpointProfile.endpointSPIFFEID, "spiffe://apps.east.example/own");
  assert.deepEqual(web.spec.bundleEndpointProfile, { type: "https_web" });
  assert.equal(web.spec.trustDomainBundle, undefined);
});

Deno.test("cfdt gen gives the same bytes for the same bundle, however and whenever it is read", async () => {
  const compact = JSON.stringify(JSON.parse(fixture("east.json")));
  const later = filesContext({ "-": compact }, { now: () => new Date("2026-11-24T20:00:00Z") });

  assert.equal(
    await generate(["--trust-domain", "apps.east.example", "--bundle", "-"], later),
    await generate(FROM_EAST),
  );
});

Deno.test("cfdt gen embeds the canonical print, so that nothing unseen gets through", async () => {
  const key = fixture("east.json").match(/\{[^{}]*"jwt-svid"[^{}]*\}/)?.[0] ?? "";
  const extra = fixture("east.json").replace(
    '"keys": [',
    `"comment": "\\u001b[2J", "keys": [${key.replace("jwt-svid", "evil")},`,
  );

  const text = await generate(
    ["--trust-domain", "apps.east.example", "--bundle", "-"],
    filesContext({ "-": extra }),
  );

  assert.equal(text, await generate(FROM_EAST));
});

Deno.test("cfdt gen keeps names that YAML could misread", async () => {
  for (const name of ["on", "y", "no", "012", "1e3", "0x1f", "null", ".", "2024-01-01", "a_b"]) {
    const { metadata, spec } = await generated([
      ...["--trust-domain", name, "--bundle", "east.json"],
    ]);

    assert.equal(spec.trustDomain, name);
    assert.match(metadata.name, /^[a-z0-9]/);
    assert.equal(spec.bundleEndpointURL, `https://federation.${name}`);
  }
});

Deno.test("cfdt gen adds a refresh hint where there is none, and says so", async () => {
  const context = filesContext();

  const { spec } = await generated(
    ["--trust-domain", "apps.east.example", "--bundle", "east_no_hint.json"],
    context,
  );

  const { bundle } = parseBundle(new TextEncoder().encode(spec.trustDomainBundle), {
    trustDomain: parseTrustDomain("apps.east.example"),
    now: NOW,
  });
  assert.equal(bundle?.refreshHint, 300);
  assert.match(context.told(), /^note: .*no refresh hint/);
});

Deno.test("cfdt gen says on stderr until when the bundle bootstraps", async () => {
  const context = filesContext();

  await generate(FROM_EAST, context);

  assert.match(context.told(), /^note: this bundle bootstraps until 2026-11-25T15:10:00Z/);
});

Deno.test("cfdt gen prints the object itself as JSON, plain ASCII", async () => {
  const { result } = await run(invocation(spec, ...FROM_EAST), filesContext());

  assert.ok(result?.kind === "Manifests");
  const object = JSON.parse(renderManifestsJson(result));
  assert.deepEqual(Object.keys(object), ["apiVersion", "kind", "metadata", "spec"]);
  assert.equal(object.kind, "ClusterFederatedTrustDomain");
});

Deno.test("cfdt gen refuses a bundle that would not install: exit code 2, nothing printed", async () => {
  const context = filesContext({
    empty: '{"keys":[]}',
    error: '{"error":"not found"}',
    twice: fixture("east.json") + "{}",
  });

  for (const file of ["empty", "error", "twice", "east_root.pem"]) {
    await assert.rejects(
      generate(["--trust-domain", "apps.east.example", "--bundle", file], context),
      { kind: "usage", message: new RegExp(`^${file} holds no bundle that would install: `) },
    );
  }
  await assert.rejects(generate([...FROM_EAST, "--at", "2027-01-01T00:00:00Z"]), {
    kind: "usage",
    code: /bundle\/.*expired/,
  });
  assert.equal(context.said(), "");
});

Deno.test("cfdt gen refuses flags that are missing, wrong or contradict: exit code 2", async () => {
  const cases: readonly (readonly string[])[] = [
    [],
    ["--trust-domain", "apps.east.example"],
    ["--bundle", "east.json"],
    ["--trust-domain", "EAST", "--bundle", "east.json"],
    [...FROM_EAST, "--endpoint-url", "http://east"],
    [...FROM_EAST, "--endpoint-url", "https://user:canary@east"],
    [...FROM_EAST, "--endpoint-spiffe-id", "east"],
    [...FROM_EAST, "--profile", "https_web", "--endpoint-spiffe-id", "spiffe://a/b"],
    ["--context", "east", "--bundle", "east.json"],
    ["--context", "east", "--endpoint-url", "https://x"],
    ["--context", "east", "--at", "2027-01-01T00:00:00Z"],
  ];

  for (const args of cases) {
    await assert.rejects(generate(args), (error: Error & { kind?: unknown }) => {
      assert.equal(error.kind, "usage", args.join(" "));
      assert.doesNotMatch(error.message, /canary/);
      return true;
    });
  }
});

Deno.test("cfdt gen warns when the endpoint's ID lies in another trust domain", async () => {
  const context = filesContext();

  await generate([...FROM_EAST, "--endpoint-spiffe-id", "spiffe://apps.west.example/x"], context);

  assert.match(context.told(), /^warning: The endpoint's ID lies in apps\.west\.example/);
});
