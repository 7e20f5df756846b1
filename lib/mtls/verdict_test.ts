/** What a trial shows: facts in, findings out. */
import assert from "node:assert/strict";
import type { Finding } from "../check/check.ts";
import { breachesOf } from "./controls.ts";
import type { TrialFacts } from "./facts.ts";
import type { AttemptRecord, ProbeRecord } from "./records.ts";
import { healthyFacts, TRIAL, withAttempt, withPod, withRecords } from "./testing_facts.ts";
import { CONTROLS, idOf } from "./trial.ts";
import { judgeTrial, percentile } from "./verdict.ts";

const GOOD = healthyFacts();

function failed(facts: TrialFacts): readonly Finding[] {
  return judgeTrial(facts).filter(({ outcome }) => outcome.status === "fail");
}

/** The first thing that is wrong, and what to do about it. */
function firstFailure(facts: TrialFacts): readonly [id: string, detail: string, remedy: string] {
  const [finding] = failed(facts);
  assert.ok(finding?.outcome.status === "fail", "nothing failed");
  return [finding.id, finding.outcome.detail, finding.outcome.remedy];
}

function served(change: (record: Extract<ProbeRecord, { event: "served" }>) => object): TrialFacts {
  return withRecords(
    GOOD,
    "server",
    (records) =>
      records.map((record) =>
        record.event === "served" ? { ...record, ...change(record) } as ProbeRecord : record
      ),
  );
}

/** As when somebody let a caller in whom nobody should. */
function answered({ nonce }: AttemptRecord): ProbeRecord {
  const [caller, self] = [idOf(TRIAL, "caller"), idOf(TRIAL, "server")];
  const claimed = { self: caller, saw: self };
  return { event: "served", nonce, saw: caller, self, claimed, serial: "0c", protocol: "TLSv1.3" };
}

Deno.test("a trial in which all is well passes every check", () => {
  const findings = judgeTrial(GOOD);

  assert.deepEqual(findings.filter(({ outcome }) => outcome.status !== "pass"), []);
  assert.equal(findings.length, 7 + CONTROLS.length);
  assert.deepEqual(breachesOf(GOOD), []);
});

