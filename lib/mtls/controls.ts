/**
 * The calls that must fail: each refused by the right side, for the right reason. One
 * that gets through is the worst that a test can find.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip } from "../check/check.ts";
import { visitBreachesOf } from "./existing_checks.ts";
import { attemptOf, recordsOf, refusalOf, type TrialFacts } from "./facts.ts";
import type { AttemptRecord, ControlName } from "./records.ts";
import { CONTROLS, type Role, subjectOf } from "./trial.ts";

/** How a control has to end. */
interface Expectation {
  readonly title: string;
  readonly role: Exclude<Role, "server">;
  readonly by: "server" | "caller";
  readonly codes: readonly string[];
  /** Proves nothing unless the verifier knew the other authority, under its own name. */
  readonly needsThrowaway?: boolean;
}

const EXPECTED: Readonly<Record<ControlName, Expectation>> = {
  "no-certificate": {
    title: "a caller without certificate is refused",
    role: "caller",
    by: "server",
    codes: ["certificate/absent"],
  },
  "stranger": {
    title: "another identity of the same trust domain is refused",
    role: "caller",
    by: "server",
    codes: ["svid/other-id"],
  },
  "unfederated": {
    title: "an identity without federatesWith cannot verify the server",
    role: "unfederated",
    by: "caller",
    codes: ["bundle/missing"],
  },
  "self-signed": {
    title: "the right ID in a self-signed certificate is refused",
    role: "caller",
    by: "server",
    codes: ["authority/unknown"],
  },
  "other-authority": {
    title: "the right ID signed by another known trust domain is refused",
    role: "caller",
    by: "server",
    codes: ["authority/unknown"],
    needsThrowaway: true,
  },
  "expired": {
    title: "an SVID that was good and has expired is refused",
    role: "expiring",
    by: "server",
    codes: ["certificate/expired"],
  },
  "other-server-id": {
    title: "a server with another ID than expected is refused",
    role: "caller",
    by: "caller",
    codes: ["svid/other-id"],
  },
  "impostor-server": {
    title: "a server whose right ID another known trust domain signed is refused",
    role: "caller",
    by: "caller",
    codes: ["authority/unknown"],
    needsThrowaway: true,
  },
};

/** A check a control. */
export const CONTROL_CHECKS: readonly Check<TrialFacts>[] = CONTROLS.map((name) => ({
  id: `control/${name}`,
  title: EXPECTED[name].title,
  judge: (facts) => judgeControl(name, facts),
}));

/** The controls that got through: what a report has to cry out. */
export function breachesOf(facts: TrialFacts): readonly ControlName[] {
  if (facts.trial.existing !== undefined) return visitBreachesOf(facts);
  return CONTROLS.filter((name) => {
    const attempt = attemptOf(facts, name, EXPECTED[name].role);
    return attempt !== undefined && gotThrough(attempt, facts);
  });
}

/** Whichever side says so. */
function gotThrough({ outcome, nonce }: AttemptRecord, facts: TrialFacts): boolean {
  return outcome === "answered" ||
    recordsOf(facts, "server", "served").some((served) => served.nonce === nonce);
}

function judgeControl(name: ControlName, facts: TrialFacts): Outcome {
  const expected = EXPECTED[name];
  const attempt = attemptOf(facts, name, expected.role);
  if (attempt !== undefined && gotThrough(attempt, facts)) {
    return fail(
      `IT GOT THROUGH, and must not: ${expected.title} — this time it was not. Whoever can do this can pose as a workload`,
      `treat ${subjectOf(facts.trial)} as open: oc spirefed test-mtls … --keep, and report it`,
    );
  }
  // Where nothing gets through, that this does not proves nothing.
  if (attemptOf(facts, "call", positiveRole(expected.role))?.outcome !== "answered") {
    return skip("proves nothing without a call that is answered");
  }
  if (attempt === undefined) return fail("it was not tried in time", "run it again");
  return judgeRefusal(expected, attempt, facts);
}

/** The pod that must not be answered has none of its own to compare with. */
function positiveRole(role: Role): Role {
  return role === "expiring" ? "expiring" : "caller";
}

function judgeRefusal(
  { by, codes, needsThrowaway = false }: Expectation,
  attempt: AttemptRecord,
  facts: TrialFacts,
): Outcome {
  const here = attempt.outcome === "turned-away";
  const record = here ? attempt : refusalOf(facts, attempt);
  const who = here ? "caller" : "server";
  const code = record?.code ?? null;
  if (record === undefined || code === null) {
    return fail(
      `it was not answered, but neither side says that it refused: ${attempt.code}: ${attempt.detail}`,
      "run it again: something in between may have cut the connection",
    );
  }
  if (who !== by || !codes.includes(code)) {
    return fail(
      `refused by the ${who} with ${code}, where the ${by} should have refused with ${
        codes.join(" or ")
      }: ${record.detail}`,
      "run it again; if it stays, report it: the control does not test what it should",
    );
  }
  if (needsThrowaway && !record.known.some((name) => name.endsWith(".invalid"))) {
    return fail("the verifier did not know the other authority: nothing is shown", "run it again");
  }
  return pass(`refused by the ${who}: ${code}`);
}
