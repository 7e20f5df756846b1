/**
 * A trial in which all is well, for tests to spoil.
 *
 * @module
 */
import { parseTrustDomain } from "../spiffe/mod.ts";
import type { PodFacts, TrialFacts } from "./facts.ts";
import type {
  AttemptName,
  AttemptRecord,
  IdentityRecord,
  ProbeRecord,
  ServedRecord,
  TurnedAwayRecord,
  VisitRecord,
} from "./records.ts";
import {
  ATTEMPTS,
  CALLER_ROLES,
  hostOf,
  idOf,
  type Role,
  rolesOf,
  type Trial,
  VISITS,
} from "./trial.ts";

/** The trial of the tests of this folder. */
export const TRIAL: Trial = {
  run: "abcd1234",
  number: 1,
  server: sideOf("east"),
  caller: sideOf("west"),
  image: "registry.example/node:22",
  repeat: 1,
};

function sideOf(cluster: string): Trial["server"] {
  const trustDomain = parseTrustDomain(`apps.${cluster}.example`);
  return { cluster, trustDomain, className: "spire", ingressDomain: trustDomain, storesPeer: true };
}

/** What was seen of it. */
export function healthyFacts(trial: Trial = TRIAL): TrialFacts {
  const roles = rolesOf(trial);
  return {
    trial,
    pods: new Map(roles.map((role) => [role, healthyPod(trial, role)])),
    route: {
      admitted: true,
      reason: undefined,
      host: hostOf(trial),
      termination: "passthrough",
    },
    entries: new Map(),
    failures: [],
    clockSkewMs: 0,
  };
}

/** The same with the records of one role changed. */
export function withRecords(
  facts: TrialFacts,
  role: Role,
  change: (records: readonly ProbeRecord[]) => readonly ProbeRecord[],
): TrialFacts {
  const pod = facts.pods.get(role) ?? healthyPod(facts.trial, role);
  return withPod(facts, role, { records: change(pod.records) });
}

/** The same with a pod otherwise. */
export function withPod(facts: TrialFacts, role: Role, change: Partial<PodFacts>): TrialFacts {
  const pod = facts.pods.get(role) ?? healthyPod(facts.trial, role);
  return { ...facts, pods: new Map(facts.pods).set(role, { ...pod, ...change }) };
}

/** The same with one attempt otherwise. */
export function withAttempt(
  facts: TrialFacts,
  name: AttemptName,
  change: Partial<AttemptRecord>,
): TrialFacts {
  const role = name === "expired" ? "expiring" : name === "unfederated" ? name : "caller";
  return withRecords(
    facts,
    role,
    (records) =>
      records.map((record) =>
        record.event === "attempt" && record.name === name ? { ...record, ...change } : record
      ),
  );
}

function healthyPod(trial: Trial, role: Role): PodFacts {
  return {
    cluster: role === "server" ? trial.server.cluster : trial.caller.cluster,
    phase: role === "server" ? "Running" : "Succeeded",
    waiting: undefined,
    unscheduled: undefined,
    events: [],
    records: healthyRecords(trial, role),
  };
}

/** What a probe says when all is well. */
export function healthyRecords(trial: Trial, role: Role): readonly ProbeRecord[] {
  const started = { event: "started", runtime: "Node.js v22.1.0", at: AT } as const;
  if (role === "server") {
    const calls = CALLER_ROLES.flatMap((role) =>
      ATTEMPTS[role as keyof typeof ATTEMPTS].map((name) => [role, name] as const)
    );
    const answers = calls.flatMap(([role, name]) => serverSays(trial, role, name));
    return [started, identity(trial, role), { event: "listening" }, ...answers];
  }
  if (role === "visitor") {
    return [started, identity(trial, role), ...visits(trial), { event: "done" }];
  }
  const attempts = ATTEMPTS[role].map((name) => attempt(trial, role, name));
  return [started, identity(trial, role), ...attempts, ...repeated(trial, role), { event: "done" }];
}

