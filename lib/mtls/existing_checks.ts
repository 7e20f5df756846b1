/**
 * What is asked of a server that runs already. Its application is asked nothing, and so
 * nothing is said of what it does.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip } from "../check/check.ts";
import { clockTrouble, networkTrouble, said, staleRemedy } from "./causes.ts";
import { recordsOf, type TrialFacts } from "./facts.ts";
import type { VisitControlName, VisitName, VisitRecord } from "./records.ts";
import { type ExistingServer, idOf, type Trial } from "./trial.ts";

/** The first of them, before anything is made. */
export const EXISTING_CHECKS: readonly Check<TrialFacts>[] = [
  {
    id: "existing/entries",
    title: "SPIRE gives each of the server's pods an identity",
    judge: ({ trial }) => judgeEntries(trial, existingOf(trial)),
  },
  {
    id: "existing/federates",
    title: "each of them receives the caller's bundle",
    requires: ["existing/entries"],
    judge: ({ trial }) => judgeFederates(trial, existingOf(trial)),
  },
  {
    id: "existing/way",
    title: "a way leads to them that leaves TLS alone",
    judge: ({ trial }) => judgeWay(trial, existingOf(trial)),
  },
];

/** Those that a visit answers. */
export const VISIT_CHECKS: readonly Check<TrialFacts>[] = [
  {
    id: "existing/chain",
    title: "the endpoint proves that it is one of them",
    requires: ["mtls/bundles"],
    judge: judgeChain,
  },
  {
    id: "existing/let-in",
    title: "the server keeps the connection of a caller with its SVID",
    requires: ["existing/chain"],
    judge: judgeLetIn,
  },
  {
    id: "existing/application",
    title: "the application knows whom it speaks to",
    requires: ["existing/let-in"],
    judge: () =>
      skip("it was asked nothing: which ID it saw, and what it lets callers do, is not shown"),
  },
];

const CONTROL_TITLES: Readonly<Record<VisitControlName, string>> = {
  "no-certificate": "a caller without certificate is refused",
  "self-signed": "the right ID in a self-signed certificate is refused",
  "other-server-id": "a server with another ID than expected is refused",
};
const CONTROL_NAMES = Object.keys(CONTROL_TITLES) as readonly VisitControlName[];

/** The visits that must come to nothing. */
export const VISIT_CONTROL_CHECKS: readonly Check<TrialFacts>[] = CONTROL_NAMES.map((name) => ({
  id: `control/${name}`,
  title: CONTROL_TITLES[name],
  judge: (facts) => judgeControl(name, facts),
}));

/** The visits that must come to nothing and did not. */
export function visitBreachesOf(facts: TrialFacts): readonly VisitControlName[] {
  return CONTROL_NAMES.filter((name) => visitOf(facts, name)?.outcome === "stayed");
}

/** The last visit of a name: the one that stands. */
export function visitOf(facts: TrialFacts, name: VisitName): VisitRecord | undefined {
  return recordsOf(facts, "visitor", "visit").findLast((visit) => visit.name === name);
}

function existingOf({ existing }: Trial): ExistingServer {
  if (existing === undefined) throw new Error("the server is ours");
  return existing;
}

function judgeEntries({ server }: Trial, { namespace, pods, ids }: ExistingServer): Outcome {
  const without = pods.find(({ entries }) => entries.length === 0);
  if (without !== undefined) {
    const { name } = without;
    return fail(
      `[${server.cluster}] ${namespace}/${name} has no entry: it can hold no SVID`,
      `oc spirefed troubleshoot ${server.cluster} --pod ${namespace}/${name}`,
    );
  }
  if (ids.length === 0) {
    return fail(
      `[${server.cluster}] no entry of these pods has an ID of ${server.trustDomain}`,
      `oc spirefed svid show --context ${server.cluster} -n ${namespace} ${pods[0]?.name}`,
    );
  }
  return pass(`${pods.map(({ name }) => name).join(", ")} in ${namespace}: ${ids.join(", ")}`);
}

function judgeFederates({ server, caller }: Trial, existing: ExistingServer): Outcome {
  const { namespace, pods } = existing;
  const without = pods.find(({ entries }) =>
    !entries.some(({ federatesWith }) => federatesWith.includes(caller.trustDomain))
  );
  if (without === undefined) return pass(`${caller.trustDomain}, by their entries`);
  const { name } = without;
  return fail(
    `[${server.cluster}] the entry of ${namespace}/${name} does not federate with ${caller.trustDomain}: it receives no bundle to judge that caller by`,
    `oc spirefed troubleshoot ${server.cluster} ${caller.cluster} --pod ${namespace}/${name}`,
  );
}

function judgeWay(
  { server }: Trial,
  { way, detours, namespace, selector }: ExistingServer,
): Outcome {
  if (way !== undefined) return pass(`${way.by}, ${way.host}:${way.port}`);
  const [detour] = detours;
  return fail(
    detour === undefined
      ? `[${server.cluster}] no Route in ${namespace} leads to the pods of ${selector}`
      : `[${server.cluster}] ${detour}`,
    "a Route with termination passthrough, or --host HOST:PORT, names a way that leaves TLS alone",
  );
}

