/**
 * What a SPIRE server itself says, asked by running its command in its pod.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { SpirefedError, withoutCluster } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import { parseTrustDomain } from "../../spiffe/mod.ts";
import { SpireServerCli } from "../spire_server_cli.ts";
import { bundleFact } from "./declaration.ts";
import type { ClusterFacts, RefreshFact, Unread } from "./facts.ts";
import { itemsOf, readSection } from "./section.ts";
import { staticPeersIn } from "./static_peers_in.ts";

const FORBIDDEN: Unread = {
  state: "unread",
  code: "permission/exec",
  why: "needs create pods/exec in zero-trust-workload-identity-manager",
};

/** Where nobody may ask. */
export const NO_SPIRE: ClusterFacts["spire"] = {
  stored: FORBIDDEN,
  dynamic: FORBIDDEN,
  authorities: FORBIDDEN,
  refreshes: [],
};

/** Asks for what it stores, whom it federates with, and where its own authorities stand. */
export async function collectSpire(
  cluster: Cluster,
  { objects, declared, trustDomain = "" }: Pick<ClusterFacts, "objects" | "declared"> & {
    readonly trustDomain: string | undefined;
  },
  { at, now, signal, refresh }: {
    readonly at: Date;
    readonly now: () => Date;
    readonly signal: AbortSignal;
    readonly refresh: boolean;
  },
): Promise<ClusterFacts["spire"]> {
  const cli = new SpireServerCli(cluster, signal);
  // The first call finds out where the command is; the others follow side by side.
  const version = await readSection(signal, async () => [await cli.version()]);
  if (version.state === "unread") {
    return { stored: version, dynamic: version, authorities: version, refreshes: [] };
  }
  const peers = [
    ...itemsOf(declared).map(({ trustDomain }) => trustDomain),
    ...staticPeersIn(objects).map(({ trustDomain }) => trustDomain),
  ];
  const refreshes = refresh ? await refreshAll(cli, [...new Set(peers)], { now, signal }) : [];
  const [own, stored, dynamic, authorities] = await Promise.all([
    readSection(signal, async () => [bundleFact(await cli.ownBundle(), trustDomain, at)]),
    readSection(signal, async () =>
      [...await cli.storedBundles()].map(([trustDomain, bytes]) => ({
        trustDomain,
        bundle: bundleFact(bytes, trustDomain, at),
      }))),
    readSection(signal, () => cli.relationships()),
    readSection(signal, () => cli.authorities()),
  ]);
  const [said] = itemsOf(version);
  return { version: said, own: itemsOf(own)[0], stored, dynamic, authorities, refreshes };
}

async function refreshAll(
  cli: SpireServerCli,
  names: readonly string[],
  { now, signal }: { readonly now: () => Date; readonly signal: AbortSignal },
): Promise<RefreshFact[]> {
  const facts: RefreshFact[] = [];
  for (const trustDomain of names) {
    signal.throwIfAborted();
    try {
      const outcome = await cli.refresh(parseTrustDomain(trustDomain));
      const reason = "reason" in outcome ? outcome.reason : undefined;
      facts.push({ trustDomain, state: outcome.state, reason, at: now().toISOString() });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SpirefedError)) throw error;
      const reason = printable(withoutCluster(error.message), 300);
      facts.push({ trustDomain, state: "failed", reason, at: now().toISOString() });
    }
  }
  return facts;
}
