/**
 * The World: practice clusters with their Kubernetes objects and SPIRE servers, as one
 * value. Types only; `world.ts` says how it changes.
 *
 * It is a stand-in, as large as the behaviours it is held to by contract tests, and
 * nothing in it ever reaches a real cluster.
 *
 * @module
 */
import type { Manifest } from "../manifests/manifest.ts";

/** Milliseconds since 1970, by the World's own clock. */
export type Instant = number;

/** Everything there is. */
export interface World {
  readonly clock: Instant;
  readonly clusters: ReadonlyMap<string, ClusterState>;
}

/** One cluster. */
export interface ClusterState {
  readonly name: string;
  readonly trustDomain: string;
  /** Last resourceVersion given out. */
  readonly resourceVersion: number;
  /** By `storeKey()`. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** The latest changes, oldest first, for watches. */
  readonly changes: readonly Change[];
  readonly spire: SpireState;
  /** What the user may not do. */
  readonly denied: readonly Denial[];
  /** Kinds that are not served whatever definitions there are, by plural. */
  readonly missingKinds: readonly string[];
  /** Workloads whose pods never become ready, by name. */
  readonly stuck: readonly string[];
  /** How far the API server's clock is ahead. */
  readonly dateSkewMs: number;
  /** How the user reached the API server: not over verified TLS. */
  readonly insecure: boolean;
  readonly network: NetworkState;
  /** The server pod is down until then; for ever before its first start. */
  readonly restartingUntil: Instant | undefined;
  /** The configuration that the running server pod was started with. */
  readonly configHash: string;
}

/** An object and who owns which of its fields. */
export interface StoredObject {
  readonly manifest: Manifest;
  /** Paths of leaves by `manager/operation`. */
  readonly owners: ReadonlyMap<string, ReadonlySet<string>>;
}

/** One change of an object, as a watch tells it. */
export interface Change {
  readonly resourceVersion: number;
  readonly key: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: Manifest;
}

/** One permission that is missing. */
export interface Denial {
  /** `*` for every verb. */
  readonly verb: string;
  /** Plural, with its subresource: `pods/exec`. */
  readonly resource: string;
  /** Only the question whether it is allowed says yes: admission denies the write itself. */
  readonly onlyOnWrite?: boolean;
}

/** The way from outside to the bundle endpoint. */
export interface NetworkState {
  /** Where its router is: names below the ingress domain resolve to this. */
  readonly address: string;
  /** Whether the router answers at all. */
  readonly routerUp: boolean;
  /** What keeps the cluster's own pods from reaching others: a firewall, a resolver, a proxy. */
  readonly egress?: "dns" | "timeout" | "proxy" | "inspection" | undefined;
  /** What the endpoint says instead of its bundle, for hostile and broken ones. */
  readonly answer: EndpointOverride | undefined;
}

/** What an endpoint does otherwise than a SPIRE server would. */
export interface EndpointOverride {
  readonly status?: number;
  readonly body?: string;
  readonly location?: string;
  /** Certificates it shows instead of its own. */
  readonly chain?: readonly Uint8Array[];
}

/** One SPIRE server, with its controller manager. */
export interface SpireState {
  readonly x509Authorities: readonly X509AuthorityState[];
  readonly jwtAuthorities: readonly JwtKey[];
  readonly sequence: number;
  /** What the endpoint shows, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly svidIssuedAt: Instant;
  readonly svidNotAfter: Instant;
  /** What the pod was started with; `undefined` when it serves no bundle endpoint. */
  readonly endpoint: { readonly refreshHint: number } | undefined;
  /** In the datastore, by trust domain: what `federation list` shows. */
  readonly dynamic: ReadonlyMap<string, Relationship>;
  /** From server.conf at the last start, by trust domain. */
  readonly static: ReadonlyMap<string, Relationship>;
  /** When each relationship is polled next. */
  readonly polls: ReadonlyMap<string, Instant>;
  /** Peers' bundles by trust domain, SPIFFE JSON. */
  readonly stored: ReadonlyMap<string, string>;
  readonly entries: readonly Entry[];
  readonly log: readonly LogLine[];
  readonly controller: ControllerState;
}

/** An X.509 authority in its life. */
export interface X509AuthorityState {
  readonly der: Uint8Array;
  readonly state: "prepared" | "active" | "old";
  readonly issuedAt: Instant;
  readonly notAfter: Instant;
}

/** A JWT authority's public key. */
export interface JwtKey {
  readonly kid: string;
  readonly x: string;
  readonly y: string;
}

/** A federation relationship, as SPIRE keeps it. */
export interface Relationship {
  readonly url: string;
  readonly profile: "https_spiffe" | "https_web";
  readonly endpointId: string | undefined;
}

/** A registration entry that federates. */
export interface Entry {
  readonly id: string;
  readonly spiffeId: string;
  /** `type:value`, e.g. `k8s:pod-uid:…`. */
  readonly selectors: readonly string[];
  readonly federatesWith: readonly string[];
}

/** One line of a container's log, without its time. */
export interface LogLine {
  readonly at: Instant;
  /** Of spire-server-0; of another pod, `pod/container`. */
  readonly container: string;
  readonly text: string;
}

/** The spire-controller-manager beside the server. */
export interface ControllerState {
  /** It minds objects of this class only. */
  readonly className: string;
  /** It waits for its old leader lease until then. */
  readonly idleUntil: Instant;
  /** It looks at the objects then; `undefined` when nothing changed. */
  readonly dueAt: Instant | undefined;
  /** Objects it complained of, so that it complains once: uid and resourceVersion. */
  readonly complained: ReadonlySet<string>;
}

/** A Kubernetes Status: what an API server answers when it does not do as told. */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly {
    readonly reason: string;
    readonly message: string;
    readonly field: string;
  }[];
  /** What it is about; refusals that are about no one object name none. */
  readonly about?: StatusSubject;
}

/** Whom a refusal is about. `kind` is mostly the plural of the resource. */
export interface StatusSubject {
  readonly name?: string;
  readonly group: string;
  readonly kind: string;
}

/** Replaces one cluster. */
export function withCluster(world: World, cluster: ClusterState): World {
  return { ...world, clusters: new Map(world.clusters).set(cluster.name, cluster) };
}

/** Adds lines to a server's log, keeping the latest 2,000. */
export function logged(spire: SpireState, ...lines: readonly LogLine[]): SpireState {
  return { ...spire, log: [...spire.log.slice(-2_000 + lines.length), ...lines] };
}
