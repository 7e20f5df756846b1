/**
 * How `peer` looks: the clusters, the plan, and a line a direction.
 *
 * @module
 */
import { printable } from "../printable.ts";
import type { PeerCluster, PeerEdge, PeerResult } from "../change_result.ts";
import { headline, renderChanges } from "./changes.ts";
import { shown, widest } from "./layout.ts";
import { fit } from "./paragraph.ts";

const MARKS: Readonly<Record<PeerEdge["state"], string>> = {
  "trusted": "✓",
  "applied": "!",
  "planned": "+",
  "declared": "=",
  "missing": "✗",
  "failed": "✗",
  "skipped": "-",
  "not attempted": "-",
};

/** The clusters and what would be changed: what a person reads before agreeing. */
export function renderPlan({ clusters, plan }: PeerResult, columns: number): string {
  return [
    ...renderClusters(clusters, columns),
    headline(plan),
    ...renderChanges(plan, columns),
    "",
  ].join("\n");
}

/** The outcome: a line a direction, and the next command. */
export function renderPeer(result: PeerResult, columns: number): string {
  const { edges, plan } = result;
  if (edges.every(({ state }) => state === "planned" || state === "declared")) {
    return renderPlan(result, columns);
  }
  const planned = plan.length > 0 || edges.every(({ state }) => state === "trusted");
  return [
    ...renderEdges(edges, columns),
    ...planned ? [] : ["Nothing was written."],
    ...nextOf(edges).map((next) => `Next: ${next}`),
    "",
  ].join("\n");
}

function renderClusters(clusters: readonly PeerCluster[], columns: number): readonly string[] {
  const names = widest(clusters.map(({ name }) => shown(name)));
  const domains = widest(clusters.map(({ trustDomain }) => trustDomain));
  return clusters.flatMap((cluster) => {
    const version = cluster.version === null ? "SPIRE version unknown" : `SPIRE ${cluster.version}`;
    const facts = `${printable(version, 40)}  ${authorityNote(cluster)}`;
    const line = `  ${shown(cluster.name).padEnd(names)}  ${cluster.trustDomain.padEnd(domains)}`;
    return fit(line, facts, columns);
  });
}

function authorityNote({ verified, roots, expiresInSeconds }: PeerCluster): string {
  const count = roots === 1 ? "1 root" : `${roots} roots`;
  const expires = `${roots === 1 ? "expires" : "newest expires"} in ${duration(expiresInSeconds)}`;
  if (verified === null) return "endpoint not asked yet";
  return `${
    verified === "endpoint" ? "endpoint verified" : "bundle from its API"
  } (${count}, ${expires})`;
}

function renderEdges(edges: readonly PeerEdge[], columns: number): readonly string[] {
  const arrows = edges.map(({ from, to }) => `${shown(from)} → ${shown(to)}`);
  const width = widest(arrows);
  return edges.flatMap(({ state, proof, reason }, at) => {
    const line = `  ${MARKS[state]} ${(arrows[at] ?? "").padEnd(width)}`;
    const label = state === "applied" ? "applied, not proven" : state;
    const why = proof ?? reason;
    return fit(line, why === null ? label : `${label}: ${printable(why)}`, columns, "   ");
  });
}

/** The commands that help with what is not trusted, each once; else the one that tries the trust out. */
function nextOf(edges: readonly PeerEdge[]): readonly string[] {
  const [first] = edges;
  if (first !== undefined && edges.every(({ state }) => state === "trusted")) {
    const names = new Set(edges.flatMap(({ from, to }) => [from, to]));
    return [`oc spirefed test-mtls ${[...names].map(shown).join(" ")}`];
  }
  const open = edges.flatMap(({ state, next }) =>
    state === "trusted" || next === null ? [] : [next]
  );
  return [...new Set(open)].slice(0, 5).map((next) => printable(next));
}

function duration(seconds: number): string {
  if (seconds <= 0) return "0 s: expired";
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 72 * 3600
    ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / 86400)} d`;
}
