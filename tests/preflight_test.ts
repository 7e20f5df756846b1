/** `preflight`, as its users meet it, and every way in which an installation goes wrong. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { PREFLIGHT_CHECKS } from "../lib/install/checks/all.ts";
import {
  federated,
  holding,
  insecureContext,
  patched,
  skewed,
  without,
} from "./support/ailments.ts";
import { FAILURE_MODES, NOT_STAGED } from "./support/failure_modes.ts";
import { stageFor } from "./support/failure_staging.ts";
import { assertGolden } from "./support/golden.ts";
import { type Practice, practice, type PracticeOptions } from "./support/practice.ts";

const EMPTY = { name: "east", operator: false };

interface Item {
  readonly id: string;
  readonly subject: string;
  readonly status: string;
  readonly detail: string | null;
  readonly remedy: string | null;
  readonly because: string | null;
}

async function preflight(
  options: PracticeOptions,
  ...words: readonly string[]
): Promise<{ run: Practice; code: number; items: readonly Item[] }> {
  const run = await practice(options);
  const line = words.length === 0 ? ["east", "west"] : words;
  const code = await main(["preflight", ...line, "-o", "json"], run.context);
  const text = run.context.out.join("");
  return { run, code, items: text === "" ? [] : JSON.parse(text).items };
}

function find(items: readonly Item[], id: string, subject = "east"): Item {
  const found = items.find((item) => item.id === id && item.subject === subject);
  assert.ok(found, `no ${id} of ${subject}`);
  return found;
}

Deno.test("preflight of an empty and a healthy cluster passes, writes nothing, names what is next", async () => {
  const run = await practice({ clusters: [EMPTY, "west"] });

  assert.equal(await main(["preflight", "east", "west"], run.context), 0);

  assert.equal(run.writes(), 0);
  assert.equal(run.dryRuns(), 0);
  await assertGolden("preflight.txt", run.context.out.join(""));
});

for (const mode of FAILURE_MODES) {
  Deno.test(`preflight names it: ${mode.name}`, async () => {
    const { patch, flags = [] } = mode;
    const { run, code, items } = await preflight(
      { clusters: [stageFor(mode)], patch },
      "east",
      ...flags,
    );

    const { status, detail, remedy } = find(items, mode.check);
    assert.equal(status, mode.status, `${detail}`);
    assert.match(detail ?? "", mode.detail);
    assert.match(remedy ?? "", mode.remedy);
    assert.equal(
      code,
      mode.status === "fail" ? 5 : 0,
      JSON.stringify(items.filter(({ status }) => status === "fail")),
    );
    assert.equal(run.writes(), 0);
  });
}

Deno.test("every failure mode of an installation is staged, or there is a reason why not", () => {
  const wanted = [...Array(25).keys()].map((at) => `F${at + 1}`);
  const staged = new Set(FAILURE_MODES.map(({ name }) => name.split(" ")[0]));

  const open = wanted.filter((id) => !staged.has(id) && NOT_STAGED[id] === undefined);

  assert.deepEqual(open, []);
});

Deno.test("preflight reports clusters that are down and those that are up at once", async () => {
  const { code, items } = await preflight(
    {
      clusters: ["east", "west", "north"],
      faults: [
        { cluster: "east", verb: "*", reset: true },
        { cluster: "north", verb: "*", status: 401, reason: "Unauthorized" },
      ],
    },
    "east",
    "west",
    "north",
  );

  assert.equal(code, 5);
  assert.equal(find(items, "api/reachable").status, "fail");
  assert.match(find(items, "api/reachable", "north").detail ?? "", /401/);
  assert.equal(find(items, "endpoint/answers", "west").status, "pass");
  const consequences = items.filter(({ subject, status }) =>
    subject === "east" && status === "skip"
  );
  assert.ok(consequences.every(({ because }) => because === "api/reachable"));
});

Deno.test("preflight names each permission that is missing", async () => {
  const { code, items } = await preflight({
    patch: without(
      "east",
      { verb: "create", resource: "subscriptions" },
      { verb: "patch", resource: "clusterfederatedtrustdomains" },
    ),
  });

  assert.equal(code, 5);
  assert.match(
    find(items, "permissions/install").detail ?? "",
    /lacks create subscriptions\.operators\.coreos\.com -n zero-trust/,
  );
  assert.match(
    find(items, "permissions/peer").remedy ?? "",
    /auth can-i patch clusterfederatedtrustdomains\.spire\.spiffe\.io/,
  );
});

Deno.test("preflight skips what may not be read, and says so", async () => {
  const { items } = await preflight({
    patch: without("east", { verb: "list", resource: "storageclasses" }),
    clusters: [EMPTY],
  }, "east");

  const found = find(items, "storage/class");
  assert.equal(found.status, "skip");
  assert.match(found.detail ?? "", /403 Forbidden: storageclasses/);
});

Deno.test("preflight finds one cluster under two names, and equal trust domains", async () => {
  const twins = await preflight({ contexts: { "east-again": "east" } }, "east", "east-again");
  const names = await preflight({
    clusters: ["east", {
      name: "west",
      trustDomain: "apps.east.example",
      ingressDomain: "apps.west.example",
    }],
  });

  assert.equal(find(twins.items, "api/distinct").status, "fail");
  assert.equal(find(names.items, "trust-domain/distinct").status, "fail");
  assert.match(
    find(names.items, "trust-domain/ingress", "west").detail ?? "",
    /not below apps\.west/,
  );
});

Deno.test("preflight judges contexts without verified TLS, and clocks", async () => {
  const { code, items } = await preflight({
    patch: [insecureContext("east"), skewed("west", 90_000)],
  });

  assert.equal(code, 5);
  assert.match(find(items, "api/verified").detail ?? "", /switches TLS verification off/);
  assert.match(find(items, "api/clock", "west").detail ?? "", /90 s ahead/);
  assert.equal(find(items, "endpoint/answers").because, "api/verified");
});

Deno.test("preflight finds trust domains that no host name can hold", async () => {
  const judged = async (name: string): Promise<Item> => {
    const { items } = await preflight({ clusters: [EMPTY] }, "east", "--trust-domain", name);
    return find(items, "trust-domain/name");
  };

  assert.match(
    (await judged("Apps.example")).detail ?? "",
    /no trust domain that the operator takes/,
  );
  assert.match((await judged(`${"a".repeat(64)}.example`)).detail ?? "", /no label of a host name/);
  assert.match((await judged("a.".repeat(122) + "b")).detail ?? "", /more than 253 characters/);
  assert.equal((await judged("apps.other.example")).status, "pass");
});

Deno.test("preflight finds what one definition does not know", async () => {
  const { items } = await preflight({
    patch: patched("east", {
      kind: "CustomResourceDefinition",
      apiVersion: "apiextensions.k8s.io/v1",
      name: "spireservers.operator.openshift.io",
    }, {
      spec: {
        versions: [{
          name: "v1alpha1",
          served: true,
          schema: {
            openAPIV3Schema: {
              properties: {
                spec: { properties: { jwtIssuer: {}, caSubject: {}, persistence: {} } },
              },
            },
          },
        }],
      },
    }),
  }, "east");

  assert.match(
    find(items, "definitions/schema").detail ?? "",
    /does not know SpireServer spec\.federation/,
  );
});

Deno.test("preflight finds trust domains that are declared twice", async () => {
  const { items } = await preflight({
    patch: [
      federated("east", "west"),
      ({ mount, ...rest }) => {
        const [held] = [...mount.cluster("east").objects.values()]
          .filter(({ manifest }) => manifest.kind === "ClusterFederatedTrustDomain");
        assert.ok(held);
        const { apiVersion, kind } = held.manifest;
        const copy = {
          apiVersion,
          kind,
          metadata: { name: "second" },
          spec: held.manifest["spec"],
        };
        return holding("east", copy)({ mount, ...rest });
      },
    ],
  });

  assert.match(find(items, "federation/declared").detail ?? "", /both declare apps\.west\.example/);
});

Deno.test("preflight --fail-on warn exits 6 for warnings alone", async () => {
  const { code } = await preflight({}, "east", "west", "--fail-on", "warn");

  assert.equal(code, 6);
});

Deno.test("preflight -o junit has a case a check and cluster", async () => {
  const run = await practice({ clusters: [EMPTY, "west"] });

  assert.equal(await main(["preflight", "east", "west", "-o", "junit"], run.context), 0);

  const cases = run.context.out.join("").match(/<testcase /g);
  assert.equal(cases?.length, PREFLIGHT_CHECKS.length * 2);
});

Deno.test("preflight reads what is wanted from a values file, and refuses what it does not know", async () => {
  const files = {
    "values.yaml": "channel: alpha\nclusters:\n  east:\n    trustDomain: td.apps.east.example\n",
    "typo.yaml": "chanel: alpha\n",
    "stranger.yaml": "clusters: { north: { size: 1Gi } }\n",
  };
  const { items } = await preflight({ clusters: [EMPTY], files }, "east", "-f", "values.yaml");
  const typo = await preflight({ files }, "east", "-f", "typo.yaml");
  const stranger = await preflight({ files }, "east", "-f", "stranger.yaml");

  assert.match(find(items, "olm/channel").detail ?? "", /no channel alpha/);
  assert.equal(find(items, "trust-domain/name").detail, "td.apps.east.example");
  assert.equal(typo.code, 2);
  assert.match(typo.run.context.err.join(""), /chanel/);
  assert.equal(stranger.code, 2);
});

Deno.test("preflight refuses settings that make no sense", async () => {
  for (
    const words of [
      ["east", "east"],
      ["east", "west", "--trust-domain", "one.example"],
      ["east", "--refresh-hint", "10"],
      ["east", "--ca-subject", "nonsense"],
    ]
  ) {
    assert.equal((await preflight({}, ...words)).code, 2, words.join(" "));
  }
});

Deno.test("docs/checks.md explains every check", async () => {
  const text = await Deno.readTextFile(new URL("../docs/checks.md", import.meta.url));
  const headings = new Set([...text.matchAll(/^### (\S+)$/gm)].map(([, id]) => id));

  assert.deepEqual(PREFLIGHT_CHECKS.map(({ id }) => id).filter((id) => !headings.has(id)), []);
});
