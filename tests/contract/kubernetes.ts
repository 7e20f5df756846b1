/** What an API server answers to the verbs that this program uses. */
import assert from "node:assert/strict";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../manifests/cluster_federated_trust_domain.ts";
import { SPIRE_SERVERS } from "../../manifests/spire_server.ts";
import {
  assertRefused,
  type Contract,
  declaration,
  type Ground,
  spire,
  SPIRE_SERVER,
} from "./ground.ts";

const CFDTS = CLUSTER_FEDERATED_TRUST_DOMAINS;
const NAME = "contract";

/** Every contract about the API server. */
export const KUBERNETES: readonly Contract[] = [
  {
    name: "a dry run is judged and not stored",
    run: async ({ holder: { cluster }, peer }) => {
      const written = await cluster.apply(declaration(peer), { dryRun: true });

      assert.equal(written.created, true);
      assert.equal(await cluster.get(CFDTS, NAME), undefined);
    },
  },
  {
    name: "applying the same twice leaves the resourceVersion",
    run: async ({ holder: { cluster }, peer }) => {
      const first = await cluster.apply(declaration(peer));
      const second = await cluster.apply(declaration(peer));

      assert.equal(first.created, true);
      assert.equal(second.created, false);
      assert.equal(second.resourceVersion, first.resourceVersion);
      assert.equal(second.uid, first.uid);
    },
  },
  {
    name: "another manager's field is a conflict that names both, unless it is taken by force",
    run: async ({ holder: { cluster, applyAs }, peer }) => {
      await applyAs("argocd-controller", declaration(peer, { url: "https://elsewhere.example" }));

      await assertRefused(
        cluster.apply(declaration(peer)),
        "http/409",
        /conflict with manager "argocd-controller"/,
        /\.spec\.bundleEndpointURL/,
      );
      await assertRefused(cluster.apply(declaration(peer), { dryRun: true }), "http/409");
      await cluster.apply(declaration(peer), { force: true });
      const held = await cluster.get(CFDTS, NAME);
      assert.equal(held?.spec.bundleEndpointURL, `https://federation.${peer.trustDomain}`);
    },
  },
  {
    name: "two managers who say the same are no conflict",
    run: async ({ holder: { cluster, applyAs }, peer }) => {
      await applyAs("argocd-controller", declaration(peer));
      const { created } = await cluster.apply(declaration(peer));
      assert.equal(created, false);
    },
  },
  {
    name: "what a manager no longer applies goes away",
    run: async ({ holder: { cluster }, peer }) => {
      await cluster.apply(declaration(peer, { className: "another-class" }));
      await cluster.apply(declaration(peer, { className: null }));
      assert.equal((await cluster.get(CFDTS, NAME))?.spec.className, undefined);
    },
  },
  {
    name: "a resourceVersion in what is applied must still be true",
    run: async ({ holder: { cluster }, peer }) => {
      const { resourceVersion } = await cluster.apply(declaration(peer));
      await cluster.apply(declaration(peer, { url: "https://elsewhere.example" }));
      const late = declaration(peer);

      await assertRefused(
        cluster.apply({ ...late, metadata: { ...late.metadata, resourceVersion } }),
        "http/409",
        /the object has been modified; please apply your changes to the latest version/,
      );
    },
  },
  {
    name: "a field that is not in the schema is refused",
    run: async ({ holder: { cluster }, peer }) => {
      const more = { bundleEndpointUrl: "https://typo.example" };
      await assertRefused(
        cluster.apply(declaration(peer, { more })),
        "http/500",
        /\.spec\.bundleEndpointUrl: field not declared in schema/,
      );
      await assertRefused(
        cluster.create(declaration(peer, { more })),
        "http/400",
        /strict decoding error: unknown field "spec\.bundleEndpointUrl"/,
      );
    },
  },
  {
    name: "a field that is missing is refused, and named",
    run: async ({ holder: { cluster }, peer }) => {
      const { spec, ...rest } = declaration(peer);
      const { trustDomain: _, ...less } = spec as Readonly<Record<string, unknown>>;
      await assertRefused(
        cluster.create({ ...rest, spec: less }),
        "http/422",
        /spec\.trustDomain: Required value/,
      );
    },
  },
  {
    name: "creating what is there is refused",
    run: async ({ holder: { cluster }, peer }) => {
      await cluster.create(declaration(peer));
      await assertRefused(
        cluster.create(declaration(peer)),
        "http/409",
        /clusterfederatedtrustdomains\.spire\.spiffe\.io "contract" already exists/,
      );
    },
  },
  { name: "deleting is of the object that was seen, and only that", run: deletion },
  {
    name: "a patch with an old resourceVersion is refused",
    run: async ({ holder: { cluster }, peer }) => {
      const { resourceVersion } = await cluster.apply(declaration(peer));
      await cluster.apply(declaration(peer, { url: "https://elsewhere.example" }));
      const body = { metadata: { resourceVersion }, spec: { className: "another-class" } };
      await assertRefused(
        cluster.patch({ resource: CFDTS, name: NAME }, { type: "merge", body }),
        "http/409",
        /the object has been modified/,
      );
    },
  },
  { name: "a watch tells what is there and what happens to it, in order", run: watching },
  {
    name: "the operator's rules are the API server's: what is set once stays",
    run: async ({ holder: { cluster } }) => {
      const target = { resource: SPIRE_SERVERS, name: "cluster" };
      const edit = (spec: Readonly<Record<string, unknown>>): Promise<unknown> =>
        cluster.patch(target, { type: "merge", body: { spec } }, { dryRun: true });

      await assertRefused(edit({ federation: null }), "http/422", /cannot be removed once set/);
      await assertRefused(
        edit({ federation: { federatesWith: [] } }),
        "http/422",
        /spec\.federation\.federatesWith/,
        /should have at least 1 items/,
      );
      const web = { profile: "https_web", httpsWeb: { servingCert: {} } };
      await assertRefused(
        edit({ federation: { bundleEndpoint: web } }),
        "http/422",
        /profile is immutable/,
      );
    },
  },
  {
    name: "one may ask what one may do",
    run: async ({ holder: { cluster } }) => {
      const exec = { verb: "create", group: "", resource: "pods", subresource: "exec" };
      assert.equal((await cluster.can({ ...exec, ...SPIRE_SERVER })).allowed, true);
    },
  },
  {
    name: "a log begins each line with its time, when asked to, and begins when told",
    run: async ({ holder: { cluster } }) => {
      const log = await cluster.logs(SPIRE_SERVER, { timestamps: true, tailLines: 5 });
      for (const line of log.trimEnd().split("\n").filter((line) => line !== "")) {
        assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z /);
      }
    },
  },
  {
    name: "logs of what is not there are refused",
    run: async ({ holder: { cluster } }) => {
      await assertRefused(
        cluster.logs({ ...SPIRE_SERVER, pod: "nobody-0" }),
        "http/404",
        /pods "nobody-0" not found/,
      );
      await assertRefused(
        cluster.logs({ ...SPIRE_SERVER, container: "nobody" }),
        "http/400",
        /container nobody is not valid for pod spire-server-0/,
      );
    },
  },
  {
    name: "exec into what is not there is refused",
    run: async ({ holder: { cluster } }) => {
      const run = (more: Partial<typeof SPIRE_SERVER>, command: string): Promise<unknown> =>
        cluster.exec({ ...SPIRE_SERVER, ...more }, [command]);
      await assertRefused(
        cluster.exec({ ...SPIRE_SERVER, pod: "nobody-0" }, ["/spire-server"]),
        "http/404",
        /pods "nobody-0" not found/,
      );
      await assertRefused(
        cluster.exec({ ...SPIRE_SERVER, container: "nobody" }, ["/spire-server"]),
        "http/400",
        /container nobody is not valid for pod spire-server-0/,
      );
      await assert.rejects(run({}, "/bin/sh"), /no such file or directory/);
    },
  },
  {
    name: "a command's exit code is an answer, whatever it is",
    run: async ({ holder }) => {
      const none = await spire(holder, ["no-such-command"]);
      const wrong = await spire(holder, ["federation", "refresh"]);

      assert.equal(none.code, 127);
      assert.match(none.stdout + none.stderr, /Usage: spire-server \[--version\] \[--help\]/);
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /^Error: id is required\n/);
    },
  },
];

