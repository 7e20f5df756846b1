/** What a trial shows: facts in, findings out. */
import assert from "node:assert/strict";
import { breachesOf } from "./controls.ts";
import type { TrialFacts } from "./facts.ts";
import type { AttemptRecord, ProbeRecord } from "./records.ts";
import { healthyFacts, TRIAL, withAttempt, withRecords } from "./testing_facts.ts";
import { failed, firstFailure } from "./testing_verdict.ts";
import { CONTROLS, idOf } from "./trial.ts";
import { judgeTrial, percentile } from "./verdict.ts";

const GOOD = healthyFacts();

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