function judgeChain(facts: TrialFacts): Outcome {
  const { trial, clockSkewMs } = facts;
  const { server, caller } = trial;
  const { ids, way } = existingOf(trial);
  const visit = visitOf(facts, "visit");
  if (visit === undefined) {
    return fail(`[${caller.cluster}] the visitor did not visit in time`, "run it again");
  }
  const { saw, outcome, code, chain: [leaf], protocol } = visit;
  const detail = visit.detail ?? "";
  if (saw !== null) {
    return pass(
      `${saw}, serial ${leaf?.serial}, until ${leaf?.notAfter}, signed by ${leaf?.issuer}; ${protocol}`,
    );
  }
  if (outcome === "ended" && isRefusal(visit)) return refused(facts, visit);
  if (outcome !== "turned-away") return networkTrouble(visit, trial);
  if (/^certificate\/(not-yet|expired)/.test(code ?? "")) {
    return clockTrouble(caller, detail, clockSkewMs);
  }
  if (leaf !== undefined && !ids.some((id) => leaf.uris.includes(id))) {
    const who = leaf.uris[0] ?? `a certificate without SPIFFE ID, issued by ${leaf.issuer}`;
    return fail(
      `[${caller.cluster}] somebody else answers at ${way?.host}: ${who}, not ${ids.join(" or ")}`,
      `the way leads to other pods, or something in between ends TLS: oc --context ${server.cluster} get routes -A`,
    );
  }
  return fail(
    `[${caller.cluster}] the visitor turned the server away: ${said(code, detail)}`,
    code === "authority/unknown"
      ? staleRemedy(caller, server)
      : `oc spirefed peer ${server.cluster} ${caller.cluster}`,
  );
}

function judgeLetIn(facts: TrialFacts): Outcome {
  const visit = visitOf(facts, "visit");
  if (visit?.outcome !== "stayed") return refused(facts, visit);
  const { handshakeMs, watchedMs, ticket, spoke } = visit;
  const signs = [
    ...ticket ? ["it gave a session ticket"] : [],
    ...spoke
      ? ["its side spoke first"]
      : [`it kept the connection for ${Math.round((watchedMs ?? 0) / 100) / 10} s`],
  ];
  return pass(
    `${idOf(facts.trial, "visitor")}: handshake ${Math.round(handshakeMs ?? 0)} ms; ${
      signs.join(", ")
    }`,
  );
}

function refused({ trial }: TrialFacts, visit: VisitRecord | undefined): Outcome {
  const { server, caller } = trial;
  const { code = null, detail = null } = visit ?? {};
  const id = idOf(trial, "visitor");
  if (code === "authority/unknown") {
    return fail(
      `[${server.cluster}] the server refused the caller's certificate: ${said(code, detail)}`,
      staleRemedy(server, caller),
    );
  }
  return fail(
    `[${server.cluster}] the server ended the connection once it had the caller's certificate: ${
      said(code, detail)
    }. It holds no bundle that vouches for ${caller.trustDomain}, or it does not let ${id} in`,
    `if it lets one ID in alone: test-mtls … --caller-id ID; else: oc spirefed status ${server.cluster} ${caller.cluster}`,
  );
}

/** Whether the server's TLS stack said that it is about this side's certificate. */
function isRefusal({ code }: VisitRecord): boolean {
  return /^(certificate|authority)\//.test(code ?? "");
}

function judgeControl(name: VisitControlName, facts: TrialFacts): Outcome {
  const { server, caller } = facts.trial;
  const visit = visitOf(facts, name);
  if (visit?.outcome === "stayed") return through(name, facts.trial);
  const good = visitOf(facts, "visit");
  if (good?.outcome !== "stayed") {
    return skip("proves nothing without a visit that is let in");
  }
  if (visit === undefined) return fail("it was not tried in time", "run it again");
  const { outcome, code, detail } = visit;
  const byVisitor = outcome === "turned-away";
  if (name === "other-server-id") {
    return byVisitor && code === "svid/other-id"
      ? pass(`refused by the caller: ${code}`)
      : fail(`it did not come to that: ${said(code, detail)}`, "run it again");
  }
  if (outcome === "ended" && isOfServer(visit, good)) {
    return pass(
      isRefusal(visit)
        ? `refused by the server: ${said(code, detail)}`
        : "the server's side hung up, which it did not do with the right certificate",
    );
  }
  return fail(
    `it did not come to that: [${caller.cluster}] ${said(code, detail)}`,
    `run it again: oc spirefed test-mtls ${server.cluster} ${caller.cluster} …`,
  );
}

/**
 * Whether it was the server that ended it. In TLS 1.3 what it says of a certificate comes over the
 * connection on which it has proved itself; in TLS 1.2 before that, so its word has to do.
 */
function isOfServer(visit: VisitRecord, good: VisitRecord): boolean {
  return visit.saw !== null || (good.protocol !== "TLSv1.3" && isRefusal(visit));
}

function through(name: VisitControlName, { server, caller }: Trial): Outcome {
  if (name === "no-certificate") {
    return fail(
      "IT GOT THROUGH, and must not: the server keeps the connection of a caller without certificate. TLS lets everybody in there; if its application sends some away later, that is not seen from here",
      `[${server.cluster}] let the server demand a client certificate (RequireAndVerifyClientCert, requestCert, require_client_certificate)`,
    );
  }
  return fail(
    `IT GOT THROUGH, and must not: ${
      CONTROL_TITLES[name]
    } — this time it was not. Whoever can reach the server can pose as any workload of ${caller.trustDomain}`,
    `[${server.cluster}] let the server verify client certificates by the bundle of the trust domain in their SPIFFE ID`,
  );
}