async function deletion({ holder: { cluster }, peer }: Ground): Promise<void> {
  const { uid } = await cluster.apply(declaration(peer));
  const target = { resource: CFDTS, name: NAME };
  const other = "00000000-0000-4000-8000-000000000000";

  await assertRefused(
    cluster.delete(target, { uid: other }),
    "http/409",
    /the UID in the precondition \([^)]+\) does not match the UID in record/,
  );
  assert.equal(await cluster.delete(target, { uid, dryRun: true }), true);
  assert.ok(await cluster.get(CFDTS, NAME), "a dry run deletes nothing");
  assert.equal(await cluster.delete(target, { uid }), true);
  assert.equal(await cluster.delete(target, { uid }), false);
}

async function watching({ holder: { cluster }, peer }: Ground): Promise<void> {
  const stop = new AbortController();
  const seen: string[] = [];
  await cluster.apply(declaration(peer));
  for await (
    const { type, object } of cluster.watch(CFDTS, { name: NAME, signal: stop.signal })
  ) {
    seen.push(`${type} ${object.spec.className ?? "none"}`);
    if (seen.length === 1) await cluster.apply(declaration(peer, { className: "second" }));
    if (seen.length === 2) {
      const { uid = "" } = object.metadata;
      await cluster.delete({ resource: CFDTS, name: NAME }, { uid });
    }
    if (seen.length === 3) break;
  }
  stop.abort();
  assert.deepEqual(seen, [
    "ADDED zero-trust-workload-identity-manager-spire",
    "MODIFIED second",
    "DELETED second",
  ]);
}
