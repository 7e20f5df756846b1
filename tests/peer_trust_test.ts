/** The rules of trust, each attacked: `peer` must refuse, and write nothing. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { ClusterState } from "../sandbox/model.ts";
import { servedBundle } from "../sandbox/network.ts";
import {
  alsoServing,
  answering,
  change,
  endpointAt,
  federated,
  frozenBody,
  impostor,
  insecureContext,
  objectIn,
  replacedCa,
  rotating,
  routeAt,
  skewed,
  storing,
  withoutExec,
} from "./support/ailments.ts";
import { holdsBundleOf } from "./support/holding.ts";
import { type Practice, practice, type WorldPatch } from "./support/practice.ts";

const PEER = ["peer", "east", "west"];

async function refuses(
  exitCode: number,
  patch: WorldPatch | readonly WorldPatch[],
  { says, args = PEER }: { readonly says: RegExp; readonly args?: readonly string[] },
): Promise<Practice> {
  const run = await practice({ patch });

  assert.equal(await main(args, run.context), exitCode, run.context.err.join(""));

  assert.equal(run.writes(), 0, "nothing may be written");
  assert.match(run.context.err.join(""), says);
  return run;
}

// Rule 1: the first bundle

Deno.test("peer refuses an endpoint that another server answers", async () => {
  await refuses(4, impostor("west", "east"), { says: /\[west\] .*federation.apps.west.example/ });
});

Deno.test("peer refuses an impostor under --yes too", async () => {
  await refuses(4, impostor("west", "east"), { says: /west/, args: [...PEER, "--yes"] });
});

Deno.test("peer refuses an endpoint that serves nobody's authorities", async () => {
  await refuses(4, answering("west", { body: '{"keys":[]}' }), { says: /west/ });
});

Deno.test("peer takes an error document with status 200 for no bundle", async () => {
  await refuses(5, answering("west", { body: '{"error":"no backend"}' }), { says: /west/ });
});

Deno.test("peer refuses a redirect and shows where it leads", async () => {
  await refuses(4, answering("west", { status: 302, location: "https://evil.example/" }), {
    says: /evil\.example/,
  });
});

Deno.test("peer refuses an endpoint on this machine without --connect-to", async () => {
  await refuses(4, endpointAt("west", "127.0.0.1"), { says: /--connect-to/ });
  await refuses(4, endpointAt("west", "169.254.169.254"), { says: /--connect-to/ });
});

// Rule 2: insecure contexts

Deno.test("every command that reads a bundle refuses a context without TLS verification", async () => {
  const insecure = insecureContext("west");

  await refuses(5, insecure, { says: /\[west\].*TLS verification/ });
  await refuses(5, insecure, {
    says: /TLS verification/,
    args: ["bundle", "fetch", "--context", "west"],
  });
  await refuses(5, insecure, {
    says: /TLS verification/,
    args: ["cfdt", "gen", "--context", "west"],
  });
});

// Rule 3: API and endpoint

Deno.test("peer refuses an endpoint that lacks a root which the API names", async () => {
  const newRoot = rotating("west", "prepare");
  await refuses(4, [frozenBody("west"), newRoot], {
    says: /does not serve the roots that west's API names/,
  });
});

Deno.test("peer looks once more before it refuses: a rotation may be in flight", async () => {
  const run = await refuses(4, [frozenBody("west"), rotating("west", "prepare")], {
    says: /roots/,
  });

  assert.equal(run.fetches("west"), 2);
});

const revoked = ["prepare", "activate", "revoke"] as const;

Deno.test("peer asks the server itself where a revoked root lingers in the ConfigMap", async () => {
  const run = await practice({ patch: revoked.map((step) => rotating("west", step)) });

  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));
});

Deno.test("peer refuses a root that lingers in the ConfigMap where nobody may ask the server", async () => {
  const patch = [...revoked.map((step) => rotating("west", step)), withoutExec("west")];
  await refuses(4, patch, { says: /does not serve the roots that west's API names/ });
});

// Rules 4 and 7: continuity

Deno.test("peer asks before it begins trust anew, and shows both fingerprints", async () => {
  const patch = [federated("east", "west"), replacedCa("west")];
  const run = await refuses(4, patch, { says: /begin trust in apps.west.example anew/ });

  assert.match(run.context.err.join(""), /stored: SHA-256 [0-9a-f]{64}/);
  assert.match(run.context.err.join(""), /new, named by its own API: SHA-256 [0-9a-f]{64}/);
});

Deno.test("peer --yes mends a stale relationship, as the peer's API vouches for it", async () => {
  const run = await practice({ patch: [federated("east", "west"), replacedCa("west")] });

  assert.equal(await main([...PEER, "--yes"], run.context), 0, run.context.err.join(""));
  assert.ok(holdsBundleOf(run, "east", "west"));
  const writes = run.writes();
  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));

  assert.equal(run.writes(), writes);
});

Deno.test("peer without pods/exec cannot mend it, writes nothing, and says who can", async () => {
  await refuses(5, [federated("east", "west"), replacedCa("west"), withoutExec("east")], {
    says: /bundle set -id spiffe:\/\/apps.west.example/,
  });
});

Deno.test("--yes does not begin trust anew for a peer that moved as well", async () => {
  const patch: WorldPatch = async (workshop) => {
    await federated("east", "west")(workshop);
    const before = servedBundle(workshop.mount.cluster("west").spire);
    await replacedCa("west")(workshop);
    await change("east", movedDeclarations)(workshop);
    await storing("east", "apps.west.example", before)(workshop);
  };

  await refuses(4, patch, {
    says: /begin trust in apps.west.example anew/,
    args: [...PEER, "--yes", "--adopt"],
  });
});

/** Every declaration of a cluster says that its peer is somewhere else. */
function movedDeclarations({ objects }: ClusterState): Pick<ClusterState, "objects"> {
  return {
    objects: new Map(
      [...objects].map(([key, stored]) => {
        if (stored.manifest.kind !== "ClusterFederatedTrustDomain") return [key, stored];
        const spec = {
          ...stored.manifest["spec"] as object,
          bundleEndpointURL: "https://old-west.example",
        };
        return [key, { ...stored, manifest: { ...stored.manifest, spec } }];
      }),
    ),
  };
}

