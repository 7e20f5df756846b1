import assert from "node:assert/strict";
import { type Check, fail, pass, skip, warn } from "./check.ts";
import { runChecks } from "./run.ts";
import { settle } from "./settle.ts";

type Facts = Readonly<Record<string, "pass" | "warn" | "fail" | "skip">>;

function check(id: string, requires: readonly string[] = []): Check<Facts> {
  const outcomes = {
    pass: pass("seen"),
    warn: warn("soon", "look"),
    fail: fail("broken", "mend"),
    skip: skip("unknown"),
  };
  return { id, title: id, requires, judge: (facts) => outcomes[facts[id] ?? "pass"] };
}

function statuses(checks: readonly Check<Facts>[], facts: Facts): readonly string[] {
  return runChecks(checks, facts, "east").map(({ outcome }) => outcome.status);
}

Deno.test("runChecks() judges a check whose requirement only warns", () => {
  assert.deepEqual(statuses([check("a"), check("b", ["a"])], { a: "warn" }), ["warn", "pass"]);
});

Deno.test("runChecks() skips what needs a check that failed, and names the first cause", () => {
  const chain = [check("c", ["b"]), check("b", ["a"]), check("a")];

  const findings = runChecks(chain, { a: "fail" }, "east");

  assert.deepEqual(findings.map(({ outcome }) => outcome.status), ["skip", "skip", "fail"]);
  assert.deepEqual(findings.map(({ because }) => because), ["a", "a", undefined]);
});

Deno.test("runChecks() skips what needs a check that could not be answered", () => {
  assert.deepEqual(statuses([check("a"), check("b", ["a"])], { a: "skip" }), ["skip", "skip"]);
});

Deno.test("runChecks() judges what comes after a check that could not be answered, not after a failure", () => {
  const chain = [check("a"), { ...check("b"), after: ["a"] }, { ...check("c"), after: ["b"] }];

  assert.deepEqual(statuses(chain, { a: "skip" }), ["skip", "pass", "pass"]);
  assert.deepEqual(statuses(chain, { a: "fail" }), ["fail", "skip", "skip"]);
});

Deno.test("runChecks() knows what did not pass elsewhere, and that the rest did", () => {
  const dependent = { ...check("fresh"), after: ["peer:reachable", "peer:identity"] };
  const elsewhere = new Map([["peer:reachable", "west: reachable"]]);

  assert.equal(runChecks([dependent], {}, "east → west")[0]?.outcome.status, "pass");
  assert.equal(runChecks([dependent], {}, "east → west", elsewhere)[0]?.because, "west: reachable");
});

Deno.test("runChecks() refuses circles, strangers and twins as bugs", () => {
  const run = (...checks: readonly Check<Facts>[]) => () => runChecks(checks, {}, "east");

  assert.throws(run(check("a", ["b"]), check("b", ["a"])), /requires itself/);
  assert.throws(run(check("a", ["b"])), /no check "b"/);
  assert.throws(run(check("a"), check("a")), /one id/);
});

Deno.test("settle() lets a failure outrank warnings, and warnings count only when asked to", () => {
  const of = (facts: Facts) => runChecks([check("a"), check("b")], facts, "east");
  const relaxed = { failOn: "fail", failure: "preflight" } as const;
  const strict = { failOn: "warn", failure: "unhealthy" } as const;

  assert.equal(settle(of({}), strict), undefined);
  assert.equal(settle(of({ a: "warn" }), relaxed), undefined);
  assert.equal(settle(of({ a: "warn" }), strict), "warned");
  assert.equal(settle(of({ a: "warn", b: "fail" }), strict), "unhealthy");
  assert.equal(settle(of({ b: "fail" }), relaxed), "preflight");
});
