/**
 * One visit to a server that is not ours: shake hands, judge it, and watch whether it
 * keeps the connection. Its application is asked nothing: what a question would do to a
 * workload of somebody else's is not ours to try.
 *
 * @module
 */
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { TLSSocket } from "node:tls";
import type { ShownRecord, VisitName, VisitRecord } from "../lib/mtls/records.ts";
import { certificateFacts, derToPem, parseSpiffeId, trustDomainOf } from "../lib/spiffe/mod.ts";
import type { SpiffeId } from "../lib/spiffe/model.ts";
import { connected, credentialsOf, failureOf, judgedBy, secured } from "./connection.ts";
import { judge, sayingsOf, TurnedAway } from "./judge.ts";
import { authoritiesOf, type Credentials, type Keyring } from "./keyring.ts";

/** What many servers insist on; one that knows neither is asked again without. */
const PROTOCOLS = ["h2", "http/1.1"];

/** Whom to visit, and as whom. */
export interface Visit {
  readonly name: VisitName;
  readonly host: string;
  readonly port: number;
  /** The server must have exactly one of these IDs. */
  readonly ids: readonly string[];
  /** Without them no certificate is shown. */
  readonly credentials: Credentials | undefined;
  /** How long to watch whether the server keeps the connection. */
  readonly watchMs: number;
}

type Findings = { -readonly [Member in keyof VisitRecord]?: VisitRecord[Member] };

/** Visits, and says what came of it. Never throws. */
export async function visit(plan: Visit, keyring: Keyring): Promise<VisitRecord> {
  const record = await visitSpeaking(PROTOCOLS, plan, keyring);
  return record.code === "tls/no-protocol" ? await visitSpeaking([], plan, keyring) : record;
}

async function visitSpeaking(
  protocols: string[],
  plan: Visit,
  keyring: Keyring,
): Promise<VisitRecord> {
  const found: Findings = {};
  let step: VisitRecord["outcome"] = "impossible";
  let raw: Socket | undefined;
  try {
    const ids = plan.ids.map(parseSpiffeId);
    const authorities = authoritiesFor(ids, keyring);
    step = "unreachable";
    raw = await connected(plan);
    step = "ended";
    const started = performance.now();
    const socket = await secured(raw, {
      ...credentialsOf(plan.credentials),
      ca: authorities,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      servername: plan.host,
      ALPNProtocols: protocols,
      checkServerIdentity: judgedBy((chain) => {
        found.saw = judgeOneOf(ids, chain, keyring);
      }),
    }, (chain, socket) => {
      // The TLS stack puts the authority that vouches on top; the server did not show it.
      const shown = chain.filter((der) => !authorities.includes(derToPem(der)));
      found.chain = shown.slice(0, 5).map(told);
      socket.on("session", () => found.ticket = true);
    });
    found.handshakeMs = performance.now() - started;
    found.protocol = socket.getProtocol();
    const watched = performance.now();
    found.spoke = await stays(socket, plan.watchMs);
    found.watchedMs = performance.now() - watched;
    step = "stayed";
  } catch (error) {
    Object.assign(found, failureOf(error));
    if (error instanceof TurnedAway) step = "turned-away";
  } finally {
    raw?.destroy();
  }
  return {
    event: "visit",
    name: plan.name,
    outcome: step,
    stage: null,
    code: null,
    detail: null,
    saw: null,
    chain: [],
    protocol: null,
    ticket: false,
    spoke: false,
    handshakeMs: null,
    watchedMs: null,
    ...found,
  };
}

/** Of the one trust domain that all of them are in; never of several at once. */
function authoritiesFor(ids: readonly SpiffeId[], keyring: Keyring): string[] {
  const [trustDomain = "", ...others] = new Set(ids.map(trustDomainOf));
  if (others.length > 0) throw new Error("the expected IDs are of several trust domains");
  const authorities = authoritiesOf(keyring, trustDomain);
  if (authorities.length > 0) return authorities;
  throw new TurnedAway("identity", "bundle/missing", `no bundle of ${trustDomain} is held`);
}

function judgeOneOf(
  ids: readonly SpiffeId[],
  chain: readonly Uint8Array[],
  keyring: Keyring,
): SpiffeId {
  const [leaf = new Uint8Array()] = chain;
  const { uris } = sayingsOf(leaf);
  const expected = ids.find((id) => uris.includes(id)) ?? ids[0];
  if (expected === undefined) throw new Error("no ID is expected");
  return judge(chain, keyring, expected);
}

/**
 * Resolves when the connection outlives the time, or the application speaks: true if it
 * does. A server judges this side's certificate only after this side has ended the
 * handshake, so a refusal comes now, as an alert or as the end.
 */
function stays(socket: TLSSocket, milliseconds: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cut = Object.assign(new Error("the server's side ended the connection"), {
      code: "ECONNRESET",
    });
    const isOver = (): boolean => socket.destroyed || socket.readableEnded;
    // What came along with the end of the handshake was over before anybody could listen.
    if (isOver()) return reject(socket.errored ?? cut);
    const timer = setTimeout(
      () => isOver() ? reject(socket.errored ?? cut) : resolve(false),
      milliseconds,
    );
    const settle = (work: () => void) => (): void => {
      clearTimeout(timer);
      work();
    };
    socket.once("data", settle(() => resolve(true)));
    socket.once("error", (error) => settle(() => reject(error))());
    socket.once("end", settle(() => reject(cut)));
    socket.once("close", settle(() => reject(cut)));
  });
}

function told(der: Uint8Array): ShownRecord {
  const { uris, subject, issuer, serial, notBefore, notAfter } = certificateFacts(der);
  return {
    uris: uris.slice(0, 5),
    subject,
    issuer,
    serial,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}
