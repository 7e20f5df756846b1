/**
 * What can be wrong with practice clusters: patches on a healthy World.
 *
 * @module
 */
import { kindOf, storeKey } from "../../sandbox/kinds.ts";
import { CLASS_NAME } from "../../sandbox/operands.ts";
import {
  type ClusterState,
  type Denial,
  type EndpointOverride,
  withCluster,
  type X509AuthorityState,
} from "../../sandbox/model.ts";
import type { Mount } from "../../sandbox/mount.ts";
import { servedBundle } from "../../sandbox/network.ts";
import type { Write } from "../../sandbox/write_attempt.ts";
import type { WriteAnswer } from "../../sandbox/object_store.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import type { Workshop, WorldPatch } from "./practice.ts";

/** Changes one cluster's state as told. */
export function change(
  name: string,
  edit: (cluster: ClusterState) => Partial<ClusterState>,
): WorldPatch {
  return ({ mount }) => {
    const cluster = mount.cluster(name);
    mount.world = withCluster(mount.world, { ...cluster, ...edit(cluster) });
  };
}

/** The context skips TLS verification. */
export const insecureContext = (name: string): WorldPatch =>
  change(name, () => ({ insecure: true }));

/** The user lacks permissions, e.g. `{ verb: "create", resource: "pods/exec" }`. */
export const without = (name: string, ...denials: readonly Denial[]): WorldPatch =>
  change(name, ({ denied }) => ({ denied: [...denied, ...denials] }));

/** Commands may not be run in pods. */
export const withoutExec = (name: string): WorldPatch =>
  without(name, { verb: "create", resource: "pods/exec" });

/** A definition is not installed, by plural. */
export const withoutKind = (name: string, plural: string): WorldPatch =>
  change(name, ({ missingKinds }) => ({ missingKinds: [...missingKinds, plural] }));

/** The API server's clock is ahead. */
export const skewed = (name: string, milliseconds: number): WorldPatch =>
  change(name, () => ({ dateSkewMs: milliseconds }));

/** The router does not answer. */
export const routerDown = (name: string): WorldPatch => ({ mount }) =>
  void mount.dispatch({ type: "router", cluster: name, up: false });

/** The router is back. */
export const routerUp = (name: string): WorldPatch => ({ mount }) =>
  void mount.dispatch({ type: "router", cluster: name, up: true });

/** The endpoint's name resolves to this address. */
export const endpointAt = (name: string, address: string): WorldPatch =>
  change(name, ({ network }) => ({ network: { ...network, address } }));

/** The endpoint answers otherwise. */
export const answering =
  (name: string, answer: EndpointOverride | undefined): WorldPatch => ({ mount }) =>
    void mount.dispatch({ type: "endpoint", cluster: name, answer });

/** At the endpoint sits another cluster, with its own certificates and its own bundle. */
export const impostor = (name: string, by: string): WorldPatch => (workshop) => {
  const { chain, ...rest } = workshop.mount.cluster(by).spire;
  return answering(name, { chain, body: servedBundle({ chain, ...rest }) })(workshop);
};

/** The endpoint goes on serving what it serves now, whatever becomes of its server. */
export const frozenBody = (name: string): WorldPatch => (workshop) =>
  answering(name, { body: servedBundle(workshop.mount.cluster(name).spire) })(workshop);

/** The server publishes another cluster's (public) authorities beside its own. */
export const alsoServing = (name: string, other: string): WorldPatch => ({ mount }) => {
  const foreign = mount.cluster(other).spire.x509Authorities;
  const own = mount.cluster(name).spire.x509Authorities;
  const authorities = [...own, ...foreign.map((each) => ({ ...each, state: "old" as const }))];
  mount.dispatch({ type: "authorities", cluster: name, authorities });
};

/** The federation route has another host. */
export const routeAt = (name: string, host: string): WorldPatch => ({ mount }) => {
  const body = { spec: { host } };
  patchObject(mount, name, "Route", "route.openshift.io/v1", "spire-server-federation", body);
};

