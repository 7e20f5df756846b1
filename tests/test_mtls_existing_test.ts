/** `test-mtls --existing`, by whole command lines: servers that run already. */
import assert from "node:assert/strict";
import type { VisitRecord } from "../lib/mtls/records.ts";
import { withRecords } from "../lib/mtls/testing_facts.ts";
import { assertGolden } from "./support/golden.ts";
import { leftIn, type Script } from "./support/scripted_probes.ts";
import { CART_ID as ID, inShop, type ShopOptions } from "./support/shop.ts";

type Json = ReturnType<typeof JSON.parse>;

const WORDS = ["test-mtls", "east", "west", "--existing", "app=cart", "-n", "shop"];
/** The same visits with one of them otherwise. */
function visiting(name: VisitRecord["name"], change: Partial<VisitRecord>): Script {
  return (facts) =>
    withRecords(
      facts,
      "visitor",
      (records) =>
        records.map((record) =>
          record.event === "visit" && record.name === name ? { ...record, ...change } : record
        ),
    );
}

function withoutRun(text: string): string {
  return text.replace(/spirefed-test-[0-9a-f]{8}/g, "spirefed-test-01234567");
}

Deno.test("--existing visits the pods that run, makes nothing beside them, and says what it did not see", async () => {
  const { code, out, err, practice } = await inShop(WORDS);

  assert.equal(code, 0, err + out);
  await assertGolden("test_mtls_existing.txt", withoutRun(err + out));
  assert.deepEqual(leftIn(practice), []);
  assert.deepEqual(
    practice.calls.filter(({ cluster, verb }) => cluster === "east" && verb === "create"),
    [],
  );
});

Deno.test("--existing in JSON names the server's pods, its chain, and whether it let the caller in", async () => {
  const { code, out } = await inShop([...WORDS, "-o", "json"]);

  const [{ server, caller, existing, passed, protocol, roundTripMs }]: Json = JSON.parse(out)
    .directions;
  assert.equal(code, 0);
  assert.deepEqual([passed, protocol, roundTripMs], [true, "TLSv1.3", null]);
  assert.equal(server.spiffeId, ID);
  assert.deepEqual(server.federatesWith, ["apps.west.example"]);
  assert.match(caller.spiffeId, /\/visitor$/);
  assert.deepEqual(existing.pods, [
    { name: "cart-0", spiffeIds: [ID] },
    { name: "cart-1", spiffeIds: [ID] },
  ]);
  assert.deepEqual([existing.host, existing.letIn], ["cart.apps.east.example", true]);
  assert.equal(existing.chain[0].serial, "0b");
});

Deno.test("a server that keeps callers without certificate fails, above all else", async () => {
  const script = visiting("no-certificate", { outcome: "stayed", code: null, detail: null });
  const { code, out, err } = await inShop(WORDS, { script });

  assert.equal(code, 3);
  await assertGolden("test_mtls_existing_open.txt", withoutRun(err + out));
});

