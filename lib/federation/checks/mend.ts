/**
 * Mends what is safe to mend, with the hands of `peer`: the same plan, shown first, the same
 * questions, the same proof. Never a new relationship, never somebody else's object.
 *
 * @module
 */
import type { Finding } from "../../check/check.ts";
import type { Context } from "../../context.ts";
import { renderPlan } from "../../output/text/peer.ts";
import type { Edge } from "../edge.ts";
import type { Snapshot } from "../facts/facts.ts";
import { peer } from "../peer/peer.ts";
import type { Direction } from "../status/direction.ts";
import { diagnosisOf } from "./diagnose.ts";
import type { TroubleshootRequest } from "./troubleshoot.ts";

/** Failures of a direction that a refresh, or a fresh bundle, mends. */
const MENDABLE: ReadonlySet<string> = new Set([
  "federation/seeded",
  "federation/expired",
  "federation/rolled-back",
  "federation/bundle",
  "federation/refresh",
]);

/** Mends what can be; whether anything was tried that makes another look worth while. */
export async function mend(
  snapshot: Snapshot,
  request: TroubleshootRequest,
  context: Context,
): Promise<boolean> {
  const edges = mendable(snapshot);
  if (edges.length === 0) {
    context.stderr("note: nothing here that is safe to mend by itself\n");
    return false;
  }
  const names = [...new Set(edges.flatMap(({ holder, peer: other }) => [holder, other]))];
  const { result } = await peer({
    names,
    skipped: [],
    topology: { word: undefined },
    edges,
    source: "endpoint",
    connectTo: request.connectTo,
    static: false,
    adopt: false,
    forceConflicts: false,
    refreshEmbedded: false,
    expectTrustDomain: new Map(),
    dryRun: request.dryRun,
    manifestsOnly: false,
    yes: request.yes,
    access: request.access,
  }, context);
  if (request.dryRun && result.kind === "PeerResult") {
    context.stderr(renderPlan(result, context.terminal.columns));
  }
  return !request.dryRun;
}

/** The directions with a failure that can be mended safely. */
export function mendable(snapshot: Snapshot): readonly Edge[] {
  const { findings, directions } = diagnosisOf(snapshot);
  const edges = new Map<string, Edge>();
  for (const finding of findings) {
    const direction = directions.get(finding.subject);
    if (direction?.peer === undefined || !isMendable(finding, direction)) continue;
    edges.set(finding.subject, { holder: direction.holder.name, peer: direction.peer.name });
  }
  return [...edges.values()];
}

function isMendable({ id, outcome }: Finding, direction: Direction): boolean {
  // What is to be stored has to come from an endpoint that proved itself.
  if (outcome.status !== "fail" || direction.peer?.served?.bundle === undefined) return false;
  if (MENDABLE.has(id)) return direction.winner !== undefined;
  return id === "cfdt/class" && direction.declarations.every(({ ours }) => ours);
}