Deno.test("a root that is shared is no continuity: certificates of authorities are public", async () => {
  // West's server lost its CA, and publishes its old, public certificate beside the new one.
  const patch: WorldPatch = async (workshop) => {
    await federated("east", "west")(workshop);
    const old = workshop.mount.cluster("west").spire.x509Authorities;
    await replacedCa("west")(workshop);
    const now = workshop.mount.cluster("west").spire.x509Authorities;
    const authorities = [...now, ...old.map((each) => ({ ...each, state: "old" as const }))];
    workshop.mount.dispatch({ type: "authorities", cluster: "west", authorities });
  };

  await refuses(4, patch, { says: /begin trust in apps.west.example anew/ });
});

// Rule 5: what must be asked

Deno.test("a cluster that claims a partner's trust domain is refused, also under --yes", async () => {
  const hostile = {
    name: "west",
    trustDomain: "partner.example",
    ingressDomain: "apps.west.example",
  };
  for (const args of [PEER, [...PEER, "--yes"]]) {
    const run = await practice({
      clusters: ["east", hostile],
      patch: routeAt("west", "federation.apps.west.example"),
    });

    assert.equal(await main(args, run.context), 4, run.context.err.join(""));

    assert.equal(run.writes(), 0);
    assert.match(run.context.err.join(""), /--expect-trust-domain west=partner.example/);
  }
});

Deno.test("a trust domain of its own is fine once it was expected", async () => {
  const west = {
    name: "west",
    trustDomain: "west.corp.example",
    ingressDomain: "apps.west.example",
  };
  const run = await practice({
    clusters: ["east", west],
    patch: routeAt("west", "federation.apps.west.example"),
  });

  // The operator gives the route its own host back at once, so only the plan can be had here.
  const line = [...PEER, "--expect-trust-domain", "west=west.corp.example", "--dry-run"];
  assert.equal(await main(line, run.context), 0, run.context.err.join(""));
  assert.doesNotMatch(run.context.out.join(""), /asks|not its ingress domain/);
});

Deno.test("a hostile cluster under a partner's name, serving the partner's CA beside its own, gets nothing", async () => {
  // East trusts partner already. West claims to be partner, and its bundle holds partner's public CA.
  const clusters = [
    "east",
    { name: "partner", trustDomain: "partner.example", ingressDomain: "partner.example" },
    { name: "west", trustDomain: "partner.example", ingressDomain: "partner.example" },
  ];
  const patch: WorldPatch = async (workshop) => {
    await federated("east", "partner")(workshop);
    alsoServing("west", "partner")(workshop);
  };
  const run = await practice({ clusters, patch });
  const before = run.mount.cluster("east").spire.stored.get("partner.example");

  const code = await main([...PEER, "--yes", "--adopt"], run.context);

  assert.equal(code, 4, run.context.err.join(""));
  assert.equal(run.writes(), 0);
  assert.equal(run.mount.cluster("east").spire.stored.get("partner.example"), before);
});

