/**
 * Why a trial did not come to its call, or the call to its answer: cause and remedy,
 * told apart by what was seen.
 *
 * @module
 */
import { fail, type Outcome } from "../check/check.ts";
import { attemptOf, type PodFacts, recordsOf, refusalOf, type TrialFacts } from "./facts.ts";
import type { AttemptRecord, GaveUpRecord } from "./records.ts";
import { idOf, namespaceOf, type Role, type Trial, type TrialSide } from "./trial.ts";

const AGENT = "-l app.kubernetes.io/name=spire-agent";

/** Why a pod does not run; `undefined` when it does. */
export function podTrouble(role: Role, pod: PodFacts, trial: Trial): Outcome | undefined {
  if (pod.records.length > 0) return undefined;
  const where = `[${pod.cluster}] the pod ${role}`;
  const look = `oc --context ${pod.cluster} describe pod ${role} -n ${namespaceOf(trial)}` +
    " (run test-mtls with --keep first)";
  const { reason = "", message = "" } = pod.waiting ?? {};
  if (/ImagePull|ErrImage|InvalidImageName|ErrImageNeverPull/.test(reason)) {
    return fail(
      `${where} cannot get its image ${trial.image}: ${reason} ${message}`.trim(),
      "oc spirefed test-mtls … --image IMAGE names one that this cluster can pull, with Node.js 20 or newer",
    );
  }
  const mount = pod.events.findLast(({ reason }) => reason === "FailedMount");
  if (mount !== undefined) {
    return fail(
      `${where} cannot mount the Workload API: ${mount.message}`,
      /not found in the list of registered CSI drivers/.test(mount.message)
        ? `oc --context ${pod.cluster} -n zero-trust-workload-identity-manager get daemonset spire-spiffe-csi-driver`
        : look,
    );
  }
  if (pod.unscheduled !== undefined) {
    return fail(`${where} finds no node: ${pod.unscheduled}`, look);
  }
  if (/CreateContainer|RunContainer|CrashLoop/.test(reason)) {
    return fail(`${where} cannot start: ${reason} ${message}`.trim(), look);
  }
  const last = pod.events.at(-1);
  const more = last === undefined ? "" : `; last event: ${last.reason}: ${last.message}`;
  return fail(`${where} is ${pod.phase || "unknown"} and says nothing${more}`, look);
}

/** Why a probe has no identity; `undefined` when it has. */
export function identityTrouble(role: Role, facts: TrialFacts): Outcome | undefined {
  if (recordsOf(facts, role, "identity").length > 0) return undefined;
  const { trial } = facts;
  const [side, peer] = role === "server"
    ? [trial.server, trial.caller]
    : [trial.caller, trial.server];
  const said: Pick<GaveUpRecord, "code" | "message"> = recordsOf(facts, role, "gave-up").at(-1) ??
    recordsOf(facts, role, "waiting").at(-1) ??
    { code: "probe/silent", message: "nothing was said in time" };
  const where = `[${side.cluster}] ${role} got no identity`;
  const entries = (role === "caller" ? ["caller", "stranger"] : [role])
    .flatMap((name) => facts.entries.get(`${namespaceOf(trial)}-${name}`) ?? []);
  const isMade = entries.some(({ made }) => made > 0);
  if (entries.some(({ failed }) => failed > 0) && /denied|missing/.test(said.code)) {
    return fail(
      `${where}: SPIRE refused its entry, as it does when an entry federates with a bundle that is not stored`,
      `oc spirefed peer ${side.cluster} ${peer.cluster}`,
    );
  }
  const logs = (container: string): string =>
    `oc --context ${side.cluster} -n zero-trust-workload-identity-manager logs ${container}`;
  switch (said.code) {
    case "svid/missing":
      return fail(
        `${where}: ${said.message}; another ClusterSPIFFEID, such as the operator's fallback, chose the pod`,
        logs("spire-server-0 -c spire-controller-manager"),
      );
    case "workload-api/denied":
      if (isMade) {
        return fail(
          `${where}: PermissionDenied, ${said.message}: the SPIRE server has the pod's entry, but its agent has not synced it`,
          logs(AGENT),
        );
      }
      return fail(
        `${where}: PermissionDenied, ${said.message}: no entry for the pod has reached its agent`,
        logs("spire-server-0 -c spire-controller-manager"),
      );
    case "workload-api/silent":
      return fail(
        `${where}: the SPIRE agent of its node takes the question and does not answer: it hangs${
          isMade ? ", while the SPIRE server has the pod's entry" : ""
        }`,
        logs(AGENT),
      );
    case "workload-api/unreachable":
      return fail(
        `${where}: no SPIRE agent listens on its node: ${said.message}`,
        `oc --context ${side.cluster} -n zero-trust-workload-identity-manager get pods -o wide -l app.kubernetes.io/name=spire-agent`,
      );
    case "runtime/too-old":
      return fail(
        `${where}: ${said.message}`,
        "oc spirefed test-mtls … --image IMAGE with Node.js 20 or newer",
      );
    default:
      return fail(
        `${where}: ${said.code}: ${said.message}`,
        logs(AGENT),
      );
  }
}

/** Why the other's bundle is not there; `undefined` when it is. */
export function bundleTrouble(
  role: Role,
  facts: TrialFacts,
  { side, peer }: { readonly side: TrialSide; readonly peer: TrialSide },
): Outcome | undefined {
  const identity = recordsOf(facts, role, "identity").at(-1);
  if (identity?.bundles.some(({ trustDomain }) => trustDomain === peer.trustDomain)) {
    return undefined;
  }
  if (side.storesPeer === false) {
    return fail(
      `[${side.cluster}] its SPIRE server stores no bundle of ${peer.trustDomain}`,
      `oc spirefed peer ${side.cluster} ${peer.cluster}`,
    );
  }
  return fail(
    `[${side.cluster}] ${role} has its SVID, but not the bundle of ${peer.trustDomain}: its agent has not synced, or another ClusterSPIFFEID (a fallback) gave the identity`,
    `oc spirefed status ${side.cluster} ${peer.cluster}`,
  );
}

