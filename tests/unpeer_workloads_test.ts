/** What `unpeer` does to those who use the peer: named, asked about, and left with all else. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { federated, holding, objectIn } from "./support/ailments.ts";
import { practice, told } from "./support/practice.ts";
import { assertForgotten, settled, shop, UNPEER, WEST } from "./support/unpeering.ts";
import { CLASS_NAME } from "../sandbox/healthy.ts";

const OURS = { "app.kubernetes.io/managed-by": "oc-spirefed" };

const shopPod = holding("east", {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "shop-1", namespace: "app", labels: { app: "shop" } },
  spec: { containers: [] },
});

Deno.test("unpeer takes the peer out of ClusterSPIFFEIDs first, and leaves others in", async () => {
  const run = await practice({
    clusters: ["east", "west", "north"],
    patch: [federated("east", "west", "north"), shop([WEST, "apps.north.example"]), settled],
  });

  assert.equal(await main([...UNPEER, "--yes"], run.context), 0, told(run));

  const spec = objectIn(run, "east", "clusterspiffeids", "shop")?.["spec"];
  assert.deepEqual((spec as { federatesWith: unknown }).federatesWith, ["apps.north.example"]);
  const first = run.calls.find(({ verb, dryRun }) => ["patch", "delete"].includes(verb) && !dryRun);
  assert.equal(first?.object, "ClusterSPIFFEID/shop");
  const [entry] = run.mount.cluster("east").spire.entries;
  assert.deepEqual(entry?.federatesWith, ["apps.north.example"]);
  assertForgotten(run, "east", "west");
  assert.ok(run.mount.cluster("east").spire.stored.has("apps.north.example"));
});

Deno.test("unpeer names the workloads that use the peer, and asks", async () => {
  const run = await practice({
    patch: [federated("east", "west"), shopPod, shop([WEST]), settled],
  });

  assert.equal(await main(UNPEER, run.context), 4);

  assert.equal(run.writes(), 0);
  assert.match(told(run), /1 workload uses the keys of apps\.west\.example/);
  assert.match(told(run), /pod app\/shop-1/);
});

Deno.test("unpeer names pods that would lose all identity, and --yes takes it away", async () => {
  const patch = [federated("east", "west"), shopPod, shop([WEST], OURS), settled];
  const asked = await practice({ patch });
  const agreed = await practice({ patch });

  assert.equal(await main([...UNPEER, "--dry-run", "-o", "json"], asked.context), 0);
  assert.equal(await main([...UNPEER, "--yes"], agreed.context), 0, told(agreed));

  const { impact } = JSON.parse(asked.context.out.join(""));
  assert.deepEqual(impact[0].losesIdentity, ["app/shop-1"]);
  assert.match(told(agreed), /1 pod loses its identity altogether/);
  assert.equal(objectIn(agreed, "east", "clusterspiffeids", "shop"), undefined);
});

Deno.test("a pod that another object identifies loses only the peer", async () => {
  const fallback = holding("east", {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "zero-trust-workload-identity-manager-spire-default" },
    spec: {
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}",
      namespaceSelector: {
        matchExpressions: [{
          key: "kubernetes.io/metadata.name",
          operator: "NotIn",
          values: ["zero-trust-workload-identity-manager"],
        }],
      },
      className: CLASS_NAME,
      fallback: true,
    },
  });
  const run = await practice({
    patch: [federated("east", "west"), shopPod, shop([WEST], OURS), fallback, settled],
  });

  assert.equal(await main([...UNPEER, "--dry-run", "-o", "json"], run.context), 0);

  assert.deepEqual(JSON.parse(run.context.out.join("")).impact[0].losesIdentity, []);
});
