/**
 * The probe that is called: it answers one SPIFFE ID, says whom it saw, and says of
 * everybody else why not.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Request, ServerOrders } from "../lib/mtls/records.ts";
import { derToPem, parseSpiffeId, trustDomainOf } from "../lib/spiffe/mod.ts";
import { chainOf, judge, TurnedAway } from "./judge.ts";
import { acquainted, authoritiesOf, type Credentials, type Keyring } from "./keyring.ts";
import { readLine } from "./line.ts";
import { credentialsFor, identify, identityRecord, type Say, type Source } from "./source.ts";
import { sayingOf, wordFor } from "./tls_failure.ts";

/** The protocol by whose name a caller says its nonce before it is known. */
export const PROTOCOL_PREFIX = "spirefed/";
const NAME_LIMIT = 2048;
const SPOKEN = new WeakMap<object, string>();

/** What the server is made of; the tests of the caller make impostors of it. */
export interface ServerMaterial {
  readonly credentials: Credentials;
  /** PEM; only what these sign is let in. */
  readonly authorities: readonly string[];
}

/** A server that asks for a certificate, and shakes hands with nobody whose is not vouched for. */
export function tlsServer(material: ServerMaterial, answer: (socket: TLSSocket) => void): Server {
  return createServer({
    ...contextOf(material),
    requestCert: true,
    rejectUnauthorized: true,
    ALPNCallback(this: unknown, { protocols }: { protocols: string[] }): string | undefined {
      const spoken = protocols.find((protocol) => protocol.startsWith(PROTOCOL_PREFIX));
      // A connection that ends before its handshake does would not tell it later.
      if (typeof this === "object" && this !== null && spoken !== undefined) {
        SPOKEN.set(this, spoken);
      }
      return spoken;
    },
  }, (socket) => {
    // Whoever is at the other end may break off at any moment; that must not end the probe.
    socket.on("error", () => {});
    answer(socket);
  });
}

/** Serves until the process ends. */
export async function serve(orders: ServerOrders, source: Source): Promise<Server> {
  const allowed = parseSpiffeId(orders.allowed);
  const identity = await identify([orders.self], orders.identityMs, source);
  const { say } = source;
  const met = new Map<string, Uint8Array>();
  const keyring = (): Keyring =>
    [...met].reduce((known, [name, der]) => acquainted(known, name, der), identity.keyring());
  const material = (): ServerMaterial => ({
    credentials: credentialsFor(orders.self, identity.keyring()),
    authorities: authoritiesOf(keyring(), trustDomainOf(allowed)),
  });
  const server = tlsServer(material(), (socket) => {
    void converse(socket, { ...orders, allowed, keyring, met, say });
  });
  server.on("tlsClientError", (error, socket) => turnAway(error, socket, { keyring, say }));
  identity.onRenewal(() => {
    server.setSecureContext(contextOf(material()));
    say(identityRecord(orders.self, keyring()));
  });
  say(identityRecord(orders.self, keyring()));
  await new Promise<void>((listening) => server.listen(orders.port, () => listening()));
  say({ event: "listening" });
  return server;
}

function contextOf({ credentials: { chain, key }, authorities }: ServerMaterial): {
  readonly key: Buffer;
  readonly cert: string;
  readonly ca: string[];
  readonly minVersion: "TLSv1.3";
} {
  return {
    key: Buffer.from(key.export({ type: "pkcs8", format: "pem" })),
    cert: chain.map(derToPem).join(""),
    ca: [...authorities],
    minVersion: "TLSv1.3",
  };
}

interface Conversation extends Pick<ServerOrders, "self"> {
  readonly allowed: ReturnType<typeof parseSpiffeId>;
  readonly keyring: () => Keyring;
  readonly met: Map<string, Uint8Array>;
  readonly say: Say;
}

async function converse(
  socket: TLSSocket,
  { self, allowed, keyring, met, say }: Conversation,
): Promise<void> {
  const nonce = nonceOf(socket);
  try {
    socket.setTimeout(10_000, () => socket.destroy());
    const saw = judge(chainOf(socket.getPeerCertificate(true)), keyring(), allowed);
    const request = readRequest(await readLine(socket));
    if (request.nonce !== nonce) throw new TurnedAway("identity", "nonce/other", "another nonce");
    meet(request, keyring(), met);
    socket.end(`${JSON.stringify({ nonce, self, saw })}\n`);
    say({
      event: "served",
      nonce,
      saw,
      self,
      claimed: { self: request.self, saw: request.saw },
      serial: socket.getPeerX509Certificate()?.serialNumber.toLowerCase() ?? "",
      protocol: socket.getProtocol() ?? "",
    });
  } catch (error) {
    socket.destroy();
    const known = [...keyring().bundles.keys()];
    const { stage, code } = error instanceof TurnedAway
      ? error
      : { stage: "identity" as const, code: wordFor(sayingOf(error)) };
    say({ event: "turned-away", nonce, stage, code, detail: sayingOf(error), known });
  }
}

/** The TLS stack let somebody go. A connection without a word, such as a health check's, is none. */
function turnAway(
  error: Error,
  socket: TLSSocket,
  { keyring, say }: { readonly keyring: () => Keyring; readonly say: Say },
): void {
  const nonce = nonceOf(socket);
  // Where certificates are at fault the error only says that the connection ended.
  const reason: unknown = socket.authorizationError ?? error;
  const detail = typeof reason === "string" ? reason : sayingOf(reason);
  const code = wordFor(detail);
  if (nonce === null && code === "net/reset") return;
  const known = [...keyring().bundles.keys()];
  say({ event: "turned-away", nonce, stage: "handshake", code, detail, known });
}

function nonceOf(socket: TLSSocket): string | null {
  const spoken = SPOKEN.get(socket) ?? socket.alpnProtocol;
  return typeof spoken === "string" && spoken.startsWith(PROTOCOL_PREFIX)
    ? spoken.slice(PROTOCOL_PREFIX.length)
    : null;
}

function readRequest(line: string): Request {
  const request = JSON.parse(line) as Partial<Record<keyof Request, unknown>>;
  const word = (value: unknown): string => String(value).slice(0, NAME_LIMIT);
  const met = request.acquaintance as Request["acquaintance"];
  return {
    nonce: word(request.nonce),
    self: word(request.self),
    saw: word(request.saw),
    ...(met === undefined ? {} : {
      acquaintance: { trustDomain: word(met.trustDomain), authority: word(met.authority) },
    }),
  };
}

/** Only a name that no trust domain of the world can have is learnt from a caller. */
function meet({ acquaintance }: Request, keyring: Keyring, met: Map<string, Uint8Array>): void {
  if (acquaintance === undefined) return;
  const { trustDomain, authority } = acquaintance;
  if (!trustDomain.endsWith(".invalid") || keyring.bundles.has(trustDomain)) return;
  const der = new Uint8Array(Buffer.from(authority, "base64"));
  // What cannot be read must be found out now: every later look at the keyring reads it.
  acquainted(keyring, trustDomain, der);
  met.set(trustDomain, der);
}
