/** Why a trial came to nothing: told apart, each with its remedy. */
import assert from "node:assert/strict";
import type { TrialFacts } from "./facts.ts";
import type { AttemptRecord, ProbeRecord } from "./records.ts";
import { healthyFacts, TRIAL, withAttempt, withPod, withRecords } from "./testing_facts.ts";
import { firstFailure } from "./testing_verdict.ts";
import { idOf } from "./trial.ts";

const GOOD = healthyFacts();

const SILENT = { records: [], phase: "Pending" } as const;

function refusedBy(code: string): TrialFacts {
  const failing = withAttempt(GOOD, "call", { outcome: "no-reply", code: "net/reset" });
  const nonce = `${TRIAL.run}-caller-call`;
  const record: ProbeRecord = {
    event: "turned-away",
    nonce,
    stage: "handshake",
    code,
    detail: "said so",
    known: [],
  };
  return withRecords(failing, "server", (records) => [
    ...records.filter((each) => !("nonce" in each) || each.nonce !== nonce),
    record,
  ]);
}

function callFailing(change: Partial<AttemptRecord>): TrialFacts {
  return withAttempt(GOOD, "call", { outcome: "unreachable", reply: null, ...change });
}

function withoutIdentity(code: string, facts: TrialFacts = GOOD): TrialFacts {
  return withRecords(facts, "caller", ([started]) => [
    ...started === undefined ? [] : [started],
    { event: "gave-up", code, message: "no identity issued" },
  ]);
}

