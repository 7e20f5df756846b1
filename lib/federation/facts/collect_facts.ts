/**
 * Looks at clusters and keeps what was seen. Everything is asked side by side and bounded;
 * what may not be read, or is not there, is a fact too and stops nothing else.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import { parseTrustDomain } from "../../spiffe/mod.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import { printBundle } from "../../spiffe/print_bundle.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { readApiRoots, requireVerifiedServer } from "../api_roots.ts";
import { type Outcome, sideBySide } from "../side_by_side.ts";
import { declarations } from "./declaration.ts";
import type { ClusterFacts, Observation, Section, Unread } from "./facts.ts";
import { itemsOf, readSection, unread } from "./section.ts";
import { at } from "./observation.ts";
import { OBSERVED, type Observed } from "./observed.ts";
import { collectEndpoint, type EndpointReach } from "./collect_endpoint.ts";
import { collectLogs } from "./collect_logs.ts";
import { collectSpire, NO_SPIRE } from "./collect_spire.ts";
import { redactText } from "./redact_text.ts";

/** How many things are asked of one cluster at a time. */
const WIDTH_PER_CLUSTER = 6;
/** How many clusters are looked at at a time: a dead one must not hold up the others. */
const CLUSTERS_AT_A_TIME = 64;

/** How to look. */
export interface LookOptions extends EndpointReach {
  /** Also what only a search for causes needs: OLM, events, storage, more logs. */
  readonly deep: boolean;
  /** Have each server fetch its peers' bundles now (`federation refresh`). */
  readonly refresh: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** The time of a look, by which everything is judged. */
type AtTime = LookOptions & { readonly at: Date };

/** What a look at one context came to: a cluster that was opened, or why it was not. */
export interface Candidate {
  readonly name: string;
  readonly opened: Outcome<Cluster>;
}

/** Looks at all clusters, in the order given. A dead one costs its own time-out only. */
export async function collectFacts(
  candidates: readonly Candidate[],
  options: LookOptions,
): Promise<readonly ClusterFacts[]> {
  // One time for all: what is the same in many clusters is then judged once.
  const at = options.now();
  const looked = await sideBySide(candidates, async ({ name, opened }) => {
    if (!opened.ok) return nothingOf({ name, server: "" }, opened.error, at);
    return await lookAt(opened.value, { ...options, at });
  }, CLUSTERS_AT_A_TIME);
  // What was cut short is no fact.
  options.signal.throwIfAborted();
  return looked.map((outcome, index) => {
    if (outcome.ok) return outcome.value;
    const name = candidates[index]?.name ?? "";
    return nothingOf({ name, server: "" }, outcome.error, options.now());
  });
}

/** Looks at one cluster. */
async function lookAt(cluster: Cluster, options: AtTime): Promise<ClusterFacts> {
  const about = { name: cluster.name, server: cluster.server.url };
  try {
    requireVerifiedServer(cluster);
    // One question first: of a cluster that does not answer it, nothing more is asked.
    const allowed = await readAllowed(cluster);
    return await lookFurther(cluster, { ...options, allowed });
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof SpirefedError)) throw error;
    return nothingOf(about, error, options.now());
  }
}

