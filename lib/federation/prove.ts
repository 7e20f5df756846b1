/**
 * Proof of a direction: that the holder's SPIRE server itself fetched the peer's
 * bundle from the peer's endpoint, and holds what is served there.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError, withoutCluster } from "../errors.ts";
import type { PeerEdge } from "../output/change_result.ts";
import { printable } from "../output/printable.ts";
import type { Bundle } from "../spiffe/model.ts";
import { compareBundles, parseBundle, printBundle } from "../spiffe/mod.ts";
import type { Edge } from "./edge.ts";
import { findRefresh, presentSince } from "./refresh_log.ts";
import type { Side, Vouched } from "./side.ts";
import { SPIRE_SERVER, SpireServerCli } from "./spire_server_cli.ts";
import { whyNotReconciled } from "./why_not_reconciled.ts";

/** How long the controller and the server may take to act on an object. */
export const RECONCILE_LIMIT_MS = 60_000;

const RETRY_MS = 1_000;
/** A controller that is awake needs less than a second: the first retries come sooner. */
const FIRST_RETRY_MS = 60;

/** What a proof is made with. */
export interface ProofTools {
  readonly cluster: Cluster;
  readonly holder: Side;
  readonly peer: Side;
  readonly vouched: Vouched;
  /** Fetches the peer's bundle once more, authenticated as the first time. */
  readonly refetch: () => Promise<Vouched>;
  /** The latest line of the holder's log before anything was written, by its node's clock. */
  readonly logMark: Date | undefined;
  /** Whether this run changed anything for this edge. */
  readonly written: boolean;
  /** When this run began to wait for proof: limits count from then, for all directions alike. */
  readonly since: Date;
  /** Says why it is not proven yet. */
  readonly waiting: (reason: string) => void;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What stands of an edge, and what proves it. */
export type Proof = Pick<PeerEdge, "state" | "proof" | "reason" | "next">;

/** Proves one direction, as far as the user's permissions reach. Never throws for what a cluster does. */
export async function proveEdge(edge: Edge, tools: ProofTools): Promise<Proof> {
  const { holder } = tools;
  if (holder.allowed.exec) return await byRefresh(edge, tools);
  if (holder.allowed.logs) return await byLog(edge, tools);
  return notProven(
    edge,
    "nothing may be looked at: needs get pods/log, or create pods/exec, in zero-trust-workload-identity-manager",
  );
}

async function byRefresh(edge: Edge, tools: ProofTools): Promise<Proof> {
  const { holder, peer, cluster, signal } = tools;
  const cli = new SpireServerCli(cluster, signal);
  let seeded = false;
  let reason = "";
  let unreconciled = false;
  let pause = FIRST_RETRY_MS;
  const deadline = tools.since.getTime() + RECONCILE_LIMIT_MS;
  while (true) {
    try {
      const refresh = await cli.refresh(peer.trustDomain);
      if (refresh.state === "refreshed") return await compareStored(edge, tools, cli);
      if (refresh.state === "unauthenticated") {
        return failed(edge, `${holder.cluster}'s server refuses the endpoint: ${refresh.reason}`);
      }
      if (refresh.state === "never-seeded" && tools.written && !seeded) {
        await cli.setBundle(peer.trustDomain, printBundle(tools.vouched.bundle));
        seeded = true;
        continue;
      }
      unreconciled = refresh.state === "no-relationship";
      reason = {
        "no-relationship": "not reconciled yet",
        "never-seeded": "the server has no bundle to begin with",
        "failed": refresh.state === "failed" ? refresh.reason : "",
      }[refresh.state];
    } catch (error) {
      if (!(error instanceof SpirefedError) || signal.aborted) throw error;
      reason = withoutCluster(error.message);
    }
    if (tools.now().getTime() >= deadline) {
      if (!unreconciled) return notProven(edge, reason);
      const why = await whyNotReconciled(cluster, holder, peer);
      return { ...notProven(edge, why.reason), ...why };
    }
    tools.waiting(reason);
    await tools.sleep(pause, signal);
    pause = Math.min(RETRY_MS, 2 * pause);
  }
}

/** A refresh that succeeded is only half: what is stored must be what the peer serves. */
async function compareStored(edge: Edge, tools: ProofTools, cli: SpireServerCli): Promise<Proof> {
  const { peer } = tools;
  const at = tools.now();
  const bytes = await cli.storedBundle(peer.trustDomain);
  const stored = bytes && parseBundle(bytes, { trustDomain: peer.trustDomain, now: at }).bundle;
  if (stored === undefined) return notProven(edge, "refreshed, but no readable bundle is stored");
  const { bundle: named, chain } = tools.vouched;
  // Nobody here spoke to the endpoint: at least what the peer's API names must be stored.
  if (chain.length === 0) {
    return lacksNothingOf(stored, named)
      ? trusted(at, tools.now(), stored)
      : notProven(edge, `the stored authorities lack roots that ${peer.cluster}'s API names`);
  }
  if (!sameAuthorities(stored, named) && !sameAuthorities(stored, (await tools.refetch()).bundle)) {
    return notProven(edge, "the stored authorities are not those that the endpoint serves");
  }
  return trusted(at, tools.now(), stored);
}

function lacksNothingOf(stored: Bundle, named: Bundle): boolean {
  const held = new Set(stored.x509Authorities.map(({ sha256 }) => sha256));
  return named.x509Authorities.every(({ sha256 }) => held.has(sha256));
}

/**
 * Reads the server's own word for it. After a change only a later line counts; where
 * nothing was changed, one that the endpoint's present certificate was part of. Either
 * is waited for until the server's next poll.
 */
async function byLog(edge: Edge, tools: ProofTools): Promise<Proof> {
  const { cluster, peer, vouched, written, logMark, signal } = tools;
  const since = (written ? undefined : presentSince(vouched)) ?? logMark ?? tools.now();
  const limit = written ? RECONCILE_LIMIT_MS : pollLimitMs(vouched.bundle);
  const deadline = tools.since.getTime() + limit;
  let reason = "the server's log shows no refresh yet";
  while (true) {
    try {
      const log = await cluster.logs(SPIRE_SERVER, { timestamps: true, sinceTime: since });
      const found = findRefresh(log, peer.trustDomain);
      if (found?.ok && found.at > since) {
        return written && vouched.chain.length > 0
          ? await confirmAfterWrite(edge, tools, found.at)
          : trusted(found.at, tools.now(), vouched.bundle);
      }
      if (found !== undefined && !found.ok) {
        reason = `the server's refresh fails: ${printable(found.reason ?? "no reason given", 300)}`;
        if (!written) return failed(edge, reason);
      }
    } catch (error) {
      if (!(error instanceof SpirefedError) || signal.aborted) throw error;
      reason = withoutCluster(error.message);
    }
    if (tools.now().getTime() >= deadline) return notProven(edge, reason);
    tools.waiting(reason);
    await tools.sleep(RETRY_MS, signal);
  }
}

/** The server polls by itself within this time, and is given a little more. */
function pollLimitMs({ refreshHint }: Bundle): number {
  return refreshIntervalSeconds(refreshHint) * 1000 + 15_000;
}

async function confirmAfterWrite(edge: Edge, tools: ProofTools, at: Date): Promise<Proof> {
  const again = await tools.refetch();
  return sameAuthorities(again.bundle, tools.vouched.bundle)
    ? trusted(at, tools.now(), tools.vouched.bundle)
    : notProven(edge, "the endpoint serves other authorities by now than those installed");
}

/** Whether two bundles hold the same authorities, however they are ordered and numbered. */
export function sameAuthorities(a: Bundle, b: Bundle): boolean {
  const { added, removed } = compareBundles(a, b);
  return added.length === 0 && removed.length === 0;
}

/** SPIRE polls at a quarter of the hint, which it takes for at least a minute. */
export function refreshIntervalSeconds(refreshHint: number | undefined): number {
  return Math.max(refreshHint ?? 300, 60) / 4;
}

function trusted(at: Date, now: Date, { refreshHint }: Bundle): Proof {
  const ago = Math.max(0, (now.getTime() - at.getTime()) / 1000);
  const next = Math.max(0, Math.round(refreshIntervalSeconds(refreshHint) - ago));
  return {
    state: "trusted",
    proof: `refreshed ${seconds(ago)} ago, next refresh in ${seconds(next)}`,
    reason: null,
    next: null,
  };
}

function seconds(amount: number): string {
  if (amount < 10) return `${Number(amount.toFixed(1))} s`;
  return amount < 120 ? `${Math.round(amount)} s` : `${Math.round(amount / 60)} min`;
}

function notProven(edge: Edge, reason: string): Proof {
  return { state: "applied", proof: null, reason, next: rerun(edge) };
}

function failed(edge: Edge, reason: string): Proof {
  return { state: "failed", proof: null, reason, next: rerun(edge) };
}

/** The command that goes on with a pair of clusters: the same one for both of its directions. */
export function rerun({ holder, peer }: Edge): string {
  return `oc spirefed peer ${[holder, peer].sort().join(" ")}`;
}