const ROUTE = GOOD.route;
const CAUSES: readonly (readonly [string, TrialFacts, string, RegExp, RegExp])[] = [
  [
    "an image that cannot be pulled",
    withPod(GOOD, "server", {
      ...SILENT,
      waiting: { reason: "ImagePullBackOff", message: "not found" },
    }),
    "mtls/pods",
    /\[east\].*cannot get its image registry.example/,
    /--image/,
  ],
  [
    "a pod without node",
    withPod(GOOD, "caller", {
      ...SILENT,
      unscheduled: "0/1 nodes are available: insufficient cpu",
    }),
    "mtls/pods",
    /\[west\].*finds no node: 0\/1/,
    /describe pod caller/,
  ],
  [
    "a volume that cannot be mounted",
    withPod(GOOD, "caller", {
      ...SILENT,
      events: [{
        reason: "FailedMount",
        message: "driver name csi.spiffe.io not found in the list of registered CSI drivers",
      }],
    }),
    "mtls/pods",
    /cannot mount the Workload API/,
    /spire-spiffe-csi-driver/,
  ],
  [
    "no identity issued",
    withoutIdentity("workload-api/denied"),
    "mtls/identity",
    /PermissionDenied/,
    /spire-controller-manager/,
  ],
  [
    "an agent that has not synced the entry",
    withoutIdentity("workload-api/denied", {
      ...GOOD,
      entries: new Map([["spirefed-test-abcd1234-1-caller", { made: 1, failed: 0 }]]),
    }),
    "mtls/identity",
    /\[west\].*the SPIRE server has the pod's entry, but its agent has not synced it/,
    /name=spire-agent/,
  ],
  [
    "an agent that hangs",
    withoutIdentity("workload-api/silent"),
    "mtls/identity",
    /\[west\].*the SPIRE agent of its node takes the question and does not answer/,
    /name=spire-agent/,
  ],
  [
    "an agent that is not there",
    withoutIdentity("workload-api/unreachable"),
    "mtls/identity",
    /\[west\].*no SPIRE agent listens on its node/,
    /get pods -o wide -l app.kubernetes.io\/name=spire-agent/,
  ],
  [
    "an entry that SPIRE refused",
    withoutIdentity("workload-api/denied", {
      ...GOOD,
      entries: new Map([["spirefed-test-abcd1234-1-caller", { made: 0, failed: 1 }]]),
    }),
    "mtls/identity",
    /federates with a bundle that is not stored/,
    /peer west east/,
  ],
  [
    "the fallback's identity",
    withoutIdentity("svid/missing"),
    "mtls/identity",
    /another ClusterSPIFFEID/,
    /spire-controller-manager/,
  ],
  [
    "no bundle, since none is stored",
    withRecords(
      {
        ...GOOD,
        trial: { ...TRIAL, caller: { ...TRIAL.caller, storesPeer: false } },
      },
      "caller",
      (records) => records.map(withoutBundles),
    ),
    "mtls/bundles",
    /\[west\].*stores no bundle of apps.east.example/,
    /peer west east/,
  ],
  [
    "a bundle that is stored but did not come",
    withRecords(GOOD, "caller", (records) => records.map(withoutBundles)),
    "mtls/bundles",
    /has not synced/,
    /status west east/,
  ],
  [
    "a route that no router took",
    {
      ...callFailing({ code: "net/reset" }),
      route: ROUTE && { ...ROUTE, admitted: false, reason: "HostAlreadyClaimed" },
    },
    "mtls/route",
    /not admitted: HostAlreadyClaimed/,
    /get route server/,
  ],
  [
    "a route that is not passthrough",
    {
      ...callFailing({ code: "net/reset" }),
      route: ROUTE && { ...ROUTE, termination: "edge" },
    },
    "mtls/route",
    /edge, not passthrough/,
    /get route server/,
  ],
  [
    "somebody who ends TLS in between",
    callFailing({
      outcome: "turned-away",
      code: "authority/unknown",
      shown: { uris: [], issuer: "CN=router" },
    }),
    "mtls/call",
    /somebody else answers.*CN=router/,
    /passthrough/,
  ],
  [
    "a host without address",
    callFailing({ code: "net/dns", detail: "ENOTFOUND" }),
    "mtls/call",
    /no address/,
    /DNS/,
  ],
  [
    "egress that is blocked",
    callFailing({ code: "net/timeout" }),
    "mtls/call",
    /egress firewall/,
    /allow port 443/,
  ],
  [
    "a router that is down",
    callFailing({ code: "net/refused" }),
    "mtls/call",
    /refuses the connection/,
    /openshift-ingress/,
  ],
  [
    "a connection that is cut",
    callFailing({ code: "net/reset" }),
    "mtls/call",
    /was cut before an answer/,
    /get routes/,
  ],
  [
    "an authority unknown to the server",
    refusedBy("authority/unknown"),
    "mtls/call",
    /\[east\] the server turned the caller away/,
    /peer east west/,
  ],
  [
    "an authority unknown to the caller",
    callFailing({
      outcome: "turned-away",
      code: "authority/unknown",
      shown: { uris: [idOf(TRIAL, "server")], issuer: "O=SPIRE" },
    }),
    "mtls/call",
    /\[west\] the caller turned the server away/,
    /peer west east/,
  ],
  [
    "clocks apart",
    { ...refusedBy("certificate/not-yet-valid"), clockSkewMs: 90_000 },
    "mtls/call",
    /out of its time.*90 s apart/,
    /NTP/,
  ],
];

Deno.test("a connection that broke under the server is a cut, no refusal of the server's", () => {
  const [id, detail] = firstFailure(
    withAttempt(refusedBy("net/reset"), "call", { outcome: "unreachable", reply: null }),
  );

  assert.equal(id, "mtls/call");
  assert.match(detail, /\[west\] from a pod the connection was cut/);
});

function withoutBundles(record: ProbeRecord): ProbeRecord {
  return record.event === "identity" ? { ...record, bundles: [] } : record;
}

for (const [what, facts, id, detail, remedy] of CAUSES) {
  Deno.test(`${what} is told apart, with a remedy`, () => {
    const failure = firstFailure(facts);

    assert.equal(failure[0], id);
    assert.match(failure[1], detail);
    assert.match(failure[2], remedy);
  });
}
