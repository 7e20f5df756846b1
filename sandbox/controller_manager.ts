/**
 * spire-controller-manager: makes SPIRE's dynamic relationships what the
 * ClusterFederatedTrustDomains say, and the entries what the ClusterSPIFFEIDs say.
 *
 * @module
 */
import { type LabelSelector, selects } from "../manifests/label_selector.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { logLine, manage, managedBy } from "./bundle_manager.ts";
import {
  type ClusterState,
  type Entry,
  type Instant,
  logged,
  type Relationship,
  type SpireState,
} from "./model.ts";
import { storeKey } from "./kinds.ts";
import { printSpireBundle, readBundle, type SpireBundle } from "./spiffe_bundle.ts";
import { at } from "./validation.ts";

/** How long it takes to notice a change. */
export const REACTION_MS = 100;
/** How long a new one waits for the lease of its predecessor, after a restart. */
export const LEASE_MS = 17_000;

interface Declared {
  readonly object: Manifest;
  readonly trustDomain: string;
  readonly relationship: Relationship;
  readonly bundle: SpireBundle | undefined;
}

/** One pass over the objects, when one is due. */
export function reconcile(cluster: ClusterState, now: Instant): ClusterState {
  const { controller } = cluster.spire;
  const waits = cluster.restartingUntil !== undefined || now < controller.idleUntil;
  if (waits || controller.dueAt === undefined || now < controller.dueAt) return cluster;
  const spire = {
    ...cluster.spire,
    controller: { ...controller, dueAt: undefined },
  };
  const federated = reconcileRelationships({ ...cluster, spire }, now);
  return reconcileEntries({ ...cluster, spire: federated }, now);
}

function reconcileRelationships(cluster: ClusterState, now: Instant): SpireState {
  let { spire } = cluster;
  const { wanted, complaints } = declaredIn(cluster);
  const before = managedBy(spire);
  const dynamic = new Map<string, Relationship>();
  const stored = new Map(spire.stored);
  for (const { trustDomain, relationship, bundle } of wanted.values()) {
    const held = spire.dynamic.get(trustDomain);
    dynamic.set(trustDomain, relationship);
    // Equality ignores the bundle; whatever is created or updated overwrites what is stored.
    if (held !== undefined && isSame(held, relationship)) continue;
    if (bundle !== undefined) stored.set(trustDomain, printSpireBundle(bundle, 0));
  }
  const fresh = complaints.filter(({ mark }) => !spire.controller.complained.has(mark));
  const controller = {
    ...spire.controller,
    complained: new Set(complaints.map(({ mark }) => mark)),
  };
  spire = manage(before, { ...spire, dynamic, stored, controller }, now);
  const container = "spire-controller-manager" as const;
  return logged(spire, ...fresh.map(({ text }) => ({ at: now, container, text: text(now) })));
}

function isSame(a: Relationship, b: Relationship): boolean {
  return a.url === b.url && a.profile === b.profile && a.endpointId === b.endpointId;
}

interface Complaint {
  readonly mark: string;
  readonly text: (now: Instant) => string;
}

function declaredIn(
  { objects, spire, trustDomain: own }: ClusterState,
): { wanted: ReadonlyMap<string, Declared>; complaints: readonly Complaint[] } {
  const wanted = new Map<string, Declared>();
  const complaints: Complaint[] = [];
  const complain = ({ metadata }: Manifest, message: string, error?: string): void => {
    const mark = `${metadata.uid}/${metadata.resourceVersion}`;
    complaints.push({ mark, text: (now) => controllerLine(now, metadata.name, message, error) });
  };
  for (const object of oldestFirst(objects)) {
    // Another class, or none, is another's business: not a word about it.
    if (at(object, "spec.className") !== spire.controller.className) continue;
    try {
      const declared = readDeclared(object);
      if (wanted.has(declared.trustDomain)) {
        complain(object, "Ignoring ClusterFederatedTrustDomain with conflicting trust domain");
      } else if (declared.trustDomain === own) {
        complain(
          object,
          "Failed to create federation relationship",
          "unable to create federation relationship for server trust domain",
        );
      } else wanted.set(declared.trustDomain, declared);
    } catch (error) {
      complain(object, "Ignoring invalid ClusterFederatedTrustDomain", (error as Error).message);
    }
  }
  return { wanted, complaints };
}

function oldestFirst(objects: ClusterState["objects"]): readonly Manifest[] {
  const all = [...objects.values()].map(({ manifest }) => manifest)
    .filter(({ kind }) => kind === "ClusterFederatedTrustDomain");
  const age = ({ metadata }: Manifest): string => `${metadata.creationTimestamp} ${metadata.uid}`;
  return all.sort((a, b) => age(a) < age(b) ? -1 : 1);
}

function controllerLine(now: Instant, name: string, message: string, error?: string): string {
  const fields = { clusterFederatedTrustDomain: name, ...(error === undefined ? {} : { error }) };
  const time = new Date(now).toISOString();
  const level = error === undefined ? "INFO" : "ERROR";
  return `${time}\t${level}\tfederation-relationship-reconciler\t${message}\t${
    JSON.stringify(fields)
  }`;
}

