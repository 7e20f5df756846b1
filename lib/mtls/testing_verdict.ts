/**
 * What is wrong with a trial, for tests to look at.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Finding } from "../check/check.ts";
import type { TrialFacts } from "./facts.ts";
import { judgeTrial } from "./verdict.ts";

/** The findings that fail. */
export function failed(facts: TrialFacts): readonly Finding[] {
  return judgeTrial(facts).filter(({ outcome }) => outcome.status === "fail");
}

/** The first thing that is wrong, and what to do about it. */
export function firstFailure(
  facts: TrialFacts,
): readonly [id: string, detail: string, remedy: string] {
  const [finding] = failed(facts);
  assert.ok(finding?.outcome.status === "fail", "nothing failed");
  return [finding.id, finding.outcome.detail, finding.outcome.remedy];
}
