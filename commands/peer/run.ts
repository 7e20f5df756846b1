import { parseConnectTo } from "../../lib/endpoint/connect_to.ts";
import { SpirefedError } from "../../lib/errors.ts";
import { peer } from "../../lib/federation/peer/peer.ts";
import type { PeerRequest } from "../../lib/federation/peer/request.ts";
import { parseTrustDomain } from "../../lib/spiffe/mod.ts";
import type { Context } from "../../lib/context.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Invocation, Run } from "../command.ts";
import { requireOnce, withoutSkipped } from "../required_contexts.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed peer CTX CTX...` */
export const run: Run<typeof spec> = async (invocation, context) => {
  return await peer(await requestOf(invocation, context), context);
};

async function requestOf(
  { args, flags }: Invocation<typeof spec>,
  context: Context,
): Promise<PeerRequest> {
  requireOnce(args, "name each cluster once: a cluster always trusts itself");
  const { names, skipped } = withoutSkipped(args, flags.skip, context);
  requireTwo(names);
  return {
    names,
    skipped,
    topology: await topologyOf(flags.topology, context),
    source: flags.source,
    connectTo: parseConnectTo(flags.connectTo),
    static: flags.static,
    adopt: flags.adopt,
    forceConflicts: flags.forceConflicts,
    refreshEmbedded: flags.refreshEmbedded,
    expectTrustDomain: expectationsOf(flags.expectTrustDomain, args),
    dryRun: flags.dryRun,
    manifestsOnly: flags.output === "yaml",
    yes: flags.yes,
    access: clusterAccess(flags, context),
  };
}

function requireTwo(names: readonly string[]): void {
  if (names.length >= 2) return;
  throw new SpirefedError("usage", "Trust needs two clusters: name at least two contexts", {
    remedy: `oc spirefed peer ${names[0] ?? "east"} ${names[0] === "west" ? "east" : "west"}`,
  });
}

async function topologyOf(
  word: string | undefined,
  context: Context,
): Promise<PeerRequest["topology"]> {
  if (word === undefined || word === "mesh" || word.startsWith("hub=")) return { word };
  return { word, file: new TextDecoder().decode(await context.readFile(word)) };
}

/** A context's name may hold `=`, a trust domain may not: the last one divides. */
function expectationsOf(
  pairs: readonly string[],
  names: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(pairs.map((pair) => {
    const at = pair.lastIndexOf("=");
    const name = pair.slice(0, at);
    if (at < 1 || !names.includes(name)) {
      throw new SpirefedError(
        "usage",
        `--expect-trust-domain ${pair}: not CTX=TD of a cluster named`,
        {
          remedy: `for example --expect-trust-domain ${names[0] ?? "east"}=apps.example.org`,
        },
      );
    }
    return [name, parseTrustDomain(pair.slice(at + 1))];
  }));
}
