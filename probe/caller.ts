/**
 * The probe that calls: once as it should be, then in every way that must be refused.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import type {
  AttemptName,
  AttemptRecord,
  CallerOrders,
  RepeatedRecord,
  Request,
} from "../lib/mtls/records.ts";
import { type Call, call } from "./call.ts";
import { forgedBy, selfSigned, type Throwaway, throwawayAuthority } from "./forge.ts";
import { acquainted, type Credentials, type Keyring } from "./keyring.ts";
import { tlsServer } from "./server.ts";
import { credentialsFor, identify, type Identity, identityRecord, type Source } from "./source.ts";

const RETRY_MS = 500;
/** Whether what failed comes and goes is worth so much of a look. */
const REPEATED_FAILURE_MS = 10_000;
/** Past its last second an SVID is expired by any clock that is right. */
const PAST_EXPIRY_MS = 2_000;

interface Work {
  readonly orders: CallerOrders;
  readonly identity: Identity;
  readonly throwaway: Throwaway;
}

/** Makes the calls in their order. */
export async function makeCalls(orders: CallerOrders, source: Source): Promise<void> {
  const { say } = source;
  const ids = orders.stranger === undefined ? [orders.self] : [orders.self, orders.stranger];
  const identity = await identify(ids, orders.identityMs, source);
  const throwaway = throwawayAuthority(`throwaway-${randomBytes(6).toString("hex")}.invalid`);
  const work = { orders, identity, throwaway };
  say(identityRecord(orders.self, identity.keyring()));
  for (const name of orders.attempts) {
    if (name !== "call") {
      say(await attempt(name, work));
      continue;
    }
    const record = await callUntilAnswered(work);
    say(record);
    const time = record.outcome === "answered" ? Infinity : REPEATED_FAILURE_MS;
    if (orders.repeat > 1) say(await repeat(work, time));
  }
  say({ event: "done" });
  identity.stop();
}

/** A route, a bundle and an agent may need a moment. What is not answered by then is the answer. */
async function callUntilAnswered(work: Work): Promise<AttemptRecord> {
  const deadline = Date.now() + work.orders.answerMs;
  for (;;) {
    const record = await attempt("call", work);
    if (record.outcome === "answered" || Date.now() > deadline) return record;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function repeat(work: Work, milliseconds: number): Promise<RepeatedRecord> {
  const records: AttemptRecord[] = [];
  const deadline = Date.now() + milliseconds;
  for (let at = 1; at < work.orders.repeat && Date.now() < deadline; at++) {
    records.push(await attempt("call", work));
  }
  const good = records.filter(({ outcome, reply, nonce, self, saw }) =>
    outcome === "answered" && reply?.nonce === nonce && reply.saw === self && reply.self === saw
  );
  const ascending = (values: readonly (number | null)[]): readonly number[] =>
    values.flatMap((value) => value === null ? [] : [Math.round(value * 100) / 100])
      .sort((a, b) => a - b);
  return {
    event: "repeated",
    calls: records.length,
    answered: good.length,
    handshakeMs: ascending(good.map(({ handshakeMs }) => handshakeMs)),
    roundTripMs: ascending(good.map(({ roundTripMs }) => roundTripMs)),
    failures: records.filter((record) => !good.includes(record))
      .map(({ outcome, code, detail }) => `${outcome}: ${code}: ${detail}`).slice(0, 5),
  };
}

async function attempt(name: AttemptName, work: Work): Promise<AttemptRecord> {
  const { orders, identity } = work;
  const nonce = `${orders.run}-${randomBytes(8).toString("hex")}`;
  if (name === "impostor-server") return await callImpostor(nonce, work);
  const plan: Call = { name, nonce, ...orders.server, ...await whoCalls(name, work) };
  return await call(plan, { keyring: identity.keyring(), request: requestOf(name, work) });
}

/** Under which credentials a call is made, and whom it expects. */
async function whoCalls(
  name: AttemptName,
  { orders, identity, throwaway }: Work,
): Promise<{ readonly credentials: Credentials | undefined; readonly id?: string }> {
  const own = credentialsFor(orders.self, identity.keyring());
  switch (name) {
    case "no-certificate":
      return { credentials: undefined };
    case "stranger":
      return { credentials: credentialsFor(orders.stranger ?? "", identity.keyring()) };
    case "self-signed":
      return { credentials: selfSigned(orders.self) };
    case "other-authority":
      return { credentials: forgedBy(throwaway, orders.self) };
    case "expired":
      return { credentials: await untilExpired(identity.first.get(orders.self)) };
    case "other-server-id":
      return { credentials: own, id: `${orders.server.id}-and-no-other` };
    default:
      return { credentials: own };
  }
}

async function untilExpired(kept: Credentials | undefined): Promise<Credentials | undefined> {
  const left = (kept?.notAfter.getTime() ?? 0) - Date.now() + PAST_EXPIRY_MS;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, left)));
  return kept;
}

function requestOf(
  name: AttemptName,
  { orders, throwaway }: Work,
): Pick<Request, "acquaintance"> {
  if (name !== "call" || !orders.attempts.includes("other-authority")) return {};
  const { trustDomain, authority } = throwaway;
  const text = Buffer.from(authority).toString("base64");
  return { acquaintance: { trustDomain, authority: text } };
}

/**
 * A server in this very process shows a certificate with the right ID, signed by an
 * authority that is known here, but as another trust domain's.
 */
async function callImpostor(nonce: string, work: Work): Promise<AttemptRecord> {
  const { orders, identity, throwaway } = work;
  const { id } = orders.server;
  const keyring: Keyring = acquainted(
    identity.keyring(),
    throwaway.trustDomain,
    throwaway.authority,
  );
  const own = credentialsFor(orders.self, keyring);
  const trusting = [...keyring.bundles.values()].flatMap(({ x509Authorities }) => x509Authorities);
  const server = tlsServer({
    credentials: forgedBy(throwaway, id),
    authorities: trusting.map(({ der }) => pem(der)),
  }, (socket) => socket.end(`${JSON.stringify({ nonce, self: id, saw: orders.self })}\n`));
  server.on("tlsClientError", () => {});
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const { port } = server.address() as AddressInfo;
  try {
    const plan: Call = {
      name: "impostor-server",
      nonce,
      ...orders.server,
      connectTo: { host: "127.0.0.1", port },
      credentials: own,
    };
    return await call(plan, { keyring, request: {} });
  } finally {
    server.close();
  }
}

function pem(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${
    Buffer.from(der).toString("base64")
  }\n-----END CERTIFICATE-----\n`;
}
