/**
 * SPIRE's bundle manager: keeps peers' bundles fresh, each in its own time.
 *
 * @module
 */
import { visit } from "./network.ts";
import {
  type ClusterState,
  type Instant,
  logged,
  type LogLine,
  type Relationship,
  type SpireState,
  type World,
} from "./model.ts";
import { printSpireBundle, readBundle, type SpireBundle } from "./spiffe_bundle.ts";
import { problemWith } from "./svid_check.ts";

/** SPIRE takes any hint for at least this. */
const LEAST_HINT_SECONDS = 60;
/** A tenth of the CA's 24 h, where a stored bundle has no hint. */
const NO_HINT_SECONDS = 8_640;

/** What is polled: a static entry hides the dynamic one of the same trust domain. */
export function managedBy(spire: SpireState): ReadonlyMap<string, Relationship> {
  return new Map([...spire.dynamic, ...spire.static]);
}

/** Fetches a peer's bundle now. `error` is SPIRE's, `undefined` when it was refreshed. */
export function refresh(
  world: World,
  { spire, network }: Pick<ClusterState, "spire" | "network">,
  trustDomain: string,
): readonly [SpireState, { readonly error: string | undefined }] {
  const relationship = managedBy(spire).get(trustDomain);
  if (relationship === undefined) return [spire, { error: "no relationship" }];
  const fetched = fetchFor(world, { spire, network }, relationship, trustDomain);
  if (typeof fetched === "string") return [spire, { error: fetched }];
  const stored = new Map(spire.stored).set(trustDomain, printSpireBundle(fetched, 0));
  return [{ ...spire, stored }, { error: undefined }];
}

function fetchFor(
  world: World,
  { spire, network }: Pick<ClusterState, "spire" | "network">,
  { url, profile, endpointId }: Relationship,
  trustDomain: string,
): SpireBundle | string {
  if (profile === "https_web") {
    return `failed to fetch federated bundle from endpoint: failed to fetch bundle: Get "${url}": tls: failed to verify certificate: x509: certificate signed by unknown authority`;
  }
  const authenticator = /^spiffe:\/\/([^/]+)/.exec(endpointId ?? "")?.[1] ?? trustDomain;
  const own = spire.stored.get(authenticator);
  if (own === undefined) {
    return "can't perform SPIFFE Authentication: local copy of bundle not found";
  }
  const failed = (why: string): string =>
    `failed to fetch federated bundle from endpoint: failed to fetch bundle: Get "${url}": ${why}`;
  if (network.egress !== undefined) {
    return failed(EGRESS_ERRORS[network.egress](new URL(url).hostname));
  }
  const found = visit(world, url);
  if (found.problem !== undefined) return failed(NETWORK_ERRORS[found.problem](found.host));
  const { x509 } = readBundle(own, "spire");
  const problem = problemWith(found.chain, endpointId ?? "", x509, world.clock);
  if (problem !== undefined) return failed(problem);
  if (found.status !== 200) {
    return `failed to fetch federated bundle from endpoint: unexpected status ${found.status} fetching bundle: ${found.body}`;
  }
  try {
    return readBundle(found.body, "spire");
  } catch (error) {
    return `failed to fetch federated bundle from endpoint: failed to decode bundle: ${
      (error as Error).message
    }`;
  }
}

const NETWORK_ERRORS = {
  dns: (host: string) => `dial tcp: lookup ${host} on 172.30.0.10:53: no such host`,
  refused: () => "dial tcp 192.0.2.80:443: connect: connection refused",
  eof: () => "EOF",
} as const;

const EGRESS_ERRORS = {
  dns: NETWORK_ERRORS.dns,
  timeout: () => "dial tcp 192.0.2.80:443: i/o timeout",
  proxy: () => "Proxy Authentication Required",
  inspection: () => "x509svid: could not get leaf SPIFFE ID: certificate contains no URI SAN",
} as const;

/** Polls what is due, and says when each is due again. */
export function poll(world: World, cluster: ClusterState): SpireState {
  let { spire } = cluster;
  if (cluster.restartingUntil !== undefined) return spire;
  for (const [trustDomain, due] of spire.polls) {
    if (due > world.clock) continue;
    const [next, { error }] = refresh(world, { ...cluster, spire }, trustDomain);
    const wait = waitAfter(next, trustDomain, error);
    const polls = new Map(next.polls).set(trustDomain, world.clock + wait);
    spire = logged({ ...next, polls }, polledLine(world.clock, trustDomain, error));
  }
  return spire;
}

/** Only polls are told of in the log; a refresh by hand answers on its own terminal. */
function polledLine(now: Instant, trustDomain: string, error: string | undefined): LogLine {
  const fields = { subsystem_name: "bundle_client", trust_domain: trustDomain };
  const text = error === undefined
    ? logLine(now, "info", "Bundle refreshed", fields)
    : logLine(now, "error", "Error updating bundle", { error, ...fields });
  return { at: now, container: "spire-server", text };
}

function waitAfter(spire: SpireState, trustDomain: string, error: string | undefined): Instant {
  const stored = spire.stored.get(trustDomain);
  if (stored === undefined) return LEAST_HINT_SECONDS * 1000;
  const { refreshHint } = readBundle(stored, "spire");
  if (error !== undefined && !refreshHint) return NO_HINT_SECONDS * 1000 / 4;
  return Math.max(refreshHint ?? 300, LEAST_HINT_SECONDS) * 1000 / 4;
}

/**
 * Takes up new relationships, follows changed ones and lets go of those that are gone;
 * what is new or changed is polled at once.
 */
export function manage(
  before: ReadonlyMap<string, Relationship>,
  spire: SpireState,
  now: Instant,
): SpireState {
  const managed = managedBy(spire);
  const polls = new Map(spire.polls);
  const lines: string[] = [];
  for (const [trustDomain, { url, profile }] of managed) {
    const old = before.get(trustDomain);
    const fields = { bundle_endpoint_profile: profile, bundle_endpoint_url: url };
    if (old === undefined) {
      lines.push(logLine(now, "info", "Trust domain is now managed", {
        ...fields,
        subsystem_name: "bundle_client",
        trust_domain: trustDomain,
      }));
      polls.set(trustDomain, now);
    } else if (old.url !== url || old.profile !== profile) {
      lines.push(logLine(now, "info", "Updated configuration for managed trust domain", {
        ...fields,
        subsystem_name: "bundle_client",
        trust_domain: trustDomain,
      }));
      polls.set(trustDomain, now);
    }
  }
  for (const trustDomain of before.keys()) {
    if (managed.has(trustDomain)) continue;
    polls.delete(trustDomain);
    lines.push(logLine(now, "info", "Trust domain no longer managed", {
      subsystem_name: "bundle_client",
      trust_domain: trustDomain,
    }));
  }
  const container = "spire-server" as const;
  return logged({ ...spire, polls }, ...lines.map((text) => ({ at: now, container, text })));
}

/** A line as logrus prints it; fields in the order given, which is the alphabet's. */
export function logLine(
  now: Instant,
  level: string,
  message: string,
  fields: Readonly<Record<string, string>>,
): string {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${quote(value)}`).join("");
  return `time="${time}" level=${level} msg=${quote(message)}${rest}`;
}

function quote(value: string): string {
  return /^[\w\-./@^+]+$/.test(value) ? value : JSON.stringify(value);
}
