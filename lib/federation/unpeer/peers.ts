/**
 * Who the clusters of an `unpeer` are: contexts, or, with `--local-only`, trust domains
 * of clusters that are no more.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import type { TrustDomain } from "../../spiffe/model.ts";
import { parseTrustDomain } from "../../spiffe/mod.ts";
import { requireDistinct } from "../edge.ts";
import { readIdentity } from "../inspect.ts";
import { timed } from "../peer/request.ts";
import { allSideBySide } from "../side_by_side.ts";
import { type Holder, lookAt } from "./look.ts";
import type { Departure, UnpeerRun } from "./request.ts";

/** The clusters that will be changed, and who leaves whom. */
export interface OpenedPeers {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly holders: readonly Holder[];
  readonly departures: readonly Departure[];
}

/** Opens and looks at every cluster; all that fail are reported at once. */
export async function openPeers(run: UnpeerRun): Promise<OpenedPeers> {
  return await timed(
    run,
    "look",
    () => run.request.localOnly ? openFirst(run) : openAll(run),
  );
}

async function openAll(run: UnpeerRun): Promise<OpenedPeers> {
  const { request: { names }, context } = run;
  const explain = (error: unknown): never => {
    throw withOtherWay(error, names);
  };
  const opened = await allSideBySide(names, async (name) => {
    const cluster = await context.openCluster(name, run.request.access).catch(explain);
    return [name, cluster] as const;
  });
  const holders = await allSideBySide(
    opened,
    async ([, cluster]) => await lookAt(cluster).catch(explain),
  );
  requireDistinct(holders);
  const [first, ...others] = holders;
  const departures = others.flatMap((other) =>
    first === undefined ? [] : [leaves(first, other), leaves(other, first)]
  );
  return { clusters: new Map(opened), holders, departures };
}

/** Where there is no SPIRE any more, or nobody answers, the other side can still end its trust. */
function withOtherWay(error: unknown, [first = "", second = ""]: readonly string[]): unknown {
  if (!(error instanceof SpirefedError)) return error;
  const other = error.message.startsWith(`[${first}]`) ? second : first;
  const line = `oc spirefed unpeer ${other} ITS-TRUST-DOMAIN --local-only`;
  const remedy = remedyWith(error, line);
  if (remedy === undefined) return error;
  const { kind, message, cause, code } = error;
  return new SpirefedError(kind, message, { cause, code, remedy });
}

function remedyWith({ code = "", remedy }: SpirefedError, line: string): string | undefined {
  if (["operator/missing", "operator/no-stack"].includes(code)) {
    return `it trusts nobody then; to end the other side's trust in it: ${line}`;
  }
  if (["net/dns", "net/refused", "net/reset", "net/timeout"].includes(code)) {
    return `${remedy === undefined ? "" : `${remedy}; `}if it is gone for good: ${line}`;
  }
  return undefined;
}

function leaves(holder: Holder, peer: Holder): Departure {
  return { holder: holder.cluster, peer: peer.cluster, trustDomain: peer.trustDomain };
}

async function openFirst(run: UnpeerRun): Promise<OpenedPeers> {
  const { request: { names: [first = "", ...others], access }, context } = run;
  const cluster = await context.openCluster(first, access);
  const holder = await lookAt(cluster);
  const departures = await allSideBySide(others, async (peer) => ({
    holder: first,
    peer,
    trustDomain: await trustDomainOf(run, holder, peer),
  }));
  const twice = departures.find(({ trustDomain }, at) =>
    departures.findIndex((other) => other.trustDomain === trustDomain) !== at ||
    trustDomain === holder.trustDomain
  );
  if (twice !== undefined) {
    throw new SpirefedError(
      "usage",
      `${twice.peer} is ${
        twice.trustDomain === holder.trustDomain ? `${first} itself` : "named twice"
      }`,
      { remedy: "name each peer once" },
    );
  }
  return { clusters: new Map([[first, cluster]]), holders: [holder], departures };
}

/** A context that answers says it itself; a word that is no context is a trust domain. */
async function trustDomainOf(
  { request, context }: UnpeerRun,
  holder: Holder,
  peer: string,
): Promise<TrustDomain> {
  const isContext = peer.includes("#") ||
    (await context.kubeContexts(request.access)).names.includes(peer);
  if (!isContext) return parseTrustDomain(peer);
  try {
    const cluster = await context.openCluster(peer, request.access);
    return (await readIdentity(cluster)).trustDomain;
  } catch (cause) {
    if (!(cause instanceof SpirefedError) || context.signal.aborted) throw cause;
    const known = knownPeers(holder);
    throw new SpirefedError("preflight", `[${peer}] cannot be asked for its trust domain`, {
      cause,
      code: "peer/unknown",
      remedy: known.length === 0
        ? `name its trust domain: oc spirefed unpeer ${holder.cluster} TRUST-DOMAIN --local-only`
        : `name its trust domain, one of ${
          known.slice(0, 10).join(", ")
        }: oc spirefed unpeer ${holder.cluster} ${known[0] ?? ""} --local-only`,
    });
  }
}

function knownPeers({ declared, staticPeers }: Holder): readonly string[] {
  const names = [...declared.map(({ spec }) => spec), ...staticPeers]
    .map(({ trustDomain }) => printable(trustDomain, 255));
  return [...new Set(names)].sort();
}
