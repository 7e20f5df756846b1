/**
 * A server that shows one certificate and signs with any key: with another than the
 * certificate's it is the impostor that every check of the chain lets pass. Ready-made
 * TLS servers refuse such a pair, so the handshake is written out: TLS 1.3 (RFC 8446,
 * sections 4 and 7) to the end, TLS 1.2 (RFC 5246; RFC 8422) up to where the client
 * has judged the signature.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  sign,
} from "node:crypto";
import type net from "node:net";

/** What the server shows, and what it signs with. */
export interface ShownIdentity {
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** PEM of a P-256 key. */
  readonly keyPem: string;
  /** What it speaks; `null` when it does not say. @default {"http/1.1"} */
  readonly protocol?: string | null;
}

/** How the client took the handshake. */
export type Reaction = "alert" | "went on";

const X25519_PREFIX = Buffer.from("302a300506032b656e032100", "hex");
const EMPTY_HASH = sha256(Buffer.alloc(0));

/** Speaks TLS 1.3 on a connection; to a client that believes it, it answers `{}` over HTTP. */
export async function speakTls13(socket: net.Socket, shown: ShownIdentity): Promise<Reaction> {
  const records = recordsOf(socket);
  const hello = readClientHello(await handshakeOf(records));
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const share = Buffer.concat([Buffer.from("001d0020", "hex"), rawKey(publicKey)]);
  const serverHello = message(
    2,
    Buffer.concat([
      Buffer.from("0303", "hex"),
      randomBytes(32),
      vector(1, hello.sessionId),
      Buffer.from("130100", "hex"),
      vector(2, Buffer.concat([extension(43, Buffer.from("0304", "hex")), extension(51, share)])),
    ]),
  );
  const secret = diffieHellman({ privateKey, publicKey: x25519Key(hello.x25519) });
  const early = hmac(Buffer.alloc(32), Buffer.alloc(32));
  const handshakeSecret = hmac(expand(early, "derived", EMPTY_HASH, 32), secret);
  const transcript = [hello.raw, serverHello];
  const traffic = expand(handshakeSecret, "s hs traffic", sha256(...transcript), 32);

  const { protocol = "http/1.1" } = shown;
  const spoken = protocol === null
    ? Buffer.alloc(0)
    : extension(16, vector(2, vector(1, Buffer.from(protocol))));
  transcript.push(message(8, vector(2, spoken)));
  transcript.push(certificateMessage(shown.chain, Buffer.from("0000", "hex"), Buffer.from([0])));
  transcript.push(message(15, proof(sha256(...transcript), shown.keyPem)));
  const finished = hmac(expand(traffic, "finished", Buffer.alloc(0), 32), sha256(...transcript));
  transcript.push(message(20, finished));
  socket.write(Buffer.concat([
    record(22, serverHello),
    record(20, Buffer.from([1])),
    sealed(traffic, 22, Buffer.concat(transcript.slice(2))),
  ]));

  if (await reactionTo13(records) === "alert") return "alert";
  const master = hmac(expand(handshakeSecret, "derived", EMPTY_HASH, 32), Buffer.alloc(32));
  const application = expand(master, "s ap traffic", sha256(...transcript), 32);
  const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  socket.write(sealed(application, 23, Buffer.from(answer)));
  return "went on";
}

/** Speaks TLS 1.2 on a connection, up to the client's answer to the server's signature. */
export async function speakTls12(socket: net.Socket, shown: ShownIdentity): Promise<Reaction> {
  const records = recordsOf(socket);
  const hello = readClientHello(await handshakeOf(records));
  const random = randomBytes(32);
  const { publicKey } = generateKeyPairSync("x25519");
  const parameters = Buffer.concat([Buffer.from("03001d20", "hex"), rawKey(publicKey)]);
  const signed = Buffer.concat([hello.random, random, parameters]);
  const signature = sign("sha256", signed, shown.keyPem);
  const extensions = Buffer.concat([
    extension(23, Buffer.alloc(0)),
    extension(0xff01, Buffer.from([0])),
  ]);
  socket.write(Buffer.concat([
    record(
      22,
      message(
        2,
        Buffer.concat([
          Buffer.from("0303", "hex"),
          random,
          vector(1, Buffer.alloc(0)),
          Buffer.from("c02b00", "hex"),
          vector(2, extensions),
        ]),
      ),
    ),
    record(22, certificateMessage(shown.chain, Buffer.alloc(0), Buffer.alloc(0))),
    record(22, message(12, Buffer.concat([parameters, scheme(signature)]))),
    record(22, message(14, Buffer.alloc(0))),
  ]));
  const { value } = await records.next();
  socket.destroy();
  return value?.[0] === 22 ? "went on" : "alert";
}

