/**
 * A reader of DER (X.690), as strict as Go's cryptobyte: definite minimal
 * lengths, low tag numbers, minimal integers.
 *
 * @module
 */

/** Tags that certificates use. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Bytes are not the DER that was expected. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** One element: its tag, its contents, and all of it. */
export interface Element {
  readonly tag: number;
  readonly body: Uint8Array;
  readonly whole: Uint8Array;
}

/** Reads the elements that lie side by side in some bytes. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what names the thing being read, for messages. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of the next element, `undefined` at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** Reads the next element, which must have this tag where one is given. */
  next(tag?: number): Element {
    const start = this.#at;
    const found = this.#byte();
    if (tag !== undefined && found !== tag) throw this.#error("has an unexpected element");
    if ((found & 0x1f) === 0x1f) throw this.#error("has a tag number above 30");
    const length = this.#length();
    if (length > this.#bytes.length - this.#at) throw this.#error("ends too early");
    const body = this.#bytes.subarray(this.#at, this.#at += length);
    return { tag: found, body, whole: this.#bytes.subarray(start, this.#at) };
  }

  /** Reads the next element if it has this tag. */
  optional(tag: number): Element | undefined {
    return this.tag === tag ? this.next(tag) : undefined;
  }

  /** Opens the next element, which must have this tag, for reading. */
  open(tag: number): DerReader {
    return new DerReader(this.next(tag).body, this.#what);
  }

  /** Reads all that is left. */
  rest(): readonly Element[] {
    const elements: Element[] = [];
    while (!this.done) elements.push(this.next());
    return elements;
  }

  /** Insists that everything was read. */
  end(): void {
    if (!this.done) throw this.#error("has surplus bytes");
  }

  #byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw this.#error("ends too early");
    return value;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) throw this.#error("has a length that is not DER");
    let length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (octets - 1)) {
      throw this.#error("has a length that is not DER");
    }
    return length;
  }

  #error(problem: string): DerError {
    return new DerError(`${this.#what} ${problem}`);
  }
}

/** Opens the one element that some bytes consist of. */
export function openDer(bytes: Uint8Array, tag: number, what: string): DerReader {
  const outer = new DerReader(bytes, what);
  const inner = outer.open(tag);
  outer.end();
  return inner;
}

/** An INTEGER's contents, checked to be minimal. */
export function integerBytes({ body }: Element, what: string): Uint8Array {
  const [first, second = 0] = body;
  const isPadded = body.length > 1 &&
    (first === 0 && second < 0x80 || first === 0xff && second >= 0x80);
  if (first === undefined || isPadded) throw new DerError(`${what} is not a DER integer`);
  return body;
}

/** An INTEGER that must not be negative, without its leading zero. */
export function positiveBytes(element: Element, what: string): Uint8Array {
  const body = integerBytes(element, what);
  if ((body[0] ?? 0) >= 0x80) throw new DerError(`${what} is negative`);
  return body[0] === 0 ? body.subarray(1) : body;
}

/** A BOOLEAN. */
export function boolean({ body }: Element, what: string): boolean {
  if (body.length !== 1 || body[0] !== 0 && body[0] !== 0xff) {
    throw new DerError(`${what} is not a DER boolean`);
  }
  return body[0] === 0xff;
}

/** A BIT STRING: its octets, and how many bits at its end do not count. */
export function bitString(
  { body }: Element,
  what: string,
): { readonly bytes: Uint8Array; readonly unused: number } {
  const [unused] = body;
  const bytes = body.subarray(1);
  const last = bytes.at(-1) ?? 0;
  if (
    unused === undefined || unused > 7 || bytes.length === 0 && unused > 0 ||
    (last & ((1 << unused) - 1)) !== 0
  ) throw new DerError(`${what} is not a DER bit string`);
  return { bytes, unused };
}

/** An OBJECT IDENTIFIER in dotted form. */
export function objectIdentifier({ body }: Element, what: string): string {
  const values: number[] = [];
  let value = 0;
  let isFirst = true;
  for (const octet of body) {
    if (isFirst && octet === 0x80) throw new DerError(`${what} is not a DER object identifier`);
    value = value * 128 + (octet & 0x7f);
    if (value > 0x7fffffff) throw new DerError(`${what} is an object identifier out of range`);
    isFirst = octet < 0x80;
    if (isFirst) {
      values.push(value);
      value = 0;
    }
  }
  const [head, ...rest] = values;
  if (head === undefined || !isFirst) throw new DerError(`${what} is not a DER object identifier`);
  const top = Math.min(2, Math.floor(head / 40));
  return [top, head - top * 40, ...rest].join(".");
}
