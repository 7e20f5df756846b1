/** `svid show --context`: which SVIDs a running pod is given. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { Cluster } from "../lib/cluster/cluster.ts";
import type { Context } from "../lib/context.ts";
import { SpirefedError } from "../lib/errors.ts";
import { derToPem } from "../lib/spiffe/mod.ts";
import { type Practice, practice } from "./support/practice.ts";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "cart-0", namespace: "shop" },
  spec: { volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io" } }] },
  status: { phase: "Running", containerStatuses: [{ name: "cart", ready: true }] },
};

/** What a command in a container answers, where it is not the SPIRE server's. */
type InPod = (...call: Parameters<Cluster["exec"]>) => ReturnType<Cluster["exec"]> | undefined;

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
function answering(
  { context }: Practice,
  entries: readonly unknown[],
  inPod: InPod = () => undefined,
): Context {
  return {
    ...context,
    openCluster: async (name, access) =>
      new Proxy(await context.openCluster(name, access), {
        get(target, member): unknown {
          const value: unknown = Reflect.get(target, member);
          if (member === "exec") {
            return (...[container, command]: Parameters<Cluster["exec"]>) => {
              if (command[0] === "sed" || command.includes("bundle")) {
                return inPod(container, command) ?? target.exec(container, command);
              }
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
      "    receives the bundles of apps.west.example\n" +
      "This is what the SPIRE server gives it. The certificate that it holds now is in\n" +
      "its own memory: --file PATH reads one that a helper wrote, test-mtls --existing\n" +
      "shows the one that it serves.\n",
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

const ID = "spiffe://apps.east.example/ns/shop/sa/cart";

/** Shows a pod and what a file in it holds: an SVID of this ID, signed by that cluster's authority. */
async function showFile(
  { id = ID, signedBy = "east", words = [], answer }: {
    readonly id?: string;
    readonly signedBy?: "east" | "west";
    readonly words?: readonly string[];
    readonly answer?: InPod;
  } = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const one = await practice();
  const east = one.cluster("east");
  await east.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  const { uid } = await east.create(POD);
  const [authority] = one.world.clusters.get(signedBy)?.spire.x509Authorities ?? [];
  assert.ok(authority);
  const { chain } = await one.ring.svid(id, authority.der, one.context.now().getTime());
  const stdout = chain.map(derToPem).join("");
  const inPod: InPod = (container, command) => {
    if (command[0] !== "sed") return undefined;
    assert.deepEqual([container.container, command.at(-1)], ["cart", "/certs/svid.pem"]);
    return Promise.resolve({ code: 0, stdout, stderr: "" });
  };
  const line = ["svid", "show", ...PLACE, "cart-0", "--file", "/certs/svid.pem", ...words];
  const code = await main(line, answering(one, [entry(uid, [])], answer ?? inPod));
  return { code, out: one.context.out.join(""), err: one.context.err.join("") };
}

Deno.test("svid show --file judges what a helper wrote by the cluster's own bundle", async () => {
  const { code, out, err } = await showFile();
  const json = await showFile({ words: ["-o", "json"] });

  assert.equal(code, 0, err + out);
  assert.match(
    out,
    /\/certs\/svid\.pem in the pod holds\nspiffe:\S+\/cart\nthe bundle of apps\.east\.example vouches for it\nserial [0-9a-f]+, 2026-03-02T/,
  );
  const { certificate } = JSON.parse(json.out);
  assert.deepEqual([certificate.spiffeId, certificate.vouched], [ID, true]);
});

Deno.test("svid show --file: another authority's, or another ID than SPIRE gives, is exit code 3", async () => {
  const forged = await showFile({ signedBy: "west" });
  const other = await showFile({ id: `${ID}-old` });

  assert.equal(forged.code, 3);
  assert.match(forged.out, /the bundle does not vouch for it/);
  assert.equal(other.code, 3);
  assert.match(other.out, /SPIRE gives the pod \S+\/cart, not\s+\S+-old/);
});

Deno.test("svid show --file says why a file cannot be had: exit code 5", async () => {
  const answers: readonly (readonly [InPod, RegExp])[] = [
    [
      () => Promise.resolve({ code: 2, stdout: "", stderr: "sed: no such file\n" }),
      /\[east\] shop\/cart-0, cart: \/certs\/svid\.pem cannot be read: sed: no such file/,
    ],
    [() => Promise.resolve({ code: 0, stdout: "\n", stderr: "" }), /holds no certificate in PEM/],
    [
      () => Promise.resolve({ code: 0, stdout: "a".repeat(300_000), stderr: "" }),
      /holds more than a chain/,
    ],
    [
      () =>
        Promise.reject(new SpirefedError("preflight", "[east] exec: executable file not found")),
      /the image has no sed to leave keys behind with; oc spirefed test-mtls/,
    ],
  ];
  for (const [inPod, expected] of answers) {
    const { code, err } = await showFile({ answer: inPod });
    assert.equal(code, 5, err);
    assert.match(err, expected);
  }
});

Deno.test("svid show --file goes with a pod, and is a path from the root: exit code 2", async () => {
  for (
    const words of [
      ["chain.pem", "--file", "/certs/svid.pem"],
      [...PLACE, "cart-0", "--file", "svid.pem"],
      [...PLACE, "cart-0", "--container", "cart"],
    ]
  ) {
    assert.equal((await show(words, () => [])).code, 2, words.join(" "));
  }
});
