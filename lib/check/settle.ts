/**
 * From findings to the fate of the command that reports them.
 *
 * @module
 */
import type { FailureKind } from "../errors.ts";
import type { Finding, Outcome } from "./check.ts";

/** How many findings have a status. */
export function count(findings: readonly Finding[], status: Outcome["status"]): number {
  return findings.filter(({ outcome }) => outcome.status === status).length;
}

/**
 * The failure that findings stand for: `failure` when a check failed, `warned` when
 * warnings are the worst and `failOn` asks for it, else none.
 *
 * @param failure what a failed check means to the command: `unhealthy` for a report on a
 * federation, `preflight` before anything is written.
 */
export function settle(
  findings: readonly Finding[],
  { failOn, failure }: {
    readonly failOn: "fail" | "warn";
    readonly failure: "unhealthy" | "preflight";
  },
): FailureKind | undefined {
  if (count(findings, "fail") > 0) return failure;
  return failOn === "warn" && count(findings, "warn") > 0 ? "warned" : undefined;
}
