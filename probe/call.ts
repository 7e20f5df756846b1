/**
 * One call: connect, shake hands, judge, ask, and read the reply. Without a reply there
 * was no call: a client's handshake ends before the server has judged the client.
 *
 * @module
 */
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { AttemptName, AttemptRecord, Reply, Request } from "../lib/mtls/records.ts";
import { parseSpiffeId, trustDomainOf } from "../lib/spiffe/mod.ts";
import {
  connected,
  credentialsOf,
  failureOf,
  judgedBy,
  secured,
  withinLimit,
} from "./connection.ts";
import { judge, sayingsOf, TurnedAway } from "./judge.ts";
import { authoritiesOf, type Credentials, type Keyring } from "./keyring.ts";
import { readLine } from "./line.ts";
import { PROTOCOL_PREFIX } from "./server.ts";

/** Whom to call, and as whom. */
export interface Call {
  readonly name: AttemptName;
  readonly nonce: string;
  readonly host: string;
  readonly port: number;
  /** The exact ID that the server must have. */
  readonly id: string;
  /** Without them no certificate is shown. */
  readonly credentials: Credentials | undefined;
  /** Where to connect instead; the name stays. */
  readonly connectTo?: { readonly host: string; readonly port: number } | undefined;
}

/** What is known along the way, for the record. */
type Findings = {
  -readonly [Member in keyof AttemptRecord]?: AttemptRecord[Member];
};

/** Calls, and says what came of it. Never throws. */
export async function call(
  plan: Call,
  { keyring, request }: {
    readonly keyring: Keyring;
    readonly request: Pick<Request, "acquaintance">;
  },
): Promise<AttemptRecord> {
  const found: Findings = {};
  const { credentials, nonce, id } = plan;
  let step: AttemptRecord["outcome"] = "impossible";
  let raw: Socket | undefined;
  try {
    const expected = parseSpiffeId(id);
    const authorities = authoritiesOf(keyring, trustDomainOf(expected));
    if (authorities.length === 0) {
      const message = `no bundle of ${trustDomainOf(expected)} is held`;
      throw new TurnedAway("identity", "bundle/missing", message);
    }
    step = "unreachable";
    raw = await connected(plan);
    const started = performance.now();
    const socket = await secured(raw, {
      ...credentialsOf(credentials),
      ca: authorities,
      rejectUnauthorized: true,
      minVersion: "TLSv1.3",
      servername: plan.host,
      ALPNProtocols: [`${PROTOCOL_PREFIX}${nonce}`],
      checkServerIdentity: judgedBy((chain) => {
        found.saw = judge(chain, keyring, expected);
      }),
    }, ([leaf]) => {
      if (leaf !== undefined) found.shown = sayingsOf(leaf);
    });
    found.handshakeMs = performance.now() - started;
    found.protocol = socket.getProtocol();
    found.serverSerial = socket.getPeerX509Certificate()?.serialNumber.toLowerCase() ?? null;
    step = "no-reply";
    const asked = performance.now();
    const self = credentials?.id ?? "";
    socket.write(`${JSON.stringify({ nonce, self, saw: found.saw, ...request })}\n`);
    found.reply = readReply(await withinLimit(readLine(socket), socket));
    found.roundTripMs = performance.now() - asked;
    step = "answered";
  } catch (error) {
    Object.assign(found, failureOf(error));
    if (error instanceof TurnedAway) step = "turned-away";
  } finally {
    raw?.destroy();
  }
  return {
    event: "attempt",
    name: plan.name,
    nonce,
    outcome: step,
    stage: null,
    code: null,
    detail: null,
    saw: null,
    self: credentials?.id ?? null,
    shown: null,
    reply: null,
    protocol: null,
    serverSerial: null,
    handshakeMs: null,
    roundTripMs: null,
    known: [...keyring.bundles.keys()],
    at: new Date().toISOString(),
    ...found,
  };
}

function readReply(line: string): Reply {
  const reply = JSON.parse(line) as Partial<Record<keyof Reply, unknown>>;
  const word = (value: unknown): string => String(value).slice(0, 2048);
  return { nonce: word(reply.nonce), self: word(reply.self), saw: word(reply.saw) };
}
