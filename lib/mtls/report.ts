/**
 * What is answered of all trials.
 *
 * @module
 */
import type { Finding } from "../check/check.ts";
import type { MtlsExisting, MtlsReportResult } from "../output/result.ts";
import { breachesOf } from "./controls.ts";
import { visitOf } from "./existing_checks.ts";
import { attemptOf, recordsOf, type TrialFacts } from "./facts.ts";
import { type ExistingServer, idOf, type Role, subjectOf, type Trial } from "./trial.ts";

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
  const visit = visitOf(facts, "visit");
  const met = attempt?.outcome === "answered"
    ? attempt
    : visit?.outcome === "stayed"
    ? { ...visit, roundTripMs: null }
    : undefined;
  return {
    caller: partyOf(facts, trial.existing === undefined ? "caller" : "visitor"),
    server: trial.existing === undefined ? partyOf(facts, "server") : visitedOf(facts, trial),
    passed: own.length > 0 && own.every(isProven),
    breaches: breachesOf(facts),
    protocol: met?.protocol ?? null,
    handshakeMs: met?.handshakeMs ?? null,
    roundTripMs: met?.roundTripMs ?? null,
    furtherCalls: furtherCallsOf(facts),
    existing: trial.existing === undefined ? null : existingOf(facts, trial.existing),
  };
}

function furtherCallsOf(
  facts: TrialFacts,
): MtlsReportResult["directions"][number]["furtherCalls"] {
  const repeated = recordsOf(facts, "caller", "repeated").at(-1);
  return repeated === undefined ? null : { made: repeated.calls, answered: repeated.answered };
}

/**
 * A route that could not be read is no obstacle where the call through it was answered.
 * Of an application that is not ours nothing is claimed.
 */
const NOT_NEEDED = new Set(["mtls/route", "existing/application"]);

function isProven({ id, outcome: { status }, because }: Finding): boolean {
  return status === "pass" ||
    (status === "skip" && because === undefined && NOT_NEEDED.has(id));
}

/** A server that is not ours: what it proved to be, and what its cluster says of it. */
function visitedOf(
  facts: TrialFacts,
  { server, existing }: Trial,
): MtlsReportResult["directions"][number]["server"] {
  const visit = visitOf(facts, "visit");
  const isProven = (visit?.saw ?? null) !== null;
  const [leaf] = isProven ? visit?.chain ?? [] : [];
  const federatesWith = existing?.pods.flatMap(({ entries }) =>
    entries.flatMap(({ federatesWith }) => federatesWith)
  );
  return {
    cluster: server.cluster,
    trustDomain: server.trustDomain,
    spiffeId: visit?.saw ?? null,
    serial: leaf?.serial ?? null,
    notAfter: leaf?.notAfter ?? null,
    // Which bundles its workload holds only that workload knows.
    peerAuthorities: [],
    peerBundleSince: null,
    federatesWith: [...new Set(federatesWith)],
  };
}

function existingOf(facts: TrialFacts, existing: ExistingServer): MtlsExisting {
  const { namespace, selector, pods, way } = existing;
  const visit = visitOf(facts, "visit");
  return {
    namespace,
    selector,
    pods: pods.map(({ name, entries }) => ({
      name,
      spiffeIds: entries.map(({ spiffeId }) => spiffeId),
    })),
    host: way?.host ?? null,
    port: way?.port ?? null,
    chain: visit?.chain ?? [],
    letIn: visit?.outcome === "stayed",
  };
}

function partyOf(
  facts: TrialFacts,
  role: Extract<Role, "server" | "caller" | "visitor">,
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