/** Why the server did not answer. */
export function callTrouble(facts: TrialFacts): Outcome {
  const { trial, route, clockSkewMs } = facts;
  const attempt = attemptOf(facts, "call");
  const { server, caller } = trial;
  if (attempt === undefined) {
    return fail(
      `[${caller.cluster}] the caller did not call in time`,
      `run it again; oc --context ${caller.cluster} get events -n ${namespaceOf(trial)}`,
    );
  }
  const again = `oc spirefed peer ${server.cluster} ${caller.cluster}`;
  const refusal = refusalOf(facts, attempt);
  if (refusal !== undefined) {
    const skewed = refusal.code === "certificate/not-yet-valid" ||
      refusal.code === "certificate/expired";
    return skewed ? clockTrouble(server, refusal.detail, clockSkewMs) : fail(
      `[${server.cluster}] the server turned the caller away: ${
        said(refusal.code, refusal.detail)
      }`,
      refusal.code === "authority/unknown" ? staleRemedy(server, caller) : again,
    );
  }
  if (attempt.outcome === "turned-away") return turnedAwayHere(attempt, facts);
  const path = route === undefined ? undefined : routeTrouble(trial, route);
  if (path !== undefined) return path;
  return networkTrouble(attempt, trial);
}

function turnedAwayHere(attempt: AttemptRecord, { trial, clockSkewMs }: TrialFacts): Outcome {
  const { server, caller } = trial;
  const { shown, code } = attempt;
  if (/^certificate\/(not-yet|expired)/.test(code ?? "")) {
    return clockTrouble(caller, attempt.detail ?? "", clockSkewMs);
  }
  if (shown !== null && !shown.uris.includes(idOf(trial, "server"))) {
    const who = shown.uris[0] ?? `a certificate without SPIFFE ID, issued by ${shown.issuer}`;
    return fail(
      `[${caller.cluster}] somebody else answers at the server's host: ${who}. A router or a proxy ends TLS in between, or the host is another's`,
      `oc --context ${server.cluster} get route server -n ${
        namespaceOf(trial)
      } must say passthrough; let inspecting proxies pass this host`,
    );
  }
  return fail(
    `[${caller.cluster}] the caller turned the server away: ${said(code, attempt.detail)}`,
    code === "authority/unknown"
      ? staleRemedy(caller, server)
      : `oc spirefed peer ${server.cluster} ${caller.cluster}`,
  );
}

/** Whether the route could have worked at all; `undefined` when it could. */
export function routeTrouble(
  { server, ...trial }: Trial,
  { admitted, reason, termination, host }: NonNullable<TrialFacts["route"]>,
): Outcome | undefined {
  const look = `oc --context ${server.cluster} get route server -n ${
    namespaceOf({ server, ...trial })
  } -o yaml`;
  if (termination !== "passthrough") {
    return fail(
      `[${server.cluster}] the route is ${termination || "plain"}, not passthrough`,
      look,
    );
  }
  if (admitted) return undefined;
  const why = reason === undefined ? "no router has taken it" : reason;
  return fail(`[${server.cluster}] the route for ${host} is not admitted: ${why}`, look);
}

/** What the network did to it. */
export function networkTrouble(
  attempt: Pick<AttemptRecord, "code" | "detail">,
  { server, caller }: Trial,
): Outcome {
  const detail = attempt.detail ?? "";
  const where = `[${caller.cluster}] from a pod`;
  switch (attempt.code) {
    case "net/dns":
      return fail(
        `${where} the server's host has no address: ${detail}`,
        `make names below ${server.ingressDomain} resolve in ${caller.cluster}: a DNS record or a forwarder`,
      );
    case "net/timeout":
      return fail(
        `${where} nothing comes back: ${detail}. An egress firewall, a NetworkPolicy or a security group is likely in between`,
        `allow port 443 of ${server.ingressDomain}: oc --context ${caller.cluster} get egressfirewalls,networkpolicies -A`,
      );
    case "net/refused":
      return fail(
        `${where} the router of ${server.cluster} refuses the connection: ${detail}`,
        `oc --context ${server.cluster} -n openshift-ingress get pods`,
      );
    default:
      return fail(
        `${where} the connection was cut before an answer: ${said(attempt.code, detail)}`,
        `the router has no such host, or something in between cuts TLS: oc --context ${server.cluster} get routes -A`,
      );
  }
}

/** A side whose clock is wrong. */
export function clockTrouble(side: TrialSide, detail: string, skewMs: number | undefined): Outcome {
  const apart = skewMs === undefined ? "" : `; the clocks are ${Math.round(skewMs / 1000)} s apart`;
  return fail(
    `[${side.cluster}] a fresh certificate is out of its time by this side's clock: ${detail}${apart}`,
    "set the clocks right (NTP): SPIRE allows for 10 s",
  );
}

/** What mends a bundle of other authorities. */
export function staleRemedy(holder: TrialSide, peer: TrialSide): string {
  return `oc spirefed peer ${holder.cluster} ${peer.cluster} (${holder.cluster} holds other authorities for ${peer.trustDomain} than its workloads are signed by)`;
}

/** A code and what it says, once. */
export function said(code: string | null, detail: string | null): string {
  return code === null || code === detail ? detail ?? "" : `${code}: ${detail ?? ""}`;
}
