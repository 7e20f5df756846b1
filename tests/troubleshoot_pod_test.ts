/** `troubleshoot --pod`: from a pod to its peers' bundles, until the first link that is broken. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { storeKey } from "../sandbox/kinds.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { change, federated, holding } from "./support/ailments.ts";
import { practice, type WorldPatch } from "./support/practice.ts";

const POD: Manifest = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "cart-0", namespace: "shop", uid: "cart-uid", labels: { app: "cart" } },
  spec: { nodeName: "node-1", volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io" } }] },
  status: {
    phase: "Running",
    containerStatuses: [{ name: "cart", ready: true, state: { running: {} } }],
  },
};

function planted(manifest: Manifest): WorldPatch {
  return change("east", ({ objects }) => {
    const { name, namespace } = manifest.metadata;
    const key = storeKey(`${manifest.kind.toLowerCase()}s`, name, namespace);
    return { objects: new Map(objects).set(key, { manifest, owners: new Map() }) };
  });
}

const identity = (spec: Record<string, unknown> = {}): WorldPatch =>
  holding("east", {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterSPIFFEID",
    metadata: { name: "cart" },
    spec: {
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/shop/sa/cart",
      className: "zero-trust-workload-identity-manager-spire",
      podSelector: { matchLabels: { app: "cart" } },
      federatesWith: ["apps.west.example"],
      ...spec,
    },
  });

const settled: WorldPatch = ({ clockwork }) => clockwork.advance(2_000);
const NAMESPACE: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const FEDERATED = [federated("east", "west"), planted(NAMESPACE)];

async function walked(
  ...patch: readonly WorldPatch[]
): Promise<{ code: number; first: string; passed: number }> {
  const run = await practice({ patch: [...FEDERATED, ...patch, settled] });
  const words = ["troubleshoot", "east", "--pod", "shop/cart-0", "-o", "json"];
  const code = await main(words, run.context);
  const { items } = JSON.parse(run.context.out.join(""));
  const wrong = items.find(({ status }: { status: string }) =>
    status === "fail" || status === "warn"
  );
  const passed = items.filter(({ status }: { status: string }) => status === "pass").length;
  assert.equal(run.writes(), 0);
  return { code, first: wrong?.id ?? "nothing", passed };
}

Deno.test("--pod walks from a pod that is well to the bundle of its peer", async () => {
  const { code, first, passed } = await walked(planted(POD), identity());

  assert.deepEqual([code, first], [0, "nothing"]);
  assert.ok(passed >= 8, String(passed));
});

Deno.test("--pod stops at the first link that is broken", async () => {
  const without = { ...POD, metadata: { ...POD.metadata, labels: { app: "other" } } };
  const noVolume = { ...POD, spec: { nodeName: "node-1", volumes: [] } };
  const waiting = {
    ...POD,
    status: {
      phase: "Pending",
      containerStatuses: [{
        name: "cart",
        ready: false,
        state: { waiting: { reason: "ContainerCreating" } },
      }],
    },
  };

  const cases = [
    ["pod/there", []],
    ["pod/selected", [planted(without), identity()]],
    ["pod/federates", [planted(POD), identity({ federatesWith: [] })]],
    ["pod/bundles", [planted(POD), identity({ federatesWith: ["apps.north.example"] })]],
    ["pod/volume", [planted(noVolume), identity()]],
    ["pod/running", [planted(waiting), identity()]],
  ] as const;
  for (const [expected, patch] of cases) {
    assert.equal((await walked(...patch)).first, expected);
  }
});

Deno.test("--pod wants one cluster, and a namespace with a name", async () => {
  const run = await practice();

  assert.equal(await main(["troubleshoot", "east", "west", "--pod", "a/b"], run.context), 2);
  assert.equal(await main(["troubleshoot", "east", "--pod", "just-a-name"], run.context), 2);
});
