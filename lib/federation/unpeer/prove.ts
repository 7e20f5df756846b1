/**
 * Proof that trust is gone: everything that could hold it is looked at once more, and
 * the server itself is asked to refresh what it should not know.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { counted } from "../../output/text/paragraph.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import { together } from "../inspect.ts";
import { type Refresh, SpireServerCli } from "../spire_server_cli.ts";
import { type Held, type Holder, lookAt, lookInside, onceUp, type Patience } from "./look.ts";
import { isListed, isMinded, referencesTo } from "./plan.ts";

/** What was seen of one direction. */
export interface GoneProof {
  /** What is proven gone, a phrase each. */
  readonly gone: readonly string[];
  /** What is still there. */
  readonly remains: readonly string[];
}

/** Everything that was looked at. */
export interface GoneFacts {
  readonly holder: Holder;
  readonly held: Held;
  /** How the server answered when told to refresh. */
  readonly refresh: Refresh["state"];
}

/** Looks once more. */
export async function proveGone(
  cluster: Cluster,
  trustDomain: TrustDomain,
  patience: Patience,
): Promise<GoneProof & { readonly holder: Holder }> {
  const [holder, held] = await together([
    onceUp(cluster.name, patience, () => lookAt(cluster)),
    lookInside(cluster, trustDomain, patience),
  ]);
  const cli = new SpireServerCli(cluster, patience.signal);
  const { state } = await onceUp(cluster.name, patience, () => cli.refresh(trustDomain));
  return { ...judgeGone({ holder, held, refresh: state }, trustDomain), holder };
}

/** Judges from what was read. */
export function judgeGone(
  { holder, held, refresh }: GoneFacts,
  trustDomain: TrustDomain,
): GoneProof {
  const declared = holder.declared
    .filter(({ spec }) => spec.trustDomain === trustDomain && isMinded(holder, spec));
  const references = referencesTo(holder, [trustDomain]);
  const isConfigured = isListed(holder, trustDomain) ||
    holder.configured?.includes(trustDomain) === true;
  const judged: readonly (readonly [isGone: boolean, gone: string, remains: string])[] = [
    [
      declared.length === 0,
      "not declared",
      `ClusterFederatedTrustDomain/${declared[0]?.metadata.name ?? ""} declares it`,
    ],
    [
      !isConfigured,
      "not configured",
      "federatesWith or server.conf has it",
    ],
    [!held.relationship, "not related", "the server keeps a relationship"],
    [!held.bundle, "not stored", "the server stores its bundle"],
    [
      held.entries.length === 0 && references.length === 0,
      "not used",
      references[0] === undefined
        ? `${counted(held.entries.length, "entry uses", "entries use")} it`
        : `${references[0].resource.kind}/${references[0].object.metadata.name} uses it`,
    ],
    [
      refresh === "no-relationship",
      "not refreshed",
      refresh === "refreshed"
        ? "the server refreshes it still"
        : "a refresh fails for another reason",
    ],
  ];
  return {
    gone: judged.flatMap(([isGone, gone]) => isGone ? [gone] : []),
    remains: judged.flatMap(([isGone, , remains]) => isGone ? [] : [remains]),
  };
}
