/**
 * What is answered of all trials.
 *
 * @module
 */
import type { Finding } from "../check/check.ts";
import type { MtlsReportResult } from "../output/result.ts";
import { breachesOf } from "./controls.ts";
import { attemptOf, recordsOf, type TrialFacts } from "./facts.ts";
import { idOf, type Role, subjectOf } from "./trial.ts";

/** The report. */
export function reportOf(
  facts: readonly TrialFacts[],
  findings: readonly Finding[],
  timings: Readonly<Record<string, number>>,
): MtlsReportResult {
  return {
    kind: "MtlsReport",
    command: "test-mtls",
    directions: facts.map((each) => directionOf(each, findings)),
    findings,
    next: null,
    timings,
  };
}

function directionOf(
  facts: TrialFacts,
  findings: readonly Finding[],
): MtlsReportResult["directions"][number] {
  const { trial } = facts;
  const subject = subjectOf(trial);
  const own = findings.filter((finding) => finding.subject === subject);
  const attempt = attemptOf(facts, "call");
  const answered = attempt?.outcome === "answered" ? attempt : undefined;
  return {
    caller: partyOf(facts, "caller"),
    server: partyOf(facts, "server"),
    passed: own.length > 0 && own.every(isProven),
    breaches: breachesOf(facts),
    protocol: answered?.protocol ?? null,
    handshakeMs: answered?.handshakeMs ?? null,
    roundTripMs: answered?.roundTripMs ?? null,
  };
}

/** A route that could not be read is no obstacle where the call through it was answered. */
function isProven({ id, outcome: { status } }: Finding): boolean {
  return status === "pass" || (id === "mtls/route" && status === "skip");
}

function partyOf(
  facts: TrialFacts,
  role: Extract<Role, "server" | "caller">,
): MtlsReportResult["directions"][number]["server"] {
  const { trial } = facts;
  const identity = recordsOf(facts, role, "identity").at(-1);
  const [side, peer] = role === "server"
    ? [trial.server, trial.caller]
    : [trial.caller, trial.server];
  const bundle = identity?.bundles.find(({ trustDomain }) => trustDomain === peer.trustDomain);
  return {
    cluster: side.cluster,
    trustDomain: side.trustDomain,
    spiffeId: idOf(trial, role),
    serial: identity?.serial ?? null,
    notAfter: identity?.notAfter ?? null,
    peerAuthorities: bundle?.authorities ?? [],
    peerBundleSince: bundle?.newestNotBefore ?? null,
    federatesWith: side.storesPeer === false ? [] : [peer.trustDomain],
  };
}
