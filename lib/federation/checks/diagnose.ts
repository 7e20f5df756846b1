/**
 * All checks over all that was seen: the first causes first, what follows from them folded.
 * Pure; the same over live clusters and over an archive.
 *
 * @module
 */
import type { Check, Finding } from "../../check/check.ts";
import { runChecks } from "../../check/run.ts";
import type { Snapshot } from "../facts/facts.ts";
import { type ClusterView, viewOf } from "../facts/view.ts";
import { type Direction, directionsAmong } from "../status/direction.ts";
import { titleOf } from "../status/report.ts";
import { API_CHECKS, BUNDLE_CHECKS } from "./bundle_checks.ts";
import { FEDERATION_CHECKS } from "./federation_checks.ts";
import { OLM_CHECKS } from "./olm_checks.ts";
import { OPERAND_CHECKS } from "./operand_checks.ts";
import { WORKLOAD_CHECKS } from "./workload_checks.ts";

/** What a search can be narrowed to. */
export const AREAS = ["operator", "bundle", "federation", "workload"] as const;

/** What a search can be narrowed to. */
export type Area = typeof AREAS[number];

const OPERATOR_CHECKS: readonly Check<ClusterView>[] = [
  ...API_CHECKS,
  ...OLM_CHECKS,
  ...OPERAND_CHECKS,
];

/** Of one cluster, in the order of causes. */
export const CLUSTER_CHECKS: readonly Check<ClusterView>[] = [
  ...OPERATOR_CHECKS,
  ...BUNDLE_CHECKS,
  ...WORKLOAD_CHECKS,
];

/** Every check there is, by area: what docs/checks.md describes. */
export const CHECKS_BY_AREA: Readonly<
  Record<Area, readonly Pick<Check<never>, "id" | "title" | "after">[]>
> = {
  operator: OPERATOR_CHECKS,
  bundle: BUNDLE_CHECKS,
  federation: FEDERATION_CHECKS,
  workload: WORKLOAD_CHECKS,
};

const ORDER: ReadonlyMap<string, number> = new Map(
  [...OPERATOR_CHECKS, ...BUNDLE_CHECKS, ...FEDERATION_CHECKS, ...WORKLOAD_CHECKS]
    .map(({ id }, index) => [id, index]),
);
const STATUS_ORDER = { fail: 0, warn: 1, skip: 2, pass: 3 } as const;

/** All findings, the first cause first. */
export function diagnose(snapshot: Snapshot): readonly Finding[] {
  return diagnosisOf(snapshot).findings;
}

/** All findings, and the directions that some of them are of, by their title. */
export function diagnosisOf({ clusters }: Snapshot): {
  readonly findings: readonly Finding[];
  readonly directions: ReadonlyMap<string, Direction>;
} {
  const views = clusters.map(viewOf);
  const byCluster = new Map(
    views.map((view) => [view.name, runChecks(CLUSTER_CHECKS, view, view.name)]),
  );
  const directions = directionsAmong(views);
  const found = directions.flatMap((direction) =>
    runChecks(FEDERATION_CHECKS, direction, titleOf(direction), causesFor(direction, byCluster))
  );
  const findings = [...byCluster.values()].flat().concat(found).sort((a, b) =>
    STATUS_ORDER[a.outcome.status] - STATUS_ORDER[b.outcome.status] ||
    (ORDER.get(a.id) ?? 0) - (ORDER.get(b.id) ?? 0)
  );
  return { findings, directions: new Map(directions.map((one) => [titleOf(one), one])) };
}

/** What did not pass on either side, as the checks of a direction name it. */
function causesFor(
  { holder, peer }: Direction,
  byCluster: ReadonlyMap<string, readonly Finding[]>,
): ReadonlyMap<string, string> {
  const causes = new Map<string, string>();
  for (const [role, view] of [["holder", holder], ["peer", peer]] as const) {
    for (const { id, subject, outcome, because } of byCluster.get(view?.name ?? "") ?? []) {
      if (outcome.status === "fail") causes.set(`${role}:${id}`, `${subject}: ${id}`);
      // What nobody could ask is a cause only where it follows from one.
      if (outcome.status === "skip" && because !== undefined) {
        causes.set(`${role}:${id}`, because.includes(": ") ? because : `${subject}: ${because}`);
      }
    }
  }
  return causes;
}

/** The findings of one area, and the causes elsewhere that keep its questions from being asked. */
export function inArea(findings: readonly Finding[], area: Area | undefined): readonly Finding[] {
  if (area === undefined) return findings;
  const own = new Set(CHECKS_BY_AREA[area].map(({ id }) => id));
  const within = findings.filter(({ id }) => own.has(id));
  const causes = new Set(
    within.flatMap(({ because, subject }) =>
      because === undefined ? [] : [because, `${subject}: ${because}`]
    ),
  );
  return findings.filter(({ id, subject }) => own.has(id) || causes.has(`${subject}: ${id}`));
}

/** What went wrong, without what follows from it: failures before warnings. */
export function causesIn(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ outcome }) => outcome.status === "fail" || outcome.status === "warn");
}
