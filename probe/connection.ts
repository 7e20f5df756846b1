/**
 * Connections, and handshakes over them. No step may hang.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Stage } from "../lib/mtls/records.ts";
import { derToPem } from "../lib/spiffe/mod.ts";
import { chainOf, TurnedAway } from "./judge.ts";
import type { Credentials } from "./keyring.ts";
import { sayingOf, wordFor } from "./tls_failure.ts";

const STEP_LIMIT_MS = 5_000;

/** Where to connect; the name that is asked for may be another's. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** Where to connect instead; the name stays. */
  readonly connectTo?: { readonly host: string; readonly port: number } | undefined;
}

/** What the TLS stack shows of this side. */
export function credentialsOf(credentials: Credentials | undefined): ConnectionOptions {
  if (credentials === undefined) return {};
  const { chain, key } = credentials;
  return {
    key: Buffer.from(key.export({ type: "pkcs8", format: "pem" })),
    cert: chain.map(derToPem).join(""),
  };
}

/** Has the TLS stack ask this side's judge, which throws, where it would ask for a host name. */
export function judgedBy(
  judge: (chain: readonly Uint8Array[]) => void,
): NonNullable<ConnectionOptions["checkServerIdentity"]> {
  return (_host, shown) => {
    try {
      judge(chainOf(shown));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
}

/** What a record tells of an error; it has a stage where this side turned the other away. */
export function failureOf(
  error: unknown,
): { readonly detail: string; readonly code: string; readonly stage: Stage | null } {
  const detail = sayingOf(error);
  return error instanceof TurnedAway
    ? { detail, code: error.code, stage: error.stage }
    : { detail, code: wordFor(detail), stage: null };
}

/** Connects, as yet without TLS. */
export function connected({ host, port, connectTo }: Place): Promise<Socket> {
  const socket = connectTcp(connectTo ?? { host, port });
  socket.on("error", () => {});
  return withinLimit(
    new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(socket));
      socket.once("error", reject);
    }),
    socket,
  );
}

/**
 * Shakes hands. What this side turns away is told from what the other side broke off.
 *
 * @param shown is told the certificates before they are judged: for diagnosis of who is in between.
 */
export function secured(
  raw: Socket,
  options: ConnectionOptions,
  shown: (chain: readonly Uint8Array[], socket: TLSSocket) => void,
): Promise<TLSSocket> {
  const socket = connectTls({ ...options, socket: raw });
  socket.on("error", () => {});
  socket.prependListener("secure", () => {
    try {
      shown(chainOf(socket.getPeerCertificate(true)), socket);
    } catch {
      // What cannot be taken apart is not told; the judge will refuse it.
    }
  });
  return withinLimit(
    new Promise((resolve, reject) => {
      socket.once("secureConnect", () => resolve(socket));
      socket.once("error", (error) => {
        const refused: unknown = socket.authorizationError;
        if (error instanceof TurnedAway || !refused) return reject(error);
        const detail = sayingOf(error);
        reject(new TurnedAway("handshake", wordFor(detail), detail));
      });
      socket.once("close", () => {
        reject(Object.assign(new Error("the handshake was cut off"), { code: "ECONNRESET" }));
      });
    }),
    raw,
  );
}

/** The work, but not for longer than a step may take. */
export function withinLimit<T>(work: Promise<T>, socket: Socket): Promise<T> {
  const late = Object.assign(new Error(`nothing for ${STEP_LIMIT_MS / 1000} s`), {
    code: "ETIMEDOUT",
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(late);
      socket.destroy();
    }, STEP_LIMIT_MS);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