/** Any object, named by its kind, otherwise than it was. */
export const patched = (
  name: string,
  target: {
    readonly kind: string;
    readonly apiVersion: string;
    readonly name: string;
    readonly namespace?: string;
  },
  body: Readonly<Record<string, unknown>>,
): WorldPatch =>
({ mount }) => {
  const { kind, apiVersion, namespace = OPERATOR_NAMESPACE } = target;
  const { status, ...rest } = body;
  const parts = [
    ...Object.keys(rest).length > 0 ? [{ body: rest, status: false }] : [],
    ...status === undefined ? [] : [{ body: { status }, status: true }],
  ];
  const known = kindOf({ apiVersion, kind });
  if (known === undefined) throw new Error(`no kind ${kind}`);
  for (const { body, status } of parts) {
    write(mount, name, {
      verb: "patch",
      place: {
        kind: known,
        name: target.name,
        namespace: known.namespaced ? namespace : undefined,
      },
      patch: { type: "merge", body },
      mode: { manager: "somebody", status },
    });
  }
};

/** An object is not there. */
export const removed = (
  name: string,
  target: {
    readonly kind: string;
    readonly apiVersion: string;
    readonly name: string;
    readonly namespace?: string;
  },
): WorldPatch =>
({ mount }) => {
  const { kind, apiVersion, namespace = OPERATOR_NAMESPACE } = target;
  const known = kindOf({ apiVersion, kind });
  if (known === undefined) throw new Error(`no kind ${kind}`);
  const place = {
    kind: known,
    name: target.name,
    namespace: known.namespaced ? namespace : undefined,
  };
  write(mount, name, { verb: "delete", place, mode: { manager: "somebody" } });
};

/** Pods of these workloads never become ready. */
export const stuck = (name: string, ...workloads: readonly string[]): WorldPatch =>
  change(name, (cluster) => ({ stuck: [...cluster.stuck, ...workloads] }));

function patchObject(
  mount: Mount,
  cluster: string,
  kind: string,
  apiVersion: string,
  name: string,
  body: unknown,
): void {
  const known = kindOf({ apiVersion, kind });
  if (known === undefined) throw new Error(`no kind ${kind}`);
  const namespace = known.namespaced ? OPERATOR_NAMESPACE : undefined;
  write(mount, cluster, {
    verb: "patch",
    place: { kind: known, name, namespace },
    patch: { type: "merge", body },
    mode: { manager: "somebody" },
  });
}