/** A client that refuses sends one record, an alert; one that goes on Finished and its request. */
async function reactionTo13(records: AsyncGenerator<Buffer>): Promise<Reaction> {
  let sealedRecords = 0;
  // Not for…of: leaving that would close the connection.
  for (let next = await records.next(); !next.done; next = await records.next()) {
    if (next.value[0] === 21) return "alert";
    if (next.value[0] === 23 && ++sealedRecords === 2) return "went on";
  }
  return "alert";
}

interface ClientHello {
  readonly raw: Buffer;
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly x25519: Buffer;
}

function readClientHello(raw: Buffer): ClientHello {
  const sessionEnd = 39 + raw.readUInt8(38);
  const suitesEnd = sessionEnd + 2 + raw.readUInt16BE(sessionEnd);
  const extensionsAt = suitesEnd + 1 + raw.readUInt8(suitesEnd) + 2;
  let x25519 = Buffer.alloc(32);
  for (let at = extensionsAt; at < raw.length; at += 4 + raw.readUInt16BE(at + 2)) {
    if (raw.readUInt16BE(at) === 51) x25519 = keyShare(raw.subarray(at + 6)) ?? x25519;
  }
  return { raw, random: raw.subarray(6, 38), sessionId: raw.subarray(39, sessionEnd), x25519 };
}

function keyShare(shares: Buffer): Buffer<ArrayBuffer> | undefined {
  for (let at = 0; at + 4 < shares.length; at += 4 + shares.readUInt16BE(at + 2)) {
    if (shares.readUInt16BE(at) === 0x1d) return Buffer.from(shares.subarray(at + 4, at + 36));
  }
  return undefined;
}

async function* recordsOf(socket: net.Socket): AsyncGenerator<Buffer> {
  let waiting = Buffer.alloc(0);
  const arriving = socket[Symbol.asyncIterator]();
  const next = () => arriving.next().catch(() => ({ done: true, value: undefined }));
  for (let read = await next(); !read.done; read = await next()) {
    waiting = Buffer.concat([waiting, read.value]);
    while (waiting.length >= 5 && waiting.length >= 5 + waiting.readUInt16BE(3)) {
      const end = 5 + waiting.readUInt16BE(3);
      yield waiting.subarray(0, end);
      waiting = waiting.subarray(end);
    }
  }
}

async function handshakeOf(records: AsyncGenerator<Buffer>): Promise<Buffer> {
  const { value } = await records.next();
  return (value ?? Buffer.alloc(0)).subarray(5);
}

function certificateMessage(
  chain: readonly Uint8Array[],
  extensions: Buffer,
  context: Buffer,
): Buffer {
  const entries = chain.map((der) => Buffer.concat([vector(3, Buffer.from(der)), extensions]));
  return message(11, Buffer.concat([context, vector(3, Buffer.concat(entries))]));
}

function proof(transcriptHash: Buffer, keyPem: string): Buffer {
  const content = Buffer.concat([
    Buffer.alloc(64, 0x20),
    Buffer.from("TLS 1.3, server CertificateVerify\0"),
    transcriptHash,
  ]);
  return scheme(sign("sha256", content, keyPem));
}

/** A signature marked as ecdsa_secp256r1_sha256. */
function scheme(signature: Buffer): Buffer {
  return Buffer.concat([Buffer.from("0403", "hex"), vector(2, signature)]);
}

function sealed(traffic: Buffer, type: number, content: Buffer): Buffer {
  const key = expand(traffic, "key", Buffer.alloc(0), 16);
  const nonce = expand(traffic, "iv", Buffer.alloc(0), 12);
  const inner = Buffer.concat([content, Buffer.from([type])]);
  const header = Buffer.from([23, 3, 3, (inner.length + 16) >> 8, (inner.length + 16) & 0xff]);
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  cipher.setAAD(header);
  return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
}

function expand(secret: Buffer, label: string, context: Buffer, length: number): Buffer {
  const info = Buffer.concat([
    Buffer.from([0, length]),
    vector(1, Buffer.from(`tls13 ${label}`)),
    vector(1, context),
    Buffer.from([1]),
  ]);
  return hmac(secret, info).subarray(0, length);
}

function record(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3]), vector(2, content)]);
}

function message(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), vector(3, content)]);
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), vector(2, content)]);
}

/** Content behind its length. */
function vector(lengthOctets: number, content: Buffer): Buffer {
  const length = Buffer.alloc(lengthOctets);
  length.writeUIntBE(content.length, 0, lengthOctets);
  return Buffer.concat([length, content]);
}

function rawKey(key: ReturnType<typeof createPublicKey>): Buffer {
  return key.export({ type: "spki", format: "der" }).subarray(-32);
}

function x25519Key(raw: Buffer): ReturnType<typeof createPublicKey> {
  const key = Buffer.concat([X25519_PREFIX, raw]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