const DISAGREEMENTS: readonly (readonly [string, TrialFacts, RegExp])[] = [
  [
    "the reply echoes another nonce",
    withAttempt(GOOD, "call", {
      reply: { nonce: "abcd1234-other", self: idOf(TRIAL, "server"), saw: idOf(TRIAL, "caller") },
    }),
    /to another call/,
  ],
  ["the call is of another run", withAttempt(GOOD, "call", { nonce: "ffff-1" }), /knows nothing/],
  [
    "the server never logged the call",
    withRecords(GOOD, "server", (records) => records.filter(({ event }) => event !== "served")),
    /knows nothing of this call/,
  ],
  [
    "the caller saw another server",
    withAttempt(GOOD, "call", { saw: "spiffe://x/y" }),
    /caller saw/,
  ],
  ["the server saw another caller", served(() => ({ saw: "spiffe://x/y" })), /the server saw/],
  ["the server says it is another", served(() => ({ self: "spiffe://x/y" })), /server's log/],
  [
    "the caller told of another server",
    served(({ claimed }) => ({
      claimed: { ...claimed, saw: "spiffe://x/y" },
    })),
    /told the server that it saw/,
  ],
  [
    "the caller told of another self",
    served(({ claimed }) => ({
      claimed: { ...claimed, self: "spiffe://x/y" },
    })),
    /caller calls itself/,
  ],
  ["the connection was of TLS 1.2", withAttempt(GOOD, "call", { protocol: "TLSv1.2" }), /TLSv1.2/],
  ["the server's end was of TLS 1.2", served(() => ({ protocol: "TLSv1.2" })), /TLSv1.2/],
];

for (const [what, facts, expected] of DISAGREEMENTS) {
  Deno.test(`nothing is proven when ${what}`, () => {
    const [id, detail] = firstFailure(facts);

    assert.equal(id, "mtls/agreement");
    assert.match(detail, expected);
  });
}

for (const name of CONTROLS) {
  Deno.test(`the control ${name} that is answered fails the test, above all else`, () => {
    const facts = withAttempt(GOOD, name, { outcome: "answered", code: null });

    const [id, detail] = firstFailure(facts);

    assert.equal(id, `control/${name}`);
    assert.match(detail, /^IT GOT THROUGH/);
    assert.deepEqual(breachesOf(facts), [name]);
  });

  Deno.test(`the control ${name} that the server served counts as through, whatever its caller says`, () => {
    const attempt = [...GOOD.pods.values()].flatMap(({ records }) => records)
      .find((record): record is AttemptRecord =>
        record.event === "attempt" && record.name === name
      );
    assert.ok(attempt);
    const facts = withRecords(GOOD, "server", (records) => [...records, answered(attempt)]);

    assert.deepEqual(breachesOf(facts), [name]);
  });
}

Deno.test("a control that gets through is cried out even where the call itself fails", () => {
  const broken = withAttempt(GOOD, "call", { outcome: "no-reply", code: "net/reset" });
  const facts = withAttempt(broken, "stranger", { outcome: "answered" });

  assert.ok(failed(facts).some(({ id }) => id === "control/stranger"));
});

Deno.test("controls prove nothing, and say so, when the call itself is not answered", () => {
  const facts = withAttempt(GOOD, "call", { outcome: "no-reply", code: "net/reset" });
  const control = judgeTrial(facts).find(({ id }) => id === "control/no-certificate");

  assert.equal(control?.outcome.status, "skip");
  assert.equal(control?.because, "mtls/call");
});

Deno.test("a control refused by the wrong side, or for another reason, is no pass", () => {
  const wrongSide = withAttempt(GOOD, "stranger", {
    outcome: "turned-away",
    stage: "identity",
    code: "svid/other-id",
  });
  const wrongReason = withRecords(
    GOOD,
    "server",
    (records) =>
      records.map((record) =>
        record.event === "turned-away" && record.code === "certificate/expired"
          ? { ...record, code: "authority/unknown" }
          : record
      ),
  );
  const silent = withRecords(
    GOOD,
    "server",
    (records) => records.filter(({ event }) => event !== "turned-away"),
  );

  assert.equal(firstFailure(wrongSide)[0], "control/stranger");
  assert.equal(firstFailure(wrongReason)[0], "control/expired");
  assert.match(firstFailure(silent)[1], /neither side says that it refused/);
});

Deno.test("an authority that the verifier did not know shows nothing", () => {
  const facts = withAttempt(GOOD, "impostor-server", { known: ["apps.east.example"] });

  assert.deepEqual(failed(facts).map(({ id }) => id), ["control/impostor-server"]);
});

Deno.test("the expired SVID counts only after it was let in while it was good", () => {
  const facts = withRecords(
    GOOD,
    "expiring",
    (records) =>
      records.map((record) =>
        record.event === "attempt" && record.name === "call"
          ? { ...record, outcome: "no-reply" as const }
          : record
      ),
  );
  const control = judgeTrial(facts).find(({ id }) => id === "control/expired");

  assert.equal(control?.outcome.status, "skip");
});

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

Deno.test("percentiles are of the nearest rank", () => {
  const values = Array.from({ length: 19 }, (_, at) => at + 1);

  assert.deepEqual([50, 95, 99].map((at) => percentile(values, at)), [10, 19, 19]);
  assert.equal(percentile([], 50), 0);
});

Deno.test("where the call fails, it is said whether further ones were answered", () => {
  const trial = { ...TRIAL, repeat: 20 };
  const failing = withAttempt(healthyFacts(trial), "call", {
    outcome: "no-reply",
    code: "net/reset",
  });
  const none = withRecords(
    failing,
    "caller",
    (records) =>
      records.map((record) => record.event === "repeated" ? { ...record, answered: 0 } : record),
  );

  assert.match(firstFailure(failing)[1], /; of 19 further calls 19 were answered$/);
  assert.match(firstFailure(none)[1], /; of 19 further calls none was answered$/);
});

Deno.test("further calls are counted, and one that failed fails the test", () => {
  const trial = { ...TRIAL, repeat: 20 };
  const good = healthyFacts(trial);
  const bad = withRecords(
    good,
    "caller",
    (records) =>
      records.map((record) =>
        record.event === "repeated"
          ? { ...record, answered: 18, failures: ["no-reply: net/reset"] }
          : record
      ),
  );

  assert.deepEqual(failed(good), []);
  assert.deepEqual(firstFailure(bad).slice(0, 2), [
    "mtls/repeat",
    "1 of 19 further calls failed: no-reply: net/reset",
  ]);
});
