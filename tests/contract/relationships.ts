/** What spire-controller-manager and SPIRE do with a ClusterFederatedTrustDomain. */
import assert from "node:assert/strict";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../manifests/cluster_federated_trust_domain.ts";
import {
  authoritiesOf,
  type Contract,
  declaration,
  type Ground,
  isRelated,
  ownBundle,
  type Party,
  refresh,
  spire,
  SPIRE_SERVER,
  stored,
  trusting,
} from "./ground.ts";

/** Every contract about relationships. */
export const RELATIONSHIPS: readonly Contract[] = [
  {
    name: "a declaration with the peer's bundle becomes a relationship that refreshes",
    run: async (ground) => {
      const { holder, peer: { trustDomain } } = ground;
      const before = await refresh(holder, trustDomain);
      assert.equal(before.code, 1);
      assert.match(before.stderr, /there is no federation relationship with trust domain/);

      const bundle = await trusting(ground);

      assert.deepEqual(await refresh(holder, trustDomain), {
        code: 0,
        stdout: "Bundle refreshed\n",
        stderr: "",
      });
      assert.deepEqual(await stored(holder, trustDomain), authoritiesOf(bundle));
      const { stdout } = await spire(holder, ["federation", "show", "-trustDomain", trustDomain]);
      assert.equal(
        stdout,
        `Found a federation relationship with trust domain ${trustDomain}:

Trust domain              : ${trustDomain}
Bundle endpoint URL       : https://federation.${trustDomain}
Bundle endpoint profile   : https_spiffe
Endpoint SPIFFE ID        : spiffe://${trustDomain}/spire/server
`,
      );
    },
  },
  {
    name: "federation list answers the same members, as JSON with the stored bundle and as text",
    run: async (ground) => {
      const { holder, peer: { trustDomain } } = ground;
      await trusting(ground);

      const json = await spire(holder, ["federation", "list", "-output", "json"]);
      const text = await spire(holder, ["federation", "list"]);
      const bundles = await spire(holder, ["bundle", "list", "-output", "json"]);
      const [bundle] = JSON.parse(bundles.stdout).bundles;

      assert.deepEqual(JSON.parse(json.stdout), {
        federation_relationships: [{
          trust_domain: trustDomain,
          bundle_endpoint_url: `https://federation.${trustDomain}`,
          https_spiffe: { endpoint_spiffe_id: `spiffe://${trustDomain}/spire/server` },
          trust_domain_bundle: bundle,
        }],
        next_page_token: "",
      });
      assert.match(text.stdout, /^Found 1 federation relationship\n\nTrust domain +: /);
    },
  },
  {
    name: "the server tells in its log what it manages and what it refreshed",
    run: async (ground) => {
      const { holder, peer: { trustDomain }, eventually } = ground;

      await trusting(ground);

      const lines = [
        /level=info msg="Trust domain is now managed" bundle_endpoint_profile=https_spiffe bundle_endpoint_url="https:[^"]+" subsystem_name=bundle_client trust_domain=/,
        /level=info msg="Bundle refreshed" subsystem_name=bundle_client trust_domain=/,
      ];
      await eventually("the log to say so", async () => {
        const log = await holder.cluster.logs(SPIRE_SERVER, { tailLines: 40 });
        return lines.every((line) => new RegExp(line.source + trustDomain).test(log));
      });
    },
  },
  {
    name: "an edit of the text alone changes nothing",
    run: async (ground) => {
      const { holder, peer, pass } = ground;
      const bundle = await trusting(ground);

      await holder.cluster.apply(declaration(peer, { bundle: await ownBundle(holder) }));
      await pass(11);

      assert.deepEqual(await stored(holder, peer.trustDomain), authoritiesOf(bundle));
      assert.equal((await refresh(holder, peer.trustDomain)).code, 0);
    },
  },
  {
    name: "an edit of the URL overwrites what is stored with the text, however wrong it is",
    run: editOfUrl,
  },
  {
    name: "deleting a declaration takes the relationship and leaves the bundle",
    run: async (ground) => {
      const { holder, peer: { trustDomain }, eventually } = ground;
      const bundle = await trusting(ground);

      await remove(holder, "contract");

      await eventually("the relationship to go", async () => !await isRelated(holder, trustDomain));
      assert.deepEqual(await stored(holder, trustDomain), authoritiesOf(bundle));
      const show = await spire(holder, ["federation", "show", "-trustDomain", trustDomain]);
      assert.equal(show.code, 1);
      assert.match(
        show.stderr,
        /error showing federation relationship: rpc error: code = NotFound desc = federation relationship does not exist/,
      );
    },
  },
  {
    name: "of two declarations the older one counts, until it is deleted",
    run: twoDeclarations,
  },
  {
    name: "a declaration of another class, or of none, is accepted and ignored",
    run: async ({ holder, peer, pass }) => {
      const bundle = await ownBundle(peer);
      for (const className of ["another-class", null]) {
        const name = className ?? "no-class";
        await holder.cluster.apply(declaration(peer, { name, bundle, className }));
      }
      await pass(11);
      assert.equal(await isRelated(holder, peer.trustDomain), false);
    },
  },
  {
    name: "without a first bundle nothing bootstraps, until bundle set seeds it",
    run: async ({ holder, peer, eventually, pass }) => {
      const { trustDomain } = peer;
      await holder.cluster.apply(declaration(peer));
      await eventually("the relationship", () => isRelated(holder, trustDomain));
      const before = await refresh(holder, trustDomain);
      assert.equal(before.code, 1);
      assert.match(before.stderr, /local copy of bundle not found/);

      const bundle = await ownBundle(peer);
      await holder.cluster.apply(declaration(peer, { bundle }));
      await pass(11);
      assert.equal(await stored(holder, trustDomain), undefined, "text added later is not stored");

      const words = ["bundle", "set", "-id", `spiffe://${trustDomain}`, "-format", "spiffe"];
      assert.deepEqual(await spire(holder, words, bundle), {
        code: 0,
        stdout: "bundle set.\n",
        stderr: "",
      });
      assert.equal((await refresh(holder, trustDomain)).code, 0);
    },
  },
  {
    name: "a declaration of the cluster's own trust domain never becomes a relationship",
    run: async ({ holder, pass }) => {
      await holder.cluster.apply(declaration(holder, { bundle: await ownBundle(holder) }));
      await pass(2);
      assert.equal(await isRelated(holder, holder.trustDomain), false);
    },
  },
];