Deno.test("authorities that also vouch for another trust domain are asked about", async () => {
  const run = await refuses(4, alsoServing("west", "east"), {
    says: /also vouch for another trust domain/,
  });

  assert.match(run.context.err.join(""), /also vouches for apps.east.example/);
});

Deno.test("two contexts of one cluster are not two clusters", async () => {
  const run = await practice({ contexts: { "east-again": "east" } });

  assert.equal(await main(["peer", "east", "east-again"], run.context), 2);

  assert.equal(run.writes(), 0);
  assert.match(run.context.err.join(""), /contexts of one cluster/);
});

Deno.test("two clusters in one trust domain cannot federate", async () => {
  const run = await practice({
    clusters: ["east", { name: "west", trustDomain: "apps.east.example" }],
  });

  assert.equal(await main(PEER, run.context), 2);

  assert.equal(run.writes(), 0);
  assert.match(run.context.err.join(""), /both in trust domain apps.east.example/);
});

// Rule 8: embedded text

Deno.test("a rotated CA makes no writes, only a warning when the text is outdated", async () => {
  const patch = [
    federated("east", "west"),
    rotating("west", "prepare"),
    (workshop) => workshop.clockwork.advance(80_000),
    rotating("west", "activate"),
    (workshop) => workshop.clockwork.advance(80_000),
    rotating("west", "revoke"),
    (workshop) => workshop.clockwork.advance(80_000),
  ] satisfies WorldPatch[];
  const run = await practice({ patch });

  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));
  assert.equal(run.writes(), 0);
  assert.match(run.context.err.join(""), /would not bootstrap apps.west.example any more/);

  const line = [...PEER, "--refresh-embedded", "--yes"];
  assert.equal(await main(line, run.context), 0, run.context.err.join(""));
  assert.ok(run.writes() > 0);
  run.context.err.length = 0;
  assert.equal(await main(PEER, run.context), 0);
  assert.doesNotMatch(run.context.err.join(""), /would not bootstrap/);
});

// Clocks

Deno.test("peer refuses to judge certificates by a clock that is ten minutes off", async () => {
  await refuses(4, skewed("west", 10 * 60_000), { says: /\[west\] clocks differ/ });
});

Deno.test("what is written is the canonical print, never the text that was served", async () => {
  const run = await practice({
    patch: ({ mount }) => {
      const text = servedBundle(mount.cluster("west").spire);
      mount.dispatch({ type: "endpoint", cluster: "west", answer: { body: `  ${text}\n\n` } });
    },
  });

  assert.equal(await main(PEER, run.context), 0, run.context.err.join(""));

  const object = objectIn(run, "east", "clusterfederatedtrustdomains", "apps.west.example");
  const spec = object?.["spec"] as { trustDomainBundle: string } | undefined;
  assert.match(spec?.trustDomainBundle ?? "", /^\{\n {2}"keys": \[/);
});

Deno.test("peer --source api takes no refresh for proof that lost the roots the API names", async () => {
  const foreignRoots: WorldPatch = (workshop) => {
    const { chain } = workshop.mount.cluster("west").spire;
    const body = servedBundle({ ...workshop.mount.cluster("north").spire, chain });
    return answering("west", { chain, body })(workshop);
  };
  const clusters = ["east", "west", "north"];
  const run = await practice({ clusters, patch: [federated("east", "west"), foreignRoots] });

  assert.equal(await main([...PEER, "--source", "api"], run.context), 3);

  assert.match(run.context.out.join(""), /east → west\s+applied, not proven: .*lack roots/);
});

Deno.test("peer -o yaml says until when the bundles in it can begin trust", async () => {
  const run = await practice();

  assert.equal(await main([...PEER, "-o", "yaml"], run.context), 0);

  assert.match(
    run.context.err.join(""),
    /note: \[west\] this bundle bootstraps until 2026-\S+Z at/,
  );
  assert.match(
    run.context.err.join(""),
    /note: \[east\] this bundle bootstraps until 2026-\S+Z at/,
  );
});
