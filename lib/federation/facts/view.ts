/**
 * Facts of a cluster, read: bundles parsed, objects found by their role. Pure; what judges
 * and reports are written over.
 *
 * @module
 */
import type { Bundle, Problem, TrustDomain } from "../../spiffe/model.ts";
import { parseBundle } from "../../spiffe/parse_bundle.ts";
import { parseTrustDomain } from "../../spiffe/trust_domain.ts";
import { CONTROLLER_CLASS } from "../../../manifests/cluster_federated_trust_domain.ts";
import type { EndpointParameters, Stored } from "../side.ts";
import { endpointIn } from "./collect_endpoint.ts";
import type {
  BundleFact,
  ClusterFacts,
  Declaration,
  Observation,
  RelationshipFact,
  Section,
} from "./facts.ts";
import { at } from "./observation.ts";
import { itemsOf } from "./section.ts";
import { staticPeersIn, wantedStaticPeersIn } from "./static_peers_in.ts";

/** One cluster, ready to be judged. */
export interface ClusterView {
  readonly name: string;
  readonly facts: ClusterFacts;
  /** The time by which it is judged: that of the look. */
  readonly now: Date;
  readonly trustDomain: TrustDomain | undefined;
  readonly className: string;
  /** Where its endpoint is; `undefined` when it has none. */
  readonly endpoint: EndpointParameters | undefined;
  /** The authorities that its own API names. */
  readonly roots: Bundle | undefined;
  /** What its endpoint served, authenticated by those roots; absent when it did not. */
  readonly served: Served | undefined;
  readonly static: ReadonlyMap<string, RelationshipFact>;
  /** What its SpireServer asks for beyond, or otherwise than, what its server was started with. */
  readonly wantedStatic: ReadonlyMap<string, RelationshipFact>;
  /** What its server has in its datastore; `undefined` when nobody may ask. */
  readonly dynamic: ReadonlyMap<string, RelationshipFact> | undefined;
  readonly stored: (trustDomain: string) => Stored;
  /** The kept objects of a kind, by the name of the kind in the allow-list. */
  readonly objects: (key: string) => readonly Observation[];
}

/** What an endpoint served. */
export interface Served {
  readonly bundle: Bundle | undefined;
  readonly problems: readonly Problem[];
  readonly chain: readonly Uint8Array[];
  readonly milliseconds: number;
}

/** Reads the facts of one cluster. */
export function viewOf(facts: ClusterFacts): ClusterView {
  const now = new Date(facts.at);
  const objects = (key: string): readonly Observation[] => itemsOf(facts.objects[key]);
  const trustDomain = trustDomainOf(objects("manager")[0]);
  const byName = (peers: readonly RelationshipFact[]): ReadonlyMap<string, RelationshipFact> =>
    new Map(peers.map((peer) => [peer.trustDomain, peer]));
  return {
    name: facts.name,
    facts,
    now,
    trustDomain,
    className: classNameOf(objects("controllerConfig")[0]),
    endpoint: trustDomain && endpointIn(facts.objects, trustDomain),
    roots: rootsOf(facts, trustDomain, now),
    served: servedBy(facts, trustDomain, now),
    static: byName(staticPeersIn(facts.objects)),
    wantedStatic: byName(wantedStaticPeersIn(facts.objects)),
    dynamic: facts.spire.dynamic.state === "read" ? byName(facts.spire.dynamic.items) : undefined,
    stored: storedIn(facts.spire.stored, now),
    objects,
  };
}

function trustDomainOf(manager: Observation | undefined): TrustDomain | undefined {
  const text = at(manager?.kept, "spec", "trustDomain");
  return typeof text === "string" ? asTrustDomain(text) : undefined;
}

/** A name as a trust domain, or nothing. */
export function asTrustDomain(text: string): TrustDomain | undefined {
  try {
    return parseTrustDomain(text);
  } catch {
    return undefined;
  }
}

