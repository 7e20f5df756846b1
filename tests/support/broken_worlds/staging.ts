/**
 * What broken worlds are made with: edits that no controller reacts to, planted objects,
 * conditions, events and logs.
 *
 * @module
 */
import { kindOf, storeKey } from "../../../sandbox/kinds.ts";
import { logged } from "../../../sandbox/model.ts";
import { servedBundle } from "../../../sandbox/network.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { answering, change, declaredByHand, federated, patched, rotating } from "../ailments.ts";
import type { PracticeOptions, WorldPatch } from "../practice.ts";

/** A world that is unusual. */
export interface HealthyWorld {
  readonly what: string;
  readonly patch: readonly WorldPatch[];
  readonly clusters?: PracticeOptions["clusters"];
}

/** One way in which a federation can be ill. */
export interface BrokenWorld extends HealthyWorld {
  /** Of the catalogue of failure modes: `F35`; other ones have names. */
  readonly id: string;
  /** The checks one of which must be named first. */
  readonly names: readonly string[];
}

export const OLM = "operators.coreos.com/v1alpha1";
export const SPIRE = "spire.spiffe.io/v1alpha1";
export const CSV = "zero-trust-workload-identity-manager.v1.0.1";

/** Changes an object where it stands, as if its controller had; nobody reacts to it. */
export function edited(
  name: string,
  plural: string,
  object: string,
  edit: (manifest: Record<string, unknown>) => Record<string, unknown>,
  namespace?: string,
): WorldPatch {
  return change(name, ({ objects }) => {
    const key = storeKey(plural, object, namespace);
    const held = objects.get(key);
    if (held === undefined) throw new Error(`${name} has no ${plural}/${object}`);
    const manifest = edit(structuredClone(held.manifest) as Record<string, unknown>) as Manifest;
    return { objects: new Map(objects).set(key, { ...held, manifest }) };
  });
}

/** An object that is simply there. */
export function planted(name: string, manifest: Manifest): WorldPatch {
  return change(name, ({ objects }) => {
    const kind = kindOf(manifest);
    if (kind === undefined) throw new Error(`no kind ${manifest.kind}`);
    const { name: object, namespace } = manifest.metadata;
    const key = storeKey(kind.plural, object, namespace);
    return { objects: new Map(objects).set(key, { manifest, owners: new Map() }) };
  });
}

export const withStatus =
  (status: Record<string, unknown>) => (manifest: Record<string, unknown>) => ({
    ...manifest,
    status: { ...manifest["status"] as object, ...status },
  });
export const withSpec = (spec: Record<string, unknown>) => (manifest: Record<string, unknown>) => ({
  ...manifest,
  spec: { ...manifest["spec"] as object, ...spec },
});

export function subscription(
  { objects }: { objects: ReadonlyMap<string, { manifest: Manifest }> },
): string {
  const found = [...objects.values()].find(({ manifest }) => manifest.kind === "Subscription");
  if (found === undefined) throw new Error("no Subscription");
  return found.manifest.metadata.name;
}

/** The operator was never installed as far as its ClusterServiceVersion. */
export function notInstalled(
  ...conditions: readonly Record<string, unknown>[]
): readonly WorldPatch[] {
  return [
    change("east", ({ objects }) => ({
      objects: new Map(
        [...objects].filter(([, { manifest }]) => manifest.kind !== "ClusterServiceVersion"),
      ),
    })),
    onSubscription(...conditions),
  ];
}

export function onSubscription(...conditions: readonly Record<string, unknown>[]): WorldPatch {
  return (workshop) =>
    edited(
      "east",
      "subscriptions",
      subscription(workshop.mount.cluster("east")),
      withStatus({ conditions }),
      OPERATOR_NAMESPACE,
    )(workshop);
}

export const conditionsOf = (
  ...conditions: readonly (readonly [string, string, string, string])[]
) =>
  withStatus({
    conditions: conditions.map(([type, status, reason, message]) => ({
      type,
      status,
      reason,
      message,
    })),
  });

export function operand(
  plural: string,
  ...conditions: readonly (readonly [string, string, string, string])[]
): WorldPatch {
  return edited("east", plural, "cluster", conditionsOf(...conditions));
}

export function event(
  reason: string,
  message: string,
  object: readonly [string, string],
): WorldPatch {
  const [kind, name] = object;
  return planted("east", {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace: OPERATOR_NAMESPACE },
    type: "Warning",
    reason,
    message,
    involvedObject: { kind, name },
  });
}

export function pod(name: string, status: Record<string, unknown>, labels = {}): WorldPatch {
  return planted("east", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: OPERATOR_NAMESPACE, labels },
    spec: {},
    status,
  });
}

export function waiting(
  container: string,
  reason: string,
  message = "back-off",
): Record<string, unknown> {
  return {
    name: container,
    ready: false,
    restartCount: 7,
    state: { waiting: { reason, message } },
  };
}

export function saying(container: string, text: string): WorldPatch {
  return (workshop) =>
    change("east", ({ spire }) => ({
      spire: logged(spire, { at: workshop.mount.now, container, text }),
    }))(workshop);
}

export const daemonSet = (name: string, numberReady: number): WorldPatch =>
  edited(
    "east",
    "daemonsets",
    name,
    withStatus({ desiredNumberScheduled: 3, numberReady }),
    OPERATOR_NAMESPACE,
  );

export const serverDown: readonly WorldPatch[] = [
  edited(
    "east",
    "statefulsets",
    "spire-server",
    withStatus({ readyReplicas: 0 }),
    OPERATOR_NAMESPACE,
  ),
];

export const egress = (kind: "dns" | "timeout" | "proxy" | "inspection"): WorldPatch =>
  change("east", ({ network }) => ({ network: { ...network, egress: kind } }));

/** Long enough for the next poll to fail, or to succeed. */
export const polled: WorldPatch = ({ clockwork }) => clockwork.advance(80_000);
export const settled: WorldPatch = ({ clockwork }) => clockwork.advance(2_000);

export const cfdt = (name: string, spec: Record<string, unknown>): WorldPatch =>
  patched("east", { kind: "ClusterFederatedTrustDomain", apiVersion: SPIRE, name }, { spec });

/** East declares west so, and west declares east as it should. */
export const declaring = (spec: Record<string, unknown>): readonly WorldPatch[] => [
  declaredByHand("east", "west", "federation-to-west", spec),
  declaredByHand("west", "east", "federation-to-east"),
  settled,
  polled,
];

export const spiffeId = (
  spec: Record<string, unknown>,
  stats?: Record<string, unknown>,
): WorldPatch =>
  planted("east", {
    apiVersion: SPIRE,
    kind: "ClusterSPIFFEID",
    metadata: { name: "shop", uid: "shop-uid" },
    spec: {
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/shop/sa/shop",
      className: "zero-trust-workload-identity-manager-spire",
      ...spec,
    },
    ...(stats === undefined ? {} : { status: { stats } }),
  });

export const federation = federated("east", "west");

/** CAs of west rotate until nothing that east was given once is left, east following. */
export const rotatedThrough: readonly WorldPatch[] = [
  rotating("west", "prepare"),
  polled,
  rotating("west", "activate"),
  polled,
  rotating("west", "revoke"),
  polled,
];

export function withBody(edit: (document: Record<string, unknown>) => unknown): WorldPatch {
  return (workshop) => {
    const body = JSON.parse(servedBundle(workshop.mount.cluster("west").spire));
    answering("west", { body: JSON.stringify(edit(body)) })(workshop);
  };
}
