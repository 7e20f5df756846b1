/**
 * The one message that stock kubectl sends as protobuf: `kubectl auth can-i`.
 *
 * @module
 */

/** What is asked in a SelfSubjectAccessReview. */
export interface ResourceAttributes {
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
}

/** Kubernetes puts this before a message, and the message into an envelope. */
const MAGIC = "k8s\0";

/** Reads a review (`k8s.io.api.authorization.v1`) out of its envelope. */
export function readReview(body: Uint8Array): ResourceAttributes {
  const decoder = new TextDecoder();
  if (decoder.decode(body.subarray(0, MAGIC.length)) !== MAGIC) throw new Error("not protobuf");
  const raw = fieldsOf(body.subarray(MAGIC.length)).get(2);
  const attributes = fieldsOf(fieldsOf(fieldsOf(raw).get(2)).get(1));
  const text = (field: number): string => decoder.decode(attributes.get(field));
  return { verb: text(2), resource: text(5), subresource: text(6) };
}

/** The length-delimited fields of a message, by number; the last of each. */
function fieldsOf(message: Uint8Array = new Uint8Array()): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = message[at++];
      if (byte === undefined || shift > 28) throw new Error("a message that ends early");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7;
    }
  };
  while (at < message.length) {
    const tag = varint();
    if ((tag & 7) === 0) varint();
    else if ((tag & 7) !== 2) throw new Error("a field of another kind");
    else {
      const length = varint();
      fields.set(tag >> 3, message.subarray(at, at + length));
      at += length;
    }
  }
  return fields;
}
