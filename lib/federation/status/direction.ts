/**
 * One direction of trust as it was found: what the holder declares, what its server does,
 * what it stores, and what the peer's endpoint says to that. Pure.
 *
 * @module
 */
import type { Bundle, TrustDomain } from "../../spiffe/model.ts";
import { verifySvid } from "../../spiffe/verify_svid.ts";
import { parseSpiffeId } from "../../spiffe/spiffe_id.ts";
import { canonicalUrl } from "../declared.ts";
import { SERVER_LOG } from "../facts/collect_logs.ts";
import type { Declaration, RelationshipFact } from "../facts/facts.ts";
import { itemsOf } from "../facts/section.ts";
import { asTrustDomain, type ClusterView, declaredIn, mindedBy } from "../facts/view.ts";
import { refreshIntervalSeconds } from "../prove.ts";
import { findRefresh } from "../refresh_log.ts";
import type { Stored } from "../side.ts";

/** Everything that is known of one direction. */
export interface Direction {
  readonly holder: ClusterView;
  /** `undefined` when no context of those looked at is in the trust domain. */
  readonly peer: ClusterView | undefined;
  readonly trustDomain: TrustDomain;
  /** Every ClusterFederatedTrustDomain for it, of whatever class. */
  readonly declarations: readonly Declaration[];
  /** The one that the controller follows. */
  readonly winner: Declaration | undefined;
  /** In the running server's own configuration: this hides the dynamic one. */
  readonly static: RelationshipFact | undefined;
  /** In the server's datastore; `"unknown"` when nobody may ask. */
  readonly dynamic: RelationshipFact | "unknown" | undefined;
  /** Where the server goes to: what really counts. */
  readonly followed: RelationshipFact | undefined;
  readonly stored: Stored;
  readonly refreshed: Refreshed | undefined;
  /** Seconds between two polls of the server. */
  readonly intervalSeconds: number;
  /** Whether the peer's endpoint proves itself under what is stored. */
  readonly authenticates:
    | { readonly state: "yes" }
    | { readonly state: "no"; readonly reason: string }
    | { readonly state: "unknown" };
}

/** The latest refresh that is known of. */
export interface Refreshed {
  readonly ok: boolean;
  readonly at: Date;
  /** SPIRE's words for a failure. */
  readonly reason: string | undefined;
  /** Asked for just now, rather than read in a log. */
  readonly forced: boolean;
}

/** All directions in which anything is declared, either way, between clusters and beyond. */
export function directionsAmong(views: readonly ClusterView[]): readonly Direction[] {
  const byTrustDomain = new Map(
    views.flatMap((view) => view.trustDomain === undefined ? [] : [[view.trustDomain, view]]),
  );
  const wanted = new Map<string, readonly [ClusterView, TrustDomain]>();
  const want = (holder: ClusterView, trustDomain: TrustDomain): void => {
    wanted.set(`${holder.name}\n${trustDomain}`, [holder, trustDomain]);
  };
  for (const holder of views) {
    for (const name of peersOf(holder, (name) => byTrustDomain.has(name as TrustDomain))) {
      const trustDomain = asTrustDomain(name);
      if (trustDomain === undefined || trustDomain === holder.trustDomain) continue;
      want(holder, trustDomain);
      const peer = byTrustDomain.get(trustDomain);
      // What is trusted one way only is a direction that is missing the other way.
      if (peer !== undefined && holder.trustDomain !== undefined) want(peer, holder.trustDomain);
    }
  }
  const order = new Map(views.map(({ name }, index) => [name, index]));
  return [...wanted.values()]
    .map(([holder, trustDomain]) =>
      directionOf(holder, trustDomain, byTrustDomain.get(trustDomain))
    )
    .sort((a, b) =>
      (order.get(a.holder.name) ?? 0) - (order.get(b.holder.name) ?? 0) ||
      (order.get(a.peer?.name ?? "") ?? views.length) -
        (order.get(b.peer?.name ?? "") ?? views.length) ||
      (a.trustDomain < b.trustDomain ? -1 : 1)
    );
}

/**
 * The trust domains that a cluster has anything to do with. Objects of another class are
 * another controller's business, unless they name a cluster that is looked at too.
 */
function peersOf(
  view: ClusterView,
  isKnown: (trustDomain: string) => boolean,
): ReadonlySet<string> {
  const ours = itemsOf(view.facts.declared).filter(({ className, trustDomain }) =>
    (className ?? "") === "" || className === view.className || isKnown(trustDomain)
  );
  return new Set([
    ...ours.map(({ trustDomain }) => trustDomain),
    ...view.static.keys(),
    ...view.wantedStatic.keys(),
    ...view.dynamic?.keys() ?? [],
  ]);
}