/** @throws {Error} saying why the controller ignores the object. */
function readDeclared(object: Manifest): Declared {
  const trustDomain = String(at(object, "spec.trustDomain"));
  if (!/^[a-z0-9._-]{1,255}$/.test(trustDomain)) {
    throw new Error(
      "invalid trustDomain value: trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores",
    );
  }
  const url = String(at(object, "spec.bundleEndpointURL"));
  requireEndpoint(url);
  const profile = at(object, "spec.bundleEndpointProfile.type") as Relationship["profile"];
  const endpointId = at(object, "spec.bundleEndpointProfile.endpointSPIFFEID") as
    | string
    | undefined;
  if (profile === "https_web" && endpointId) {
    throw new Error(
      "invalid bundleEndpointProfile value: endpointSPIFFEID is not applicable to the https_web profile",
    );
  }
  if (
    profile === "https_spiffe" && !/^spiffe:\/\/[a-z0-9._-]+(\/[\w.-]+)+$/.test(endpointId ?? "")
  ) {
    throw new Error(
      "invalid bundleEndpointProfile value: invalid endpointSPIFFEID value: cannot be empty",
    );
  }
  const text = at(object, "spec.trustDomainBundle");
  const bundle = typeof text === "string" && text !== ""
    ? readBundle(text, "go-spiffe")
    : undefined;
  return {
    object,
    trustDomain,
    relationship: { url, profile, endpointId: endpointId || undefined },
    bundle,
  };
}

function requireEndpoint(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== "https:") {
    throw new Error("invalid bundleEndpointURL value: scheme must be https");
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error("invalid bundleEndpointURL value: URL must not contain user info");
  }
}

/**
 * An entry that federates with a trust domain without a stored bundle is refused whole:
 * a new pod gets no identity. One that was there keeps its place.
 */
function reconcileEntries(cluster: ClusterState, now: Instant): ClusterState {
  const { spire, objects: before } = cluster;
  const objects = new Map(before);
  const entries: Entry[] = [];
  for (const [key, { manifest, owners }] of before) {
    if (!["ClusterSPIFFEID", "ClusterStaticEntry"].includes(manifest.kind)) continue;
    if (at(manifest, "spec.className") !== spire.controller.className) continue;
    const federatesWith = (at(manifest, "spec.federatesWith") ?? []) as readonly string[];
    const missing = federatesWith.filter((peer) => !spire.stored.has(peer));
    const rendered = manifest.kind === "ClusterSPIFFEID"
      ? entriesOf(cluster, manifest)
      : [staticEntryOf(manifest)];
    const set = rendered.filter(({ id }) =>
      missing.length === 0 || spire.entries.some((held) => held.id === id)
    );
    const kept = federatesWith.filter((peer) => spire.stored.has(peer));
    entries.push(...set.map((entry) => ({ ...entry, federatesWith: kept })));
    if (manifest.kind === "ClusterStaticEntry") continue;
    const stats = {
      namespacesSelected: 1,
      podsSelected: rendered.length,
      entriesToSet: rendered.length,
      entryFailures: missing.length > 0 ? 1 : 0,
    };
    objects.set(key, { manifest: { ...manifest, status: { stats } }, owners });
  }
  return { ...cluster, objects, spire: logFailures({ ...spire, entries }, objects, now) };
}

/** One for each pod that is chosen; one that stands for them where a World has no such pods. */
function entriesOf({ objects, trustDomain }: ClusterState, manifest: Manifest): readonly Entry[] {
  const { uid = "", name } = manifest.metadata;
  const ofNamespace = (namespace: string): Readonly<Record<string, string>> => ({
    "kubernetes.io/metadata.name": namespace,
    ...objects.get(storeKey("namespaces", namespace))?.manifest.metadata.labels,
  });
  const pods = [...objects.values()].map(({ manifest }) => manifest).filter((pod) => {
    const { namespace = "", labels } = pod.metadata;
    return pod.kind === "Pod" && namespace !== OPERATOR_NAMESPACE &&
      selects(at(manifest, "spec.podSelector") as LabelSelector | undefined, labels) &&
      selects(
        at(manifest, "spec.namespaceSelector") as LabelSelector | undefined,
        ofNamespace(namespace),
      );
  });
  const entry = { federatesWith: [] };
  if (pods.length === 0) {
    const spiffeId = `spiffe://${trustDomain}/ns/app/sa/${name}`;
    return [{ ...entry, id: uid, spiffeId, selectors: [`k8s:pod-uid:${uid}`] }];
  }
  return pods.map(({ metadata }) => ({
    ...entry,
    id: `${uid}.${metadata.uid}`,
    spiffeId: `spiffe://${trustDomain}/ns/${metadata.namespace}/sa/default`,
    selectors: [`k8s:pod-uid:${metadata.uid}`],
  }));
}

function staticEntryOf(manifest: Manifest): Entry {
  return {
    id: manifest.metadata.uid ?? "",
    spiffeId: String(at(manifest, "spec.spiffeID")),
    selectors: at(manifest, "spec.selectors") as readonly string[],
    federatesWith: [],
  };
}

function logFailures(
  spire: SpireState,
  objects: ClusterState["objects"],
  now: Instant,
): SpireState {
  const failing = [...objects.values()].filter(({ manifest }) =>
    at(manifest, "status.stats.entryFailures") === 1
  );
  const container = "spire-server" as const;
  return logged(
    spire,
    ...failing.map(() => ({
      at: now,
      container,
      text: logLine(now, "error", "Failed to create entry", {
        error: "unable to find federated bundle",
        subsystem_name: "api",
      }),
    })),
  );
}
