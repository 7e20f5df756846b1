/** What the SPIRE server's `bundle` commands answer, in words and in exit codes. */
import assert from "node:assert/strict";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  CONTROLLER_CLASS,
} from "../../manifests/cluster_federated_trust_domain.ts";
import { CLUSTER_STATIC_ENTRIES } from "../../manifests/cluster_static_entry.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import {
  authoritiesOf,
  type Contract,
  type Ground,
  isRelated,
  ownBundle,
  type Party,
  refresh,
  spire,
  stored,
  trusting,
} from "./ground.ts";

const NOBODY = "spiffe://nobody.example";

/** Every contract about stored bundles. */
export const BUNDLES: readonly Contract[] = [
  {
    name: "bundle set over stdin stores, bundle delete takes away, each says so",
    run: async ({ holder }) => {
      const bundle = await ownBundle(holder);
      const words = ["-id", NOBODY];

      const set = await spire(holder, ["bundle", "set", ...words, "-format", "spiffe"], bundle);
      assert.deepEqual(set, { code: 0, stdout: "bundle set.\n", stderr: "" });
      assert.deepEqual(await stored(holder, "nobody.example"), authoritiesOf(bundle));
      const gone = await spire(holder, ["bundle", "delete", ...words]);
      assert.deepEqual(gone, { code: 0, stdout: "bundle deleted.\n", stderr: "" });
      assert.equal(await stored(holder, "nobody.example"), undefined);
    },
  },
  {
    name: "bundle set refuses what is no bundle",
    run: async ({ holder }) => {
      const words = ["bundle", "set", "-id", NOBODY, "-format", "spiffe"];
      const { code, stdout, stderr } = await spire(holder, words, "garbage");

      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, /^Error: unable to parse to spiffe bundle: /);
    },
  },
  {
    name: "bundle delete tells of a failure in its exit code or in its JSON, never in both",
    run: async ({ holder }) => {
      const plain = await spire(holder, ["bundle", "delete", "-id", NOBODY]);
      const json = await spire(holder, ["bundle", "delete", "-id", NOBODY, "-output", "json"]);

      assert.equal(plain.code, 1);
      assert.match(plain.stderr, /^Error: failed to delete federated bundle .*bundle not found\n$/);
      assert.equal(json.code, 0);
      const [{ status }] = JSON.parse(json.stdout).results;
      assert.deepEqual(status, { code: 5, message: "bundle not found" });
    },
  },
  {
    name: "bundle list of an unknown trust domain is an error",
    run: async ({ holder }) => {
      const { code, stderr } = await spire(holder, ["bundle", "list", "-id", NOBODY]);
      assert.equal(code, 1);
      assert.match(stderr, /^Error: .*code = NotFound desc = bundle not found\n$/);
    },
  },
  {
    name: "the bundle that goes while its relationship stays is never seeded again",
    run: async (ground) => {
      const { holder, peer: { trustDomain }, pass } = ground;
      await trusting(ground);
      const id = ["-id", `spiffe://${trustDomain}`];

      const { code } = await spire(holder, ["bundle", "delete", ...id, "-mode", "dissociate"]);
      assert.equal(code, 0);
      await pass(11);

      assert.equal(await isRelated(holder, trustDomain), true);
      assert.equal(await stored(holder, trustDomain), undefined);
      const answer = await refresh(holder, trustDomain);
      assert.equal(answer.code, 1);
      assert.match(answer.stderr, /local copy of bundle not found/);
      assert.ok(await holder.cluster.get(CLUSTER_FEDERATED_TRUST_DOMAINS, "contract"));
    },
  },
  { name: "an entry that federates with what is not stored is refused until it is", run: entries },
  {
    name: "healthcheck and version answer",
    run: async ({ holder }) => {
      assert.deepEqual(await spire(holder, ["healthcheck"]), {
        code: 0,
        stdout: "Server is healthy.\n",
        stderr: "",
      });
      const { code, stdout, stderr } = await spire(holder, ["--version"]);
      assert.equal(code, 0);
      assert.match(stdout + stderr, /^1\.13\.3/);
    },
  },
];

function staticEntry({ trustDomain }: Party): Manifest {
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterStaticEntry",
    metadata: { name: "contract" },
    spec: {
      className: CONTROLLER_CLASS,
      spiffeID: `spiffe://${trustDomain}/contract`,
      parentID: `spiffe://${trustDomain}/spire/agent/nobody`,
      selectors: ["unix:uid:4711"],
      federatesWith: ["nobody.example"],
    },
  };
}

async function entries({ holder, eventually, pass }: Ground): Promise<void> {
  const { cluster } = holder;
  const id = ["-id", NOBODY];
  const federating = async (): Promise<number> => {
    const words = ["entry", "show", "-federatesWith", NOBODY, "-output", "json"];
    return JSON.parse((await spire(holder, words)).stdout).entries.length;
  };
  const { uid } = await cluster.apply(staticEntry(holder));
  try {
    await pass(3);
    assert.equal(await federating(), 0);

    const words = ["bundle", "set", ...id, "-format", "spiffe"];
    assert.equal((await spire(holder, words, await ownBundle(holder))).code, 0);
    await eventually("the entry", async () => await federating() === 1);

    const plain = await spire(holder, ["bundle", "delete", ...id]);
    assert.equal(plain.code, 1);
    assert.match(plain.stderr, /cannot delete bundle; federated with 1 registration entries\n$/);
    const json = await spire(holder, ["bundle", "delete", ...id, "-output", "json"]);
    assert.equal(json.code, 0);
    assert.equal(JSON.parse(json.stdout).results[0].status.code, 9);
    assert.equal((await spire(holder, ["bundle", "delete", ...id, "-mode", "dissociate"])).code, 0);
    assert.equal(await federating(), 0);
    assert.equal(await stored(holder, "nobody.example"), undefined);
  } finally {
    await cluster.delete({ resource: CLUSTER_STATIC_ENTRIES, name: "contract" }, { uid });
    await spire(holder, ["bundle", "delete", ...id, "-mode", "dissociate"]);
  }
}