function visits({ existing }: Trial): readonly VisitRecord[] {
  const refusals = {
    "visit": ["stayed", null, null],
    "no-certificate": ["ended", "certificate/absent", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
    "self-signed": ["ended", "authority/unknown", "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"],
    "other-server-id": ["turned-away", "svid/other-id", "it is another"],
  } as const;
  const [id = ""] = existing?.ids ?? [];
  const leaf = { uris: [id], subject: "O=SPIRE", issuer: "O=east", serial: "0b" };
  return VISITS.map((name): VisitRecord => {
    const [outcome, code, detail] = refusals[name];
    return {
      event: "visit",
      name,
      outcome,
      stage: outcome === "turned-away" ? "identity" : null,
      code,
      detail,
      saw: outcome === "turned-away" ? null : id,
      chain: [{ ...leaf, notBefore: AT, notAfter: "2026-03-02T10:00:00.000Z" }],
      protocol: "TLSv1.3",
      ticket: outcome === "stayed",
      spoke: false,
      handshakeMs: 12,
      watchedMs: outcome === "stayed" ? 3000 : null,
    };
  });
}

const AT = "2026-03-02T09:00:00.000Z";

function repeated({ repeat }: Trial, role: Role): readonly ProbeRecord[] {
  if (role !== "caller" || repeat < 2) return [];
  const values = Array.from({ length: repeat - 1 }, (_, at) => at + 1);
  const calls = values.length;
  return [{
    event: "repeated",
    calls,
    answered: calls,
    handshakeMs: values,
    roundTripMs: values,
    failures: [],
  }];
}

function identity(trial: Trial, role: Role): IdentityRecord {
  const { server, caller } = trial;
  const own = role === "server" ? server : caller;
  const peer = role === "server" ? caller : server;
  const held = role === "unfederated" ? [own] : [own, peer];
  return {
    event: "identity",
    spiffeId: idOf(trial, role),
    serial: "0a",
    notBefore: AT,
    notAfter: "2026-03-02T10:00:00.000Z",
    bundles: held.map(({ trustDomain }) => ({
      trustDomain,
      authorities: ["00".repeat(32)],
      newestNotBefore: AT,
    })),
  };
}

function nonceOf({ run }: Trial, role: Role, name: AttemptName): string {
  return `${run}-${role}-${name}`;
}

const REFUSALS: Readonly<
  Partial<Record<AttemptName, readonly ["server" | "caller", "handshake" | "identity", string]>>
> = {
  "no-certificate": ["server", "handshake", "certificate/absent"],
  "stranger": ["server", "identity", "svid/other-id"],
  "unfederated": ["caller", "identity", "bundle/missing"],
  "self-signed": ["server", "handshake", "authority/unknown"],
  "other-authority": ["server", "handshake", "authority/unknown"],
  "expired": ["server", "handshake", "certificate/expired"],
  "other-server-id": ["caller", "identity", "svid/other-id"],
  "impostor-server": ["caller", "handshake", "authority/unknown"],
};

function attempt(trial: Trial, role: Role, name: AttemptName): AttemptRecord {
  const refusal = REFUSALS[name];
  const nonce = nonceOf(trial, role, name);
  const [self, server] = [idOf(trial, "caller"), idOf(trial, "server")];
  const here = refusal?.[0] === "caller";
  return {
    event: "attempt",
    name,
    nonce,
    outcome: refusal === undefined ? "answered" : here ? "turned-away" : "no-reply",
    stage: here ? refusal[1] : null,
    code: refusal === undefined ? null : here ? refusal[2] : "net/reset",
    detail: refusal === undefined ? null : "said so",
    saw: refusal === undefined ? server : null,
    self,
    shown: null,
    reply: refusal === undefined ? { nonce, self: server, saw: self } : null,
    protocol: refusal === undefined ? "TLSv1.3" : null,
    serverSerial: refusal === undefined ? "0b" : null,
    handshakeMs: refusal === undefined ? 12 : null,
    roundTripMs: refusal === undefined ? 3 : null,
    known: [trial.server.trustDomain, trial.caller.trustDomain, "throwaway-1.invalid"],
    at: AT,
  };
}

function serverSays(
  trial: Trial,
  role: Role,
  name: AttemptName,
): readonly (ServedRecord | TurnedAwayRecord)[] {
  const refusal = REFUSALS[name];
  const nonce = nonceOf(trial, role, name);
  const [caller, self] = [idOf(trial, "caller"), idOf(trial, "server")];
  if (refusal === undefined) {
    const claimed = { self: caller, saw: self };
    const served = { event: "served", nonce, saw: caller, self, claimed } as const;
    return [{ ...served, serial: "0a", protocol: "TLSv1.3" }];
  }
  const [by, stage, code] = refusal;
  if (by === "caller") return [];
  const known = [trial.server.trustDomain, trial.caller.trustDomain, "throwaway-1.invalid"];
  return [{ event: "turned-away", nonce, stage, code, detail: "said so", known }];
}
