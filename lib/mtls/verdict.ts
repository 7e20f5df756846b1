/**
 * What a trial shows. Pure: what was seen in, findings out.
 *
 * @module
 */
import { type Check, fail, type Finding, type Outcome, pass, skip } from "../check/check.ts";
import { runChecks } from "../check/run.ts";
import { bundleTrouble, callTrouble, identityTrouble, podTrouble, routeTrouble } from "./causes.ts";
import { CONTROL_CHECKS } from "./controls.ts";
import { EXISTING_CHECKS, VISIT_CHECKS, VISIT_CONTROL_CHECKS } from "./existing_checks.ts";
import { attemptOf, recordsOf, type TrialFacts } from "./facts.ts";
import { idOf, type Role, rolesOf, subjectOf } from "./trial.ts";

const CHECKS: readonly Check<TrialFacts>[] = [
  {
    id: "mtls/objects",
    title: "everything that the test needs could be made",
    judge: judgeObjects,
  },
  {
    id: "mtls/pods",
    title: "the probes run",
    requires: ["mtls/objects"],
    judge: (facts) =>
      firstTrouble(rolesOf(facts.trial), (role) => {
        const pod = facts.pods.get(role);
        return pod === undefined ? missing(role) : podTrouble(role, pod, facts.trial);
      }) ?? pass(runtimeOf(facts)),
  },
  {
    id: "mtls/identity",
    title: "each probe has its SVID",
    requires: ["mtls/pods"],
    judge: (facts) =>
      firstTrouble(rolesOf(facts.trial), (role) => identityTrouble(role, facts)) ??
        pass(identitiesOf(facts)),
  },
  {
    id: "mtls/bundles",
    title: "each side received the other's bundle",
    requires: ["mtls/identity"],
    judge: judgeBundles,
  },
  {
    id: "mtls/route",
    title: "the router has taken the route",
    requires: ["mtls/objects"],
    judge: ({ route, trial }) =>
      route === undefined
        ? skip("the route could not be read")
        : routeTrouble(trial, route) ?? pass(`${route.host}, passthrough`),
  },
  {
    id: "mtls/call",
    title: "the server's application answered the caller's",
    requires: ["mtls/bundles"],
    judge: judgeCall,
  },
  {
    id: "mtls/agreement",
    title: "nonce echoed, and each side saw the other's exact SPIFFE ID",
    requires: ["mtls/call"],
    judge: judgeAgreement,
  },
  {
    id: "mtls/repeat",
    title: "every further call was answered as the first",
    requires: ["mtls/agreement"],
    judge: judgeRepeat,
  },
];

/** The findings of a trial. Controls are asked whatever else failed. */
export function judgeTrial(facts: TrialFacts): readonly Finding[] {
  const { trial } = facts;
  const checks = trial.existing === undefined
    ? [...CHECKS.filter(({ id }) => trial.repeat > 1 || id !== "mtls/repeat"), ...CONTROL_CHECKS]
    : CHECKS_OF_EXISTING;
  const findings = runChecks(checks, facts, subjectOf(trial));
  const cause = findings.find(({ outcome }) => outcome.status === "fail")?.id;
  // A control that proves nothing is a consequence of what failed, and is folded under it.
  return findings.map((finding) =>
    finding.outcome.status === "skip" && finding.id.startsWith("control/")
      ? { ...finding, because: finding.because ?? cause }
      : finding
  );
}

/** A visitor is made as a caller is; what only a server of ours can tell is not asked. */
const CHECKS_OF_EXISTING: readonly Check<TrialFacts>[] = [
  ...EXISTING_CHECKS,
  ...CHECKS.flatMap((check) => {
    switch (check.id) {
      case "mtls/objects":
        return [{ ...check, requires: ["existing/entries", "existing/way"] }];
      case "mtls/pods":
      case "mtls/identity":
        return [check];
      case "mtls/bundles":
        return [{ ...check, title: "the caller received the server's bundle" }];
      default:
        return [];
    }
  }),
  ...VISIT_CHECKS,
  ...VISIT_CONTROL_CHECKS,
];

function judgeObjects({ failures }: TrialFacts): Outcome {
  const [first] = failures;
  if (first === undefined) return pass();
  return fail(first.message, first.remedy ?? "mend it and run the test again");
}

function judgeBundles(facts: TrialFacts): Outcome {
  const { server, caller, existing } = facts.trial;
  if (existing !== undefined) {
    return bundleTrouble("visitor", facts, { side: caller, peer: server }) ??
      pass(held(facts, "visitor", server.trustDomain));
  }
  return bundleTrouble("caller", facts, { side: caller, peer: server }) ??
    bundleTrouble("server", facts, { side: server, peer: caller }) ??
    pass(bundlesOf(facts));
}

function judgeCall(facts: TrialFacts): Outcome {
  const attempt = attemptOf(facts, "call");
  if (attempt?.outcome !== "answered") return withFurtherCalls(callTrouble(facts), facts);
  const { protocol, handshakeMs, roundTripMs } = attempt;
  return pass(`${protocol}, handshake ${rounded(handshakeMs)}, reply ${rounded(roundTripMs)}`);
}