const WORLDS: readonly (readonly [string, ShopOptions, readonly RegExp[]])[] = [
  [
    "pods without entry",
    { withoutEntry: true },
    [
      /existing\/entries[^]*\[east\] shop\/cart-0 has no entry/,
      /troubleshoot east --pod shop\/cart-0/,
    ],
  ],
  [
    "an entry that does not federate",
    {
      federatesWith: [],
      script: visiting("visit", {
        outcome: "ended",
        code: "certificate/refused",
        detail: "alert bad certificate",
      }),
    },
    [
      /existing\/federates[^]*cart-0 does not federate with\s+apps\.west\.example/,
      /existing\/let-in[^]*the server ended the connection once it had/,
    ],
  ],
  [
    "a route that ends TLS",
    { routes: { cart: "edge" } },
    [/existing\/way[^]*Route shop\/cart is edge: the router ends TLS/],
  ],
  [
    "a route that no router took",
    { admitted: "False" },
    [/existing\/way[^]*Route shop\/cart is not admitted by any router/],
  ],
  ["no route", { routes: {} }, [/existing\/way[^]*no Route in shop leads to the pods/]],
  [
    "somebody else behind the route",
    {
      script: visiting("visit", {
        outcome: "turned-away",
        saw: null,
        code: "svid/other-id",
        chain: [{
          uris: ["spiffe://apps.east.example/ns/bank/sa/vault"],
          subject: "",
          issuer: "",
          serial: "",
          notBefore: "",
          notAfter: "",
        }],
      }),
    },
    [/existing\/chain[^]*somebody else answers at[^]*ns\/bank\/sa\/vault/],
  ],
  [
    "authorities that the server does not know",
    {
      script: visiting("visit", {
        outcome: "ended",
        code: "authority/unknown",
        detail: "alert unknown ca",
      }),
    },
    [/existing\/let-in[^]*\[east\] the server refused the caller's certificate/, /peer east west/],
  ],
  [
    "a server that takes any name for its own",
    {
      script: visiting("other-server-id", { outcome: "ended", code: "net/reset", detail: "cut" }),
    },
    [/control\/other-server-id[^]*it did not come to that: net\/reset: cut/],
  ],
  [
    "a server that hangs up on nobody but cannot be reached for a control",
    { script: visiting("self-signed", { outcome: "unreachable", code: "net/timeout" }) },
    [/control\/self-signed[^]*it did not come to that: \[west\]/],
  ],
  [
    "a control that was cut before the server had proved itself",
    {
      script: visiting("no-certificate", {
        outcome: "ended",
        saw: null,
        code: "certificate/absent",
        detail: "forged alert",
      }),
    },
    [/control\/no-certificate[^]*it did not come to that: \[west\]\s+certificate\/absent/],
  ],
  [
    "a way that is cut",
    { script: visiting("visit", { outcome: "unreachable", saw: null, code: "net/dns" }) },
    [/existing\/chain[^]*\[west\] from a pod the server's host has no address/],
  ],
];

for (const [what, options, expected] of WORLDS) {
  Deno.test(`--existing tells apart ${what}, and leaves nothing: exit code 3`, async () => {
    const { code, out, err, practice } = await inShop(WORDS, options);

    assert.equal(code, 3, out + err);
    for (const pattern of expected) assert.match(out, pattern);
    assert.match(out, /west → east: failed\n$/);
    assert.deepEqual(leftIn(practice), []);
  });
}

Deno.test("--existing where nothing is chosen, or nothing that runs: exit code 5, nothing made", async () => {
  const nobody = await inShop([...WORDS.slice(0, 4), "app=nobody", "-n", "shop"]);
  const pending = await inShop(WORDS, { phase: "Pending" });

  assert.equal(nobody.code, 5);
  assert.match(nobody.err, /\[east\] app=nobody chooses no pod in shop/);
  assert.equal(pending.code, 5);
  assert.match(pending.err, /no pod that runs, of 2/);
  assert.equal(pending.practice.writes(), 0);
});

Deno.test("an ID of another trust domain than the cluster's is never expected", async () => {
  const forged = "spiffe://apps.west.example/ns/shop/sa/default";
  const entries = (uid: string): string =>
    JSON.stringify({
      entries: [{
        id: "1",
        spiffe_id: { trust_domain: "apps.west.example", path: "/ns/shop/sa/default" },
        selectors: [{ type: "k8s", value: `pod-uid:${uid}` }],
        federates_with: ["apps.west.example"],
      }],
    });
  const { code, out, practice } = await inShop(WORDS, {
    exec: (command) => {
      const uid = /k8s:pod-uid:(\S+)/.exec(command.join(" "))?.[1];
      return uid === undefined ? undefined : { code: 0, stdout: entries(uid), stderr: "" };
    },
  });

  assert.equal(code, 3);
  assert.match(out, /no entry of these pods has an ID of\s+apps\.east\.example/);
  assert.doesNotMatch(out, new RegExp(`expected ${forged}`));
  assert.equal(practice.writes("west"), 0);
});

Deno.test("of two routes one has to be named: exit code 5, and --host names it", async () => {
  const routes = { cart: "passthrough", pay: "passthrough" } as const;
  const both = await inShop(WORDS, { routes });
  const named = await inShop([...WORDS, "--host", "pay.apps.east.example:8443"], { routes });

  assert.equal(both.code, 5);
  assert.match(both.err, /2 routes lead to app=cart[^]*--host cart\.apps\.east\.example/);
  assert.equal(named.code, 0, named.err);
  assert.match(named.out, /--host, pay\.apps\.east\.example:8443/);
});

Deno.test("the visitor has the ID that it is given, of its own trust domain alone", async () => {
  const id = "spiffe://apps.west.example/ns/shop/sa/web";
  const own = await inShop([...WORDS, "--caller-id", id, "-o", "json"]);
  const others = await inShop([...WORDS, "--caller-id", ID]);

  assert.equal(JSON.parse(own.out).directions[0].caller.spiffeId, id);
  assert.match(own.err, /its ID is\s+spiffe:\/\/apps\.west\.example\/ns\/shop\/sa\/web/);
  assert.equal(others.code, 2);
  assert.match(others.err, /is not of apps\.west\.example/);
});

Deno.test("--existing --dry-run makes nothing and proves nothing", async () => {
  const { code, out, practice } = await inShop([...WORDS, "--dry-run"]);

  assert.equal(code, 0);
  assert.match(out, /nothing was made/);
  assert.equal(practice.writes(), 0);
});

Deno.test("half of the flags of --existing, and words that name no host, are usage errors", async () => {
  for (
    const words of [
      ["--existing", "app=cart"],
      ["-n", "shop"],
      ["--host", "cart.apps.east.example"],
      ["--existing", "app=cart", "-n", "shop", "--repeat", "20"],
      ["--existing", "app=cart", "-n", "shop", "--both", "--host", "a.example"],
      ["--existing", "app=cart", "-n", "shop", "--host", "127.0.0.1"],
      ["--existing", "app=cart", "-n", "shop", "--host", "https://a.example"],
      ["--existing", "app=cart", "-n", "shop", "--host", "a.example:0"],
      ["--existing", "app=cart", "-n", "shop", "--caller-id", "web"],
      ["--image", "a b"],
    ]
  ) {
    const { code, practice } = await inShop(["test-mtls", "east", "west", ...words]);
    assert.equal(code, 2, words.join(" "));
    assert.equal(practice.writes(), 0);
  }
});

Deno.test("without pods/exec nobody knows the entries: exit code 5, nothing made", async () => {
  const { code, err, practice } = await inShop(WORDS, { denied: true });

  assert.equal(code, 5);
  assert.match(err, /\[east\][^]*pods\/exec/);
  assert.equal(practice.writes(), 0);
});

Deno.test("docs/checks.md explains every check of test-mtls", async () => {
  const text = await Deno.readTextFile(new URL("../docs/checks.md", import.meta.url));
  const headings = new Set(
    [...text.matchAll(/^### (.+)$/gm)].flatMap(([, ids = ""]) => ids.split(", ")),
  );
  const lines = [WORDS, ["test-mtls", "east", "west"]];

  for (const line of lines) {
    const { out } = await inShop([...line, "-o", "json"]);
    const ids: readonly string[] = JSON.parse(out).items.map(({ id }: Json) => id);
    assert.deepEqual(ids.filter((id) => !headings.has(id)), []);
  }
});