function write(
  mount: Mount,
  cluster: string,
  write: Write,
): Extract<WriteAnswer, { object: Manifest }> {
  const answer = mount.dispatch({ type: "write", cluster, write, system: true });
  if (answer === undefined || !("object" in answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

/** Somebody applied an object, by hand or by another tool. */
export const holding = (
  name: string,
  manifest: Manifest,
  manager = "kubectl-client-side-apply",
): WorldPatch =>
({ mount }) => {
  const kind = kindOf(manifest);
  if (kind === undefined) throw new Error(`no kind ${manifest.kind}`);
  const { namespace } = manifest.metadata;
  const place = { kind, name: manifest.metadata.name, namespace };
  if (
    namespace !== undefined && !mount.cluster(name).objects.has(storeKey("namespaces", namespace))
  ) {
    const home = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    holding(name, home, manager)({ mount } as Workshop);
  }
  write(mount, name, { verb: "create", place, body: manifest, mode: { manager } });
};

/** A ClusterFederatedTrustDomain for a peer, with what the peer's endpoint serves now. */
export function declarationOf(
  peer: ClusterState,
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
): Manifest {
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterFederatedTrustDomain",
    metadata: { name },
    spec: {
      trustDomain: peer.trustDomain,
      bundleEndpointURL: `https://federation.${peer.trustDomain}`,
      bundleEndpointProfile: {
        type: "https_spiffe",
        endpointSPIFFEID: `spiffe://${peer.trustDomain}/spire/server`,
      },
      trustDomainBundle: servedBundle(peer.spire),
      className: CLASS_NAME,
      ...spec,
    },
  };
}

/** The guide's own object is there already, applied with kubectl. */
export const declaredByHand = (
  holder: string,
  peer: string,
  name = "federation-to-cluster2",
  spec: Readonly<Record<string, unknown>> = {},
): WorldPatch =>
(workshop) => holding(holder, declarationOf(workshop.mount.cluster(peer), name, spec))(workshop);

/** All of them trust each other already, by objects that other hands made. */
export const federated = (...names: readonly string[]): WorldPatch => async (workshop) => {
  for (const holder of names) {
    for (const peer of names.filter((name) => name !== holder)) {
      await declaredByHand(holder, peer, `federation-to-${peer}`)(workshop);
    }
  }
  await workshop.clockwork.advance(2_000);
};

/** A static entry in `federatesWith`, as the operator has rolled it out. */
export const staticPeer =
  (holder: string, peer: string, url?: string): WorldPatch => async ({ mount, clockwork }) => {
    const { trustDomain } = mount.cluster(peer);
    patchObject(mount, holder, "SpireServer", "operator.openshift.io/v1alpha1", "cluster", {
      spec: {
        federation: {
          federatesWith: [{
            trustDomain,
            bundleEndpointUrl: url ?? `https://federation.${trustDomain}`,
            bundleEndpointProfile: "https_spiffe",
            endpointSpiffeId: `spiffe://${trustDomain}/spire/server`,
          }],
        },
      },
    });
    await clockwork.advance(60_000);
  };

/** A CA is replaced with no overlap: authorities are new, relationships stay. */
export const replacedCa = (name: string): WorldPatch => (workshop) => newCa(workshop, name, false);

/** A server lost its data: new authorities, no relationships, no stored bundles, a restart. */
export const lostCa = (name: string): WorldPatch => (workshop) => newCa(workshop, name, true);

async function newCa(
  { mount, ring, clockwork }: Workshop,
  name: string,
  lost: boolean,
): Promise<void> {
  const authority = await ring.authority(mount.cluster(name).trustDomain, mount.now);
  mount.dispatch({ type: "authorities", cluster: name, authorities: [authority], lost });
  await clockwork.issue(name);
}

/** One step of an orderly rotation. */
export const rotating =
  (name: string, step: "prepare" | "activate" | "revoke"): WorldPatch =>
  async ({ mount, ring, clockwork }) => {
    const { trustDomain, spire: { x509Authorities: held } } = mount.cluster(name);
    const next = { prepared: "active", active: "old", old: "old" } as const;
    const authorities: readonly X509AuthorityState[] = step === "prepare"
      ? [...held, await ring.authority(trustDomain, mount.now, "prepared")]
      : step === "activate"
      ? held.map((each) => ({ ...each, state: next[each.state] }))
      : held.filter(({ state }) => state !== "old");
    const revoked = step === "revoke";
    mount.dispatch({ type: "authorities", cluster: name, authorities, revoked });
    await clockwork.issue(name);
  };

/** Puts a bundle into a server, or takes it away with `undefined`. */
export const storing = (
  holder: string,
  trustDomain: string,
  bundle: string | undefined,
): WorldPatch =>
  change(holder, ({ spire }) => {
    const stored = new Map(spire.stored);
    if (bundle === undefined) stored.delete(trustDomain);
    else stored.set(trustDomain, bundle);
    return { spire: { ...spire, stored } };
  });

/** A server stores for a peer what the peer served a week ago; all of it has expired. */
export const storingExpired = (holder: string, peer: string): WorldPatch => async (workshop) => {
  const { mount, ring } = workshop;
  const { trustDomain, spire } = mount.cluster(peer);
  const old = await ring.authority(trustDomain, mount.now - 7 * 24 * 60 * 60_000);
  await storing(holder, trustDomain, servedBundle({ ...spire, x509Authorities: [old] }))(workshop);
};

/** spire-server-0 is deleted and comes back with its data. */
export const restarted = (name: string): WorldPatch => ({ mount }) =>
  void mount.dispatch({ type: "restart", cluster: name });

/** An object as it is stored, for tests that look. */
export function objectIn(
  { mount }: Pick<Workshop, "mount">,
  cluster: string,
  plural: string,
  name: string,
  namespace?: string,
): Manifest | undefined {
  return mount.cluster(cluster).objects.get(storeKey(plural, name, namespace))?.manifest;
}