function classNameOf(config: Observation | undefined): string {
  const yaml = String(at(config?.kept, "yaml") ?? "");
  return /^className:\s*["']?([\w.-]+)/m.exec(yaml)?.[1] ?? CONTROLLER_CLASS;
}

/** The server's own word where it was asked; else the ConfigMap, which keeps revoked ones. */
function rootsOf(
  { roots, spire: { own } }: ClusterFacts,
  trustDomain: TrustDomain | undefined,
  now: Date,
): Bundle | undefined {
  const said = own && readFact(own, trustDomain, now);
  return said ?? (roots.state === "read" ? readFact(roots.bundle, trustDomain, now) : undefined);
}

function servedBy(
  { endpoint }: ClusterFacts,
  trustDomain: TrustDomain | undefined,
  now: Date,
): Served | undefined {
  if (endpoint?.state !== "answered") return undefined;
  return {
    bundle: readFact(endpoint.bundle, trustDomain, now),
    problems: endpoint.bundle.problems,
    chain: endpoint.chain.flatMap((der) => decoded(der)),
    milliseconds: endpoint.milliseconds,
  };
}

function decoded(base64: string): readonly Uint8Array[] {
  try {
    return [Uint8Array.fromBase64(base64)];
  } catch {
    return [];
  }
}

/** A fact as the bundle it tells of; `undefined` when it was refused. */
export function readFact(
  { text }: BundleFact,
  trustDomain: TrustDomain | undefined,
  now: Date,
): Bundle | undefined {
  if (text === undefined || trustDomain === undefined) return undefined;
  const key = `${trustDomain}\n${now.getTime()}\n${text}`;
  if (!parsed.has(key)) {
    if (parsed.size >= PARSED_LIMIT) parsed.clear();
    parsed.set(key, parseBundle(new TextEncoder().encode(text), { trustDomain, now }).bundle);
  }
  return parsed.get(key);
}

/** In a mesh every holder stores the same bundle of a peer: it is read once. */
const parsed = new Map<string, Bundle | undefined>();
const PARSED_LIMIT = 1_000;

function storedIn(
  stored: Section<{ trustDomain: string; bundle: BundleFact }>,
  now: Date,
): ClusterView["stored"] {
  if (stored.state === "unread") return () => ({ state: "unknown" });
  const byName = new Map(stored.items.map((one) => [one.trustDomain, one.bundle]));
  return (name) => {
    const fact = byName.get(name);
    const trustDomain = asTrustDomain(name);
    if (fact === undefined || trustDomain === undefined) return { state: "absent" };
    return {
      state: "present",
      bundle: readFact(fact, trustDomain, now) ?? emptyBundle(trustDomain),
    };
  };
}

/** A stored bundle that cannot be read holds nothing that could authenticate anybody. */
function emptyBundle(trustDomain: TrustDomain): Bundle {
  return {
    trustDomain,
    x509Authorities: [],
    jwtAuthorities: [],
    sequence: undefined,
    refreshHint: undefined,
  };
}

/**
 * The declarations of a trust domain that a cluster's controller minds, the one that wins
 * first; one that the controller refuses is not among them.
 */
export function mindedBy(
  { facts, className }: ClusterView,
  trustDomain: string,
): readonly Declaration[] {
  return declaredIn(facts, trustDomain)
    .filter((declaration) => declaration.className === className && !isRefused(declaration))
    .sort((a, b) => seniority(a) < seniority(b) ? -1 : 1);
}

/** All declarations of a trust domain, of whatever class, good or bad. */
export function declaredIn({ declared }: ClusterFacts, trustDomain: string): Declaration[] {
  return itemsOf(declared).filter((declaration) => declaration.trustDomain === trustDomain);
}

/** What the controller calls invalid. */
export function isRefused({ problems }: Declaration): boolean {
  return problems.some(({ severity, code }) =>
    severity === "error" && code !== "cfdt/class-missing" && code !== "cfdt/name"
  );
}

function seniority({ created = "", uid = "" }: Declaration): string {
  return `${created} ${uid}`;
}
