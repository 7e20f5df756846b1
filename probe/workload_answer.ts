/**
 * The message X509SVIDResponse of the SPIFFE Workload API, read from its protobuf bytes.
 *
 * @module
 */

/** What the Workload API said. Keys are in here: it is never printed. */
export interface WorkloadAnswer {
  readonly svids: readonly WorkloadSvid[];
  /** Authorities by trust domain, DER one behind the other. */
  readonly federated: ReadonlyMap<string, Uint8Array>;
}

/** One X.509-SVID. */
export interface WorkloadSvid {
  readonly spiffeId: string;
  /** Leaf first, DER one behind the other. */
  readonly chain: Uint8Array;
  /** PKCS#8, DER. */
  readonly key: Uint8Array;
  /** Authorities of its own trust domain. */
  readonly bundle: Uint8Array;
}

/** Reads one. Members that are not known are passed over. */
export function readWorkloadAnswer(bytes: Uint8Array): WorkloadAnswer {
  const fields = readMessage(bytes);
  const federated = new Map<string, Uint8Array>();
  for (const entry of fields.get(3) ?? []) {
    const pair = readMessage(entry);
    federated.set(trustDomainOf(text(pair, 1)), first(pair, 2));
  }
  const svids = (fields.get(1) ?? []).map((body) => {
    const svid = readMessage(body);
    return {
      spiffeId: text(svid, 1),
      chain: first(svid, 2),
      key: first(svid, 3),
      bundle: first(svid, 4),
    };
  });
  return { svids, federated };
}

/** A bundle is named by the SPIFFE ID of its trust domain. */
function trustDomainOf(id: string): string {
  return id.replace(/^spiffe:\/\//, "").replace(/\/.*$/s, "");
}

type Fields = ReadonlyMap<number, readonly Uint8Array[]>;

/** Members of length-delimited type by number; the others are skipped. */
function readMessage(bytes: Uint8Array): Fields {
  const fields = new Map<number, Uint8Array[]>();
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const key = varint(cursor);
    const [number, type] = [Math.floor(key / 8), key % 8];
    if (type === 0) varint(cursor);
    else if (type === 1) take(cursor, 8);
    else if (type === 5) take(cursor, 4);
    else if (type === 2) fields.set(number, [...fields.get(number) ?? [], block(cursor)]);
    else throw new Error(`the Workload API's answer has a member of type ${type}`);
  }
  return fields;
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function block(cursor: Cursor): Uint8Array {
  return take(cursor, varint(cursor));
}

function take(cursor: Cursor, length: number): Uint8Array {
  if (length > cursor.bytes.length - cursor.at) {
    throw new Error("the Workload API's answer ends too early");
  }
  return cursor.bytes.subarray(cursor.at, cursor.at += length);
}

function varint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 49; shift += 7) {
    const [octet = 0] = take(cursor, 1);
    value += (octet & 0x7f) * 2 ** shift;
    if (octet < 0x80) return value;
  }
  throw new Error("the Workload API's answer has a number out of range");
}

function first(fields: Fields, number: number): Uint8Array {
  return fields.get(number)?.[0] ?? new Uint8Array();
}

function text(fields: Fields, number: number): string {
  return new TextDecoder().decode(first(fields, number));
}
