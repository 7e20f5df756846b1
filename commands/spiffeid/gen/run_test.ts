import assert from "node:assert/strict";
import type { Context } from "../../../lib/context.ts";
import type { ClusterSpiffeId } from "../../../manifests/cluster_spiffe_id.ts";
import { CLUSTER_SPIFFE_IDS } from "../../../manifests/cluster_spiffe_id.ts";
import { type FilesContext, filesContext, invocation } from "../../testing_files.ts";
import { run } from "./run.ts";
import { spec } from "./spec.ts";

const WEST = ["--federates-with", "apps.west.example"];
const SHOP = ["--name", "shop", "--pod-label", "app=shop"];

async function generate(
  args: readonly string[],
  context: FilesContext = filesContext(),
): Promise<ClusterSpiffeId> {
  const { result } = await run(invocation(spec, ...args), context);
  assert.ok(result?.kind === "Manifests");
  return CLUSTER_SPIFFE_IDS.parse(result.items[0]);
}

function kubeContexts(...names: readonly string[]): Partial<Context> {
  return { kubeContexts: () => Promise.resolve({ names, current: names[0] }) };
}

Deno.test("spiffeid gen prints an object of the operator's class without asking anybody", async () => {
  const object = await generate([...SHOP, ...WEST]);

  assert.equal(object.metadata.name, "shop");
  assert.deepEqual(object.spec, {
    className: "zero-trust-workload-identity-manager-spire",
    federatesWith: ["apps.west.example"],
    podSelector: { matchLabels: { app: "shop" } },
    spiffeIDTemplate:
      "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}",
  });
});

Deno.test("spiffeid gen warns that the bundle has to be stored first", async () => {
  const context = filesContext();

  await generate([...SHOP, ...WEST], context);

  assert.match(
    context.told(),
    /^warning: apply it only when the bundle of apps\.west\.example is stored/,
  );
});

Deno.test("spiffeid gen takes selectors, ttl, template and class from flags", async () => {
  const { spec } = await generate([
    ...["--name", "shop", "--namespace-label", "kubernetes.io/metadata.name=shop", ...WEST],
    ...["--pod-label", "app=cart", "--pod-label", "tier=", "--ttl", "90m"],
    ...["--class-name", "other", "--spiffe-id-template", "spiffe://{{ .TrustDomain }}/cart"],
  ]);

  assert.deepEqual(spec.namespaceSelector, {
    matchLabels: { "kubernetes.io/metadata.name": "shop" },
  });
  assert.deepEqual(spec.podSelector, { matchLabels: { app: "cart", tier: "" } });
  assert.deepEqual([spec.ttl, spec.className], ["1h30m", "other"]);
  assert.equal(spec.spiffeIDTemplate, "spiffe://{{ .TrustDomain }}/cart");
});

Deno.test("spiffeid gen selects all pods only when told so: exit code 2", async () => {
  await assert.rejects(generate(["--name", "shop", ...WEST]), {
    kind: "usage",
    message: /No pods are selected/,
  });
  await assert.rejects(generate([...SHOP, ...WEST, "--all-pods"]), { kind: "usage" });
  const { spec } = await generate(["--name", "shop", ...WEST, "--all-pods"]);

  assert.equal(spec.podSelector, undefined);
  assert.equal(spec.namespaceSelector, undefined);
});

Deno.test("spiffeid gen refuses what is missing or wrong: exit code 2", async () => {
  const cases: readonly (readonly string[])[] = [
    [...WEST, "--pod-label", "app=shop"],
    SHOP,
    [...SHOP, "--federates-with", "NOT A NAME"],
    ["--name", "Shop_1", "--pod-label", "app=shop", ...WEST],
    ["--name", "shop", "--pod-label", "app", ...WEST],
    ["--name", "shop", "--pod-label", "=shop", ...WEST],
    ["--name", "shop", "--pod-label", "app=a b", ...WEST],
    ["--name", "shop", "--pod-label", "app=a\nb", ...WEST],
    ["--name", "shop", "--pod-label", "app=a", "--pod-label", "app=b", ...WEST],
    [...SHOP, ...WEST, "--spiffe-id-template", "https://x"],
    [...SHOP, ...WEST, "--spiffe-id-template", "spiffe://{{ .TrustDomain }/x"],
  ];

  for (const args of cases) {
    await assert.rejects(generate(args), { kind: "usage" }, args.join(" "));
  }
});

Deno.test("spiffeid gen warns of a namespace that the controller ignores", async () => {
  const context = filesContext();

  await generate([
    ...["--name", "shop", "--namespace-label", "kubernetes.io/metadata.name=my-openshift-app"],
    ...WEST,
  ], context);

  assert.match(context.told(), /ignores the namespace my-openshift-app/);
});

Deno.test("spiffeid gen warns of a template outside the cluster's own trust domain", async () => {
  const context = filesContext();

  await generate([...SHOP, ...WEST, "--spiffe-id-template", "spiffe://east.example/x"], context);

  assert.match(context.told(), /outside the cluster's own trust domain/);
});

Deno.test("spiffeid gen takes each trust domain once, in a fixed order", async () => {
  const north = ["--federates-with", "spiffe://apps.north.example"];

  const { spec } = await generate([...SHOP, ...WEST, ...north, ...WEST]);

  assert.deepEqual(spec.federatesWith, ["apps.north.example", "apps.west.example"]);
});

Deno.test("spiffeid gen asks the cluster when the name is a context", async () => {
  const opened: string[] = [];
  const context = filesContext({}, {
    ...kubeContexts("west"),
    openCluster: (name) => {
      opened.push(name);
      return Promise.reject(new Error("unreachable"));
    },
  });

  await assert.rejects(generate([...SHOP, "--federates-with", "west"], context), /unreachable/);

  assert.deepEqual(opened, ["west"]);
});

Deno.test("spiffeid gen takes spiffe://NAME for a trust domain even where a context has that name", async () => {
  const context = filesContext({}, kubeContexts("west"));

  const { spec } = await generate([...SHOP, "--federates-with", "spiffe://west"], context);

  assert.deepEqual(spec.federatesWith, ["west"]);
});
