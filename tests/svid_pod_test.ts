/** `svid show --context`: which SVIDs a running pod is given. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Cluster } from "../lib/cluster/cluster.ts";
import type { Context } from "../lib/context.ts";
import { type Practice, practice } from "./support/practice.ts";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "cart-0", namespace: "shop" },
  spec: { volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io" } }] },
};

/** What real SPIRE 1.13 answers to `entry show -output json`. */
function entry(uid: string, federatesWith: readonly string[], hint = ""): unknown {
  return {
    id: "east.1",
    spiffe_id: { trust_domain: "apps.east.example", path: "/ns/shop/sa/cart" },
    selectors: [{ type: "k8s", value: `pod-uid:${uid}` }],
    federates_with: federatesWith,
    x509_svid_ttl: 0,
    hint,
  };
}

async function show(
  words: readonly string[],
  entriesFor: (uid: string) => readonly unknown[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const one = await practice();
  const east = one.cluster("east");
  await east.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  const { uid } = await east.create(POD);
  const code = await main(["svid", "show", ...words], answering(one, entriesFor(uid)));
  return { code, out: one.context.out.join(""), err: one.context.err.join("") };
}

/** Practice clusters have no pods, so their entries have no selectors of pods: here they do. */
function answering({ context }: Practice, entries: readonly unknown[]): Context {
  return {
    ...context,
    openCluster: async (name, access) =>
      new Proxy(await context.openCluster(name, access), {
        get(target, member): unknown {
          const value: unknown = Reflect.get(target, member);
          if (member === "exec") {
            return (...[, command]: Parameters<Cluster["exec"]>) => {
              assert.deepEqual(command.slice(1, 4), ["entry", "show", "-selector"]);
              const stdout = JSON.stringify({ entries, next_page_token: "" });
              return Promise.resolve({ code: 0, stdout, stderr: "" });
            };
          }
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
  };
}

const PLACE = ["--context", "east", "-n", "shop"];

Deno.test("svid show --context names a pod's ID and the bundles that it receives", async () => {
  const { code, out, err } = await show(
    [...PLACE, "cart-0"],
    (uid) => [entry(uid, ["apps.west.example"]), entry("of-another-pod", [])],
  );

  assert.equal(code, 0, err);
  assert.equal(
    out,
    "shop/cart-0 in east\n" +
      "  spiffe://apps.east.example/ns/shop/sa/cart\n" +
      "    receives the bundles of apps.west.example\n",
  );
});

Deno.test("svid show --context tells the operator's fallback from an entry of one's own", async () => {
  const { code, out } = await show([...PLACE, "cart-0"], (uid) => [entry(uid, [], "default")]);

  assert.equal(code, 0);
  assert.match(out, /receives no other trust domain's bundle\n.*fallback/);
});

Deno.test("svid show --context: a pod without entry, or with another ID, is exit code 3", async () => {
  const none = await show([...PLACE, "cart-0"], () => []);
  const other = await show(
    [...PLACE, "cart-0", "--expect-id", "spiffe://apps.east.example/other", "-o", "json"],
    (uid) => [entry(uid, [])],
  );

  assert.equal(none.code, 3);
  assert.match(none.out, /no entry/);
  assert.equal(other.code, 3);
  assert.equal(JSON.parse(other.out).kind, "PodIdentity");
  assert.equal(JSON.parse(other.out).mountsWorkloadApi, true);
});

Deno.test("svid show --context: no such pod is exit code 5, half of the flags exit code 2", async () => {
  assert.equal((await show([...PLACE, "nobody"], () => [])).code, 5);
  for (const words of [["--context", "east", "cart-0"], ["-n", "shop", "cart-0"]]) {
    assert.equal((await show(words, () => [])).code, 2);
  }
});