/** Whether it comes and goes. */
function withFurtherCalls(outcome: Outcome, facts: TrialFacts): Outcome {
  const { calls = 0, answered = 0 } = recordsOf(facts, "caller", "repeated").at(-1) ?? {};
  if (outcome.status !== "fail" || calls === 0) return outcome;
  const { detail, remedy } = outcome;
  return fail(
    `${detail}; of ${calls} further calls ${
      answered === 0 ? "none was" : `${answered} were`
    } answered`,
    remedy,
  );
}

/** The one proof: both applications said the same thing about the same connection. */
function judgeAgreement(facts: TrialFacts): Outcome {
  const attempt = attemptOf(facts, "call");
  const served = recordsOf(facts, "server", "served").find(({ nonce }) => nonce === attempt?.nonce);
  const [serverId, callerId] = [idOf(facts.trial, "server"), idOf(facts.trial, "caller")];
  const wrong = (what: string): Outcome =>
    fail(what, "nothing is proven: run it again, and report it if it stays");
  if (attempt === undefined || attempt.reply === null) return wrong("the caller has no reply");
  if (served === undefined) return wrong("the server knows nothing of this call");
  const { reply, nonce } = attempt;
  if (!nonce.startsWith(`${facts.trial.run}-`)) return wrong("the call is of another run");
  if (reply.nonce !== nonce) return wrong(`the reply is to another call: ${reply.nonce}`);
  const sightings: readonly (readonly [string, string | null, string])[] = [
    ["the caller saw", attempt.saw, serverId],
    ["the server calls itself", reply.self, serverId],
    ["the server's log calls it", served.self, serverId],
    ["the caller told the server that it saw", served.claimed.saw, serverId],
    ["the server told the caller that it saw", reply.saw, callerId],
    ["the server saw", served.saw, callerId],
    ["the caller calls itself", served.claimed.self, callerId],
    ["the caller's log calls it", attempt.self, callerId],
  ];
  for (const [what, seen, expected] of sightings) {
    if (seen !== expected) return wrong(`${what} ${seen}, not ${expected}`);
  }
  for (const protocol of [attempt.protocol, served.protocol]) {
    if (protocol !== "TLSv1.3") return wrong(`the connection was ${protocol}, not TLSv1.3`);
  }
  return pass(`${callerId} and ${serverId} saw each other`);
}

function judgeRepeat(facts: TrialFacts): Outcome {
  const repeated = recordsOf(facts, "caller", "repeated").at(-1);
  const wanted = facts.trial.repeat - 1;
  if (repeated === undefined) return fail("the calls were not all made in time", "run it again");
  if (repeated.answered < wanted) {
    return fail(
      `${wanted - repeated.answered} of ${wanted} further calls failed: ${repeated.failures[0]}`,
      "look at what comes and goes: routers, load balancers, the network in between",
    );
  }
  const latency = (values: readonly number[]): string =>
    [50, 95, 99].map((at) => `p${at} ${rounded(percentile(values, at))}`).join(", ");
  return pass(
    `${wanted} of ${wanted}; handshake ${latency(repeated.handshakeMs)}; reply ${
      latency(repeated.roundTripMs)
    }`,
  );
}

/** The nearest rank; `values` ascend. */
export function percentile(values: readonly number[], at: number): number {
  return values[Math.max(0, Math.ceil(values.length * at / 100) - 1)] ?? 0;
}

function firstTrouble(
  roles: readonly Role[],
  troubleOf: (role: Role) => Outcome | undefined,
): Outcome | undefined {
  for (const role of roles) {
    const trouble = troubleOf(role);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

function missing(role: Role): Outcome {
  return fail(`the pod ${role} was not seen`, "run it again");
}

function runtimeOf(facts: TrialFacts): string {
  const [role = "server"] = rolesOf(facts.trial);
  return `${facts.trial.image}: ${recordsOf(facts, role, "started").at(-1)?.runtime ?? ""}`;
}

function identitiesOf(facts: TrialFacts): string {
  const roles = facts.trial.existing === undefined
    ? ["caller", "server"] as const
    : ["visitor"] as const;
  return roles.map((role) => {
    const identity = recordsOf(facts, role, "identity").at(-1);
    return `${role} ${identity?.spiffeId}, serial ${identity?.serial}, until ${identity?.notAfter}`;
  }).join("; ");
}

function bundlesOf(facts: TrialFacts): string {
  const { server, caller } = facts.trial;
  return `${held(facts, "caller", server.trustDomain)}; ${
    held(facts, "server", caller.trustDomain)
  }`;
}

function held(facts: TrialFacts, role: Role, trustDomain: string): string {
  const identity = recordsOf(facts, role, "identity").at(-1);
  const bundle = identity?.bundles.find((bundle) => bundle.trustDomain === trustDomain);
  const count = bundle?.authorities.length ?? 0;
  return `${role} holds ${count} ${
    count === 1 ? "authority" : "authorities"
  } of ${trustDomain}, the newest since ${bundle?.newestNotBefore}`;
}

function rounded(milliseconds: number | null): string {
  return milliseconds === null ? "?" : `${Math.round(milliseconds * 10) / 10} ms`;
}
