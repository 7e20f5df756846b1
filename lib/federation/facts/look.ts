/**
 * From the contexts that a user named, or from all of a kubeconfig, to facts.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import type { ClusterAccess, Context } from "../../context.ts";
import type { ConnectTo } from "../../endpoint/endpoint.ts";
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import { type Outcome, sideBySide } from "../side_by_side.ts";
import { type Candidate, collectFacts } from "./collect_facts.ts";
import type { ClusterFacts, Snapshot } from "./facts.ts";
import { itemsOf } from "./section.ts";

/** Whom to look at, and how. */
export interface LookRequest {
  /** Contexts; none means all of the kubeconfig that run the operator. */
  readonly names: readonly string[];
  readonly access: ClusterAccess;
  readonly connectTo: readonly ConnectTo[];
}

/** Clusters that were opened: looked at as often as needed. */
export interface Watchers {
  readonly candidates: readonly Candidate[];
  /** Nobody named them. */
  readonly unnamed: boolean;
  /** By context, those that were opened. */
  readonly clusters: ReadonlyMap<string, Cluster>;
}

/** Opens contexts; sends nothing yet. */
export async function openAll(request: LookRequest, context: Context): Promise<Watchers> {
  const unnamed = request.names.length === 0;
  const names = unnamed
    ? (await context.kubeContexts({ kubeconfig: request.access.kubeconfig })).names
    : request.names;
  if (names.length === 0) {
    throw new SpirefedError("usage", "The kubeconfig holds no context", {
      remedy: "name clusters as path/to/kubeconfig#context, or log in with oc login",
    });
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SpirefedError("usage", `${twice} is named twice`);
  const opened = await sideBySide(names, (name) => context.openCluster(name, request.access));
  // A context that does not exist is a mistake of the command line, not the state of a cluster.
  const mistake = opened.find((outcome) => !outcome.ok && outcome.error.kind === "usage");
  if (mistake !== undefined && !mistake.ok && !unnamed) throw mistake.error;
  return {
    unnamed,
    candidates: names.map((name, index) => ({
      name,
      opened: opened[index] as Outcome<Cluster>,
    })),
    clusters: new Map(
      opened.flatMap((outcome, index) =>
        outcome.ok ? [[names[index] ?? "", outcome.value] as const] : []
      ),
    ),
  };
}

/** Looks once. Of contexts that nobody named, those without the operator are left out. */
export async function look(
  watchers: Watchers,
  { connectTo, context, ...how }: {
    readonly connectTo: readonly ConnectTo[];
    readonly context: Context;
    readonly deep: boolean;
    readonly refresh: boolean;
  },
): Promise<Snapshot> {
  const { now, signal, fetchBundle } = context;
  const takenAt = now().toISOString();
  const seen = await collectFacts(watchers.candidates, {
    ...how,
    connectTo,
    fetchBundle,
    now,
    signal,
  });
  const clusters = onceEach(
    watchers.unnamed ? seen.filter((facts) => runsOperator(facts)) : seen,
    (line) => context.stderr(`${line}\n`),
  );
  return { takenAt, version: "", clusters: [...clusters] };
}

/** Whether the operator is there; where nobody could look, it may be. */
function runsOperator({ failure, objects }: ClusterFacts): boolean {
  if (failure !== undefined) return true;
  const manager = objects["manager"];
  return manager?.state === "unread"
    ? manager.code !== "http/404-kind"
    : itemsOf(manager).length > 0 || itemsOf(objects["server"]).length > 0;
}

/** Two contexts of one cluster are one cluster. */
function onceEach(
  clusters: readonly ClusterFacts[],
  say: (line: string) => void,
): readonly ClusterFacts[] {
  const byIdentity = new Map<string, string>();
  return clusters.filter((facts) => {
    const uid = itemsOf(facts.objects["kubeSystem"])[0]?.uid;
    if (uid === undefined) return true;
    const first = byIdentity.get(uid);
    byIdentity.set(uid, first ?? facts.name);
    if (first === undefined) return true;
    say(`note: ${printable(facts.name)} and ${printable(first)} are contexts of one cluster`);
    return false;
  });
}
