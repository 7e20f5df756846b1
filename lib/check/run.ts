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
 * @param elsewhere what did not pass in runs before this one, with its first cause, by the
 * name under which checks here require it: `peer:endpoint/reachable`. A requirement with
 * such a prefix that is not in it passed.
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
  elsewhere: ReadonlyMap<string, string> = new Map(),
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
    const { requires = [], after = [] } = check;
    const cause = [...requires, ...after].map((one) => elsewhere.get(one))
      .find((one) => one !== undefined);
    const here = (ids: readonly string[]): readonly Finding[] =>
      ids.filter((one) => !one.includes(":")).map(find);
    const open = here(requires).find(({ outcome }) => isOpen(outcome)) ??
      here(after).find(({ outcome, because }) =>
        outcome.status === "fail" || because !== undefined
      );
    const first = cause ?? (open === undefined ? undefined : open.because ?? open.id);
    const finding = first === undefined
      ? { id, title: check.title, subject, outcome: check.judge(facts), because: undefined }
      : notAsked(check, first);
    found.set(id, finding);
    return finding;
  };

  const notAsked = (
    { id, title }: Pick<Check<Facts>, "id" | "title">,
    because: string,
  ): Finding => ({
    id,
    title,
    subject,
    outcome: skip(`not asked: ${because} comes first`),
    because,
  });

  return checks.map(({ id }) => find(id));
}

function isOpen({ status }: Finding["outcome"]): boolean {
  return status === "fail" || status === "skip";
}