async function lookFurther(
  cluster: Cluster,
  options: AtTime & { readonly allowed: ClusterFacts["allowed"] },
): Promise<ClusterFacts> {
  const { deep, at, allowed, signal } = options;
  const wanted = OBSERVED.filter((observed) => deep || !observed.deep);
  const [sections, declared] = await Promise.all([
    sideBySide(wanted, (observed) => readObserved(cluster, observed), WIDTH_PER_CLUSTER),
    readSection(signal, async () => (await cluster.list(declarations(at))).items),
  ]);
  const objects: Record<string, Section<Observation>> = Object.fromEntries(
    sections.map((outcome, index) => [
      wanted[index]?.key ?? "",
      outcome.ok ? { state: "read", items: outcome.value } : unread(outcome.error),
    ]),
  );
  const trustDomain = trustDomainIn(objects);
  const roots = await readRoots(cluster, { ...options, at, objects, trustDomain });
  const seen = { objects, declared, roots, trustDomain, allowed, at };
  const [spire, endpoint, logs] = await Promise.all([
    allowed.exec ? collectSpire(cluster, seen, options) : NO_SPIRE,
    collectEndpoint(seen, options),
    collectLogs(cluster, seen, options),
  ]);
  const { roots: _parsed, ...rootsFact } = roots;
  return {
    name: cluster.name,
    server: cluster.server.url,
    at: at.toISOString(),
    clockAheadSeconds: clockAhead(cluster),
    allowed,
    objects,
    declared,
    roots: rootsFact as ClusterFacts["roots"],
    spire,
    endpoint,
    logs,
  };
}

/** @throws {SpirefedError} when the cluster does not answer at all. */
async function readAllowed(cluster: Cluster): Promise<ClusterFacts["allowed"]> {
  const may = async (verb: string, subresource: string): Promise<boolean> => {
    const { allowed } = await cluster.can({
      verb,
      group: "",
      resource: "pods",
      subresource,
      namespace: OPERATOR_NAMESPACE,
    });
    return allowed;
  };
  const exec = await may("create", "exec");
  return { exec, logs: await may("get", "log") };
}

async function readObserved(
  cluster: Cluster,
  { resource, name, namespace }: Observed,
): Promise<readonly Observation[]> {
  if (name === undefined) return (await cluster.list(resource, { namespace })).items;
  const where = namespace === undefined ? undefined : { namespace };
  const found = await cluster.get(resource, name, where);
  return found === undefined ? [] : [found];
}

function trustDomainIn(objects: ClusterFacts["objects"]): TrustDomain | undefined {
  const [manager] = itemsOf(objects["manager"]);
  try {
    return parseTrustDomain(String(at(manager?.kept, "spec", "trustDomain") ?? ""));
  } catch {
    return undefined;
  }
}

/** The roots as a fact, and as a bundle to authenticate the endpoint with. */
export type KnownRoots = ClusterFacts["roots"] & {
  readonly roots?: Awaited<ReturnType<typeof readApiRoots>>["bundle"];
};

async function readRoots(
  cluster: Cluster,
  { trustDomain, objects, at: now, signal }: {
    readonly trustDomain: TrustDomain | undefined;
    readonly objects: ClusterFacts["objects"];
    readonly at: Date;
    readonly signal: AbortSignal;
  },
): Promise<KnownRoots> {
  if (trustDomain === undefined) {
    return { state: "unread", code: "trust-domain/unknown", why: "its trust domain is unknown" };
  }
  const [manager] = itemsOf(objects["manager"]);
  const named = at(manager?.kept, "spec", "bundleConfigMap");
  const configMap = typeof named === "string" && named !== "" ? named : "spire-bundle";
  try {
    const found = await readApiRoots(cluster, { trustDomain, configMap, now, signal });
    const { bundle, source } = found;
    const fact = { text: printBundle(bundle), problems: [] };
    return { state: "read", bundle: fact, source, roots: bundle };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SpirefedError)) throw error;
    return unread(error);
  }
}

function clockAhead({ server }: Cluster): number | undefined {
  const clock = server.clock();
  return clock && Math.round((clock.server.getTime() - clock.local.getTime()) / 1000);
}

function nothingOf(
  { name, server }: { readonly name: string; readonly server: string },
  { code = "failed", message, remedy }: SpirefedError,
  now: Date,
): ClusterFacts {
  const nothing: Unread = { state: "unread", code, why: "the cluster was not reached" };
  return {
    name,
    server,
    at: now.toISOString(),
    failure: { code, message: redactText(printable(message, 500)), remedy },
    allowed: { exec: false, logs: false },
    objects: {},
    declared: nothing,
    roots: nothing,
    spire: NO_SPIRE,
    logs: {},
  };
}