/** Puts one direction together. */
export function directionOf(
  holder: ClusterView,
  trustDomain: TrustDomain,
  peer: ClusterView | undefined,
): Direction {
  const [winner] = mindedBy(holder, trustDomain);
  const inConfiguration = holder.static.get(trustDomain);
  const dynamic = holder.dynamic === undefined ? "unknown" : holder.dynamic.get(trustDomain);
  const followed = inConfiguration ?? (dynamic === "unknown" ? winner : dynamic);
  const stored = holder.stored(trustDomain);
  const bundle = stored.state === "present" ? stored.bundle : peer?.served?.bundle;
  return {
    holder,
    peer,
    trustDomain,
    declarations: declaredIn(holder.facts, trustDomain),
    winner,
    static: inConfiguration,
    dynamic,
    followed,
    stored,
    refreshed: refreshOf(holder, trustDomain),
    intervalSeconds: refreshIntervalSeconds(bundle?.refreshHint),
    authenticates: authenticationOf(stored, { peer, followed, now: holder.now }),
  };
}

function refreshOf({ facts }: ClusterView, trustDomain: TrustDomain): Refreshed | undefined {
  const forced = facts.spire.refreshes.find((one) => one.trustDomain === trustDomain);
  if (forced !== undefined) {
    const { state, reason, at } = forced;
    return {
      ok: state === "refreshed",
      at: new Date(at),
      reason: state === "refreshed" ? undefined : reason ?? SAID_OF_STATE[state],
      forced: true,
    };
  }
  const log = facts.logs[SERVER_LOG];
  const logged = log?.state === "read" ? findRefresh(log.text, trustDomain) : undefined;
  return logged && { ...logged, forced: false };
}

const SAID_OF_STATE = {
  "no-relationship": "there is no such relationship in the server",
  "never-seeded": "local copy of bundle not found",
  "unauthenticated": "the endpoint is not authenticated by what is stored",
  "failed": "no reason given",
} as const;

/** Judges the certificates that the endpoint showed us by what the holder stores. */
function authenticationOf(
  stored: Stored,
  { peer, followed, now }: {
    readonly peer: ClusterView | undefined;
    readonly followed: RelationshipFact | undefined;
    readonly now: Date;
  },
): Direction["authenticates"] {
  const chain = peer?.served?.chain ?? [];
  if (stored.state === "unknown" || chain.length === 0 || peer?.trustDomain === undefined) {
    return { state: "unknown" };
  }
  if (followed?.profile === "https_web") return { state: "unknown" };
  if (stored.state === "absent") return { state: "no", reason: "nothing is stored" };
  const expected = followed?.endpointId ?? "";
  const before = verdicts.get(stored.bundle)?.get(chain)?.get(expected);
  if (before !== undefined) return before;
  const { problems } = verifySvid(chain, {
    bundle: stored.bundle,
    trustDomain: peer.trustDomain,
    expectedId: idOf(expected),
    now,
  });
  const error = problems.find(({ severity }) => severity === "error");
  const verdict: Direction["authenticates"] = error === undefined
    ? { state: "yes" }
    : { state: "no", reason: error.message };
  remember(stored.bundle, chain, [expected, verdict]);
  return verdict;
}

/** In a mesh every holder stores the same bundle, the same object once read: signatures are checked once. */
const verdicts = new WeakMap<
  Bundle,
  WeakMap<readonly Uint8Array[], Map<string, Direction["authenticates"]>>
>();

function remember(
  bundle: Bundle,
  chain: readonly Uint8Array[],
  [expected, verdict]: readonly [string, Direction["authenticates"]],
): void {
  const ofBundle = verdicts.get(bundle) ?? new WeakMap();
  verdicts.set(bundle, ofBundle);
  ofBundle.set(chain, (ofBundle.get(chain) ?? new Map()).set(expected, verdict));
}

function idOf(text: string | undefined): ReturnType<typeof parseSpiffeId> | undefined {
  try {
    return text === undefined || text === "" ? undefined : parseSpiffeId(text);
  } catch {
    return undefined;
  }
}

/** Whether two relationships lead to the same place in the same way. */
export function sameWay(a: RelationshipFact, b: RelationshipFact): boolean {
  return canonicalUrl(a.url) === canonicalUrl(b.url) && a.profile === b.profile &&
    (a.endpointId ?? "") === (b.endpointId ?? "");
}

/** Authorities that one bundle has and another lacks, by SHA-256. */
export function lacking(held: Bundle, offered: Bundle): readonly string[] {
  const have = new Set(held.x509Authorities.map(({ sha256 }) => sha256));
  return offered.x509Authorities.map(({ sha256 }) => sha256).filter((sha256) => !have.has(sha256));
}