async function editOfUrl(ground: Ground): Promise<void> {
  const { holder, peer, eventually, pass } = ground;
  const { trustDomain } = peer;
  const bundle = await trusting(ground);
  const wrong = await ownBundle(holder);
  const moved = `https://federation.${trustDomain}/`;

  await holder.cluster.apply(declaration(peer, { bundle: wrong, url: moved }));

  const isWrong = async (): Promise<boolean> =>
    (await stored(holder, trustDomain))?.join() === authoritiesOf(wrong).join();
  await eventually("the overwriting", isWrong);
  const { code, stderr } = await refresh(holder, trustDomain);
  assert.equal(code, 1);
  assert.match(stderr, /^Error: failed to refresh bundle: rpc error: code = Internal desc = /);
  assert.match(stderr, /x509: certificate signed by unknown authority/);

  await holder.cluster.apply(declaration(peer, { bundle, url: moved }));
  await pass(11);
  assert.equal((await refresh(holder, trustDomain)).code, 1, "the text alone repairs nothing");

  await holder.cluster.apply(declaration(peer, { bundle }));
  await eventually("text and URL to repair it", async () => {
    return (await refresh(holder, trustDomain)).code === 0;
  });
}

async function twoDeclarations(ground: Ground): Promise<void> {
  const { holder, peer, eventually, pass } = ground;
  const bundle = await trusting(ground);
  // Age is counted in whole seconds.
  await pass(1.5);
  const url = `https://federation.${peer.trustDomain}/second`;

  await holder.cluster.apply(declaration(peer, { bundle, name: "newer", url }));

  const controller = { ...SPIRE_SERVER, container: "spire-controller-manager" };
  await eventually("the controller's remark", async () => {
    const log = await holder.cluster.logs(controller, { tailLines: 20 });
    return log.includes(
      "Ignoring ClusterFederatedTrustDomain with conflicting trust domain",
    );
  });
  const shown = async (): Promise<string> =>
    (await spire(holder, ["federation", "show", "-trustDomain", peer.trustDomain])).stdout;
  assert.doesNotMatch(await shown(), /second/);
  await remove(holder, "contract");
  await eventually("the newer one", async () => (await shown()).includes("/second"));
}

async function remove({ cluster }: Party, name: string): Promise<void> {
  const resource = CLUSTER_FEDERATED_TRUST_DOMAINS;
  const uid = (await cluster.get(resource, name))?.metadata.uid ?? "";
  assert.equal(await cluster.delete({ resource, name }, { uid }), true);
}
