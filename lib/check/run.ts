/**
 * Runs checks over facts: pure, whatever the order they are listed in.
 *
 * @module
 */
import { type Check, type Finding, skip } from "./check.ts";

/**
 * The findings in the order of `checks`. A check whose requirement failed, or was itself
 * skipped, is skipped, and its finding names the first cause (`because`), not the next link.
 *
 * @throws {Error} if two checks have one id, or requirements are unknown or go in a circle: a bug.
 *
 * @example What follows from a failure is not asked
 * ```ts
 * import { fail, pass } from "./check.ts";
 * import { runChecks } from "./run.ts";
 * import assert from "node:assert/strict";
 *
 * const reachable = {
 *   id: "endpoint/reachable",
 *   title: "the endpoint answers",
 *   judge: (facts: { up: boolean }) => facts.up ? pass() : fail("refused", "start it"),
 * };
 * const fresh = {
 *   id: "endpoint/fresh",
 *   title: "what it serves is fresh",
 *   requires: ["endpoint/reachable"],
 *   judge: () => pass(),
 * };
 *
 * const findings = runChecks([reachable, fresh], { up: false }, "east");
 *
 * assert.deepEqual(findings.map(({ outcome }) => outcome.status), ["fail", "skip"]);
 * assert.equal(findings[1]?.because, "endpoint/reachable");
 * ```
 */
export function runChecks<Facts>(
  checks: readonly Check<Facts>[],
  facts: Facts,
  subject: string,
): readonly Finding[] {
  const byId = new Map(checks.map((check) => [check.id, check]));
  if (byId.size !== checks.length) throw new Error("two checks have one id");
  const found = new Map<string, Finding>();
  const asking = new Set<string>();

  const find = (id: string): Finding => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const check = byId.get(id);
    if (check === undefined) throw new Error(`no check "${id}"`);
    if (asking.has(id)) throw new Error(`check "${id}" requires itself`);
    asking.add(id);
    const finding = judge(check, (check.requires ?? []).map(find));
    found.set(id, finding);
    return finding;
  };

  const judge = (
    { id, title, judge }: Check<Facts>,
    required: readonly Finding[],
  ): Finding => {
    const open = required.find(({ outcome }) =>
      outcome.status === "fail" || outcome.status === "skip"
    );
    if (open === undefined) {
      return { id, title, subject, outcome: judge(facts), because: undefined };
    }
    const because = open.because ?? open.id;
    return { id, title, subject, outcome: skip(`not asked: ${because} comes first`), because };
  };

  return checks.map(({ id }) => find(id));
}
