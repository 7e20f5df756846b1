/**
 * Reads what probes say. A pod's log is text from outside: what is not exactly one of
 * our records counts for nothing.
 *
 * @module
 */
import * as v from "valibot";
import type { ProbeRecord } from "./records.ts";

const text = v.pipe(v.string(), v.maxLength(4_096));
const maybeText = v.nullable(text);
const maybeNumber = v.nullable(v.number());
const texts = v.pipe(v.array(text), v.maxLength(1_000));
const numbers = v.array(v.number());
const said = v.object({ nonce: text, self: text, saw: text });

const certificate = v.object({
  uris: texts,
  subject: text,
  issuer: text,
  serial: text,
  notBefore: text,
  notAfter: text,
});

const recordSchema = v.variant("event", [
  v.object({ event: v.literal("started"), runtime: text, at: text }),
  v.object({ event: v.literal("waiting"), code: text, message: text }),
  v.object({
    event: v.literal("identity"),
    spiffeId: text,
    serial: text,
    notBefore: text,
    notAfter: text,
    bundles: v.array(v.object({ trustDomain: text, authorities: texts, newestNotBefore: text })),
  }),
  v.object({ event: v.literal("listening") }),
  v.object({
    event: v.literal("served"),
    nonce: text,
    saw: text,
    self: text,
    claimed: v.object({ self: text, saw: text }),
    serial: text,
    protocol: text,
  }),
  v.object({
    event: v.literal("turned-away"),
    nonce: maybeText,
    stage: v.picklist(["handshake", "identity"]),
    code: text,
    detail: text,
    known: texts,
  }),
  v.object({
    event: v.literal("attempt"),
    name: v.picklist([
      "call",
      "no-certificate",
      "stranger",
      "unfederated",
      "self-signed",
      "other-authority",
      "expired",
      "other-server-id",
      "impostor-server",
    ]),
    nonce: text,
    outcome: v.picklist(["answered", "turned-away", "no-reply", "unreachable", "impossible"]),
    stage: v.nullable(v.picklist(["handshake", "identity"])),
    code: maybeText,
    detail: maybeText,
    saw: maybeText,
    self: maybeText,
    shown: v.nullable(v.object({ uris: texts, issuer: text })),
    reply: v.nullable(said),
    protocol: maybeText,
    serverSerial: maybeText,
    handshakeMs: maybeNumber,
    roundTripMs: maybeNumber,
    known: texts,
    at: text,
  }),
  v.object({
    event: v.literal("repeated"),
    calls: v.number(),
    answered: v.number(),
    handshakeMs: numbers,
    roundTripMs: numbers,
    failures: texts,
  }),
  v.object({
    event: v.literal("visit"),
    name: v.picklist(["visit", "no-certificate", "self-signed", "other-server-id"]),
    outcome: v.picklist(["stayed", "ended", "turned-away", "unreachable", "impossible"]),
    stage: v.nullable(v.picklist(["handshake", "identity"])),
    code: maybeText,
    detail: maybeText,
    saw: maybeText,
    chain: v.pipe(v.array(certificate), v.maxLength(10)),
    protocol: maybeText,
    ticket: v.boolean(),
    spoke: v.boolean(),
    handshakeMs: maybeNumber,
    watchedMs: maybeNumber,
  }),
  v.object({ event: v.literal("gave-up"), code: text, message: text }),
  v.object({ event: v.literal("done") }),
]);

/** The records of a log, in their order. */
export function readTranscript(log: string): readonly ProbeRecord[] {
  return log.split("\n").flatMap((line): ProbeRecord[] => {
    if (!line.startsWith("{")) return [];
    try {
      const { success, output } = v.safeParse(recordSchema, JSON.parse(line));
      return success ? [output] : [];
    } catch {
      return [];
    }
  });
}
