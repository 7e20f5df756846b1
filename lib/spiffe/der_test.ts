import assert from "node:assert/strict";
import {
  bitString,
  boolean,
  DerError,
  DerReader,
  type Element,
  integerBytes,
  objectIdentifier,
  openDer,
  positiveBytes,
  TAG,
} from "./der.ts";

const bytes = (...octets: readonly number[]): Uint8Array => new Uint8Array(octets);
const element = (...octets: readonly number[]): Element => {
  const body = bytes(...octets);
  return { tag: 0, body, whole: body };
};

/** What is wrong with the one element that these octets are to be. */
function complaint(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
  return "it was read";
}

const NO_ELEMENT: readonly (readonly [what: string, octets: readonly number[], says: RegExp])[] = [
  ["nothing", [], /ends too early/],
  ["another tag", [TAG.set, 0], /unexpected element/],
  ["a tag without a length", [TAG.sequence], /ends too early/],
  ["a body that is cut", [TAG.sequence, 2, 5], /ends too early/],
  ["something behind it", [TAG.sequence, 0, 0], /surplus bytes/],
  ["a length without an end", [TAG.sequence, 0x80, 0, 0], /length that is not DER/],
  ["a length of five octets", [TAG.sequence, 0x85, 0, 0, 0, 0, 1, 5], /length that is not DER/],
  ["a long length that would be short", [TAG.sequence, 0x81, 1, 5], /length that is not DER/],
  [
    "a length with a leading zero",
    [TAG.sequence, 0x82, 0, 0x80, ...Array(0x80).fill(5)],
    /length that is not DER/,
  ],
  ["a length whose octets are cut", [TAG.sequence, 0x82, 1], /ends too early/],
];

for (const [what, octets, says] of NO_ELEMENT) {
  Deno.test(`openDer() refuses ${what}`, () => {
    assert.match(complaint(() => openDer(bytes(...octets), TAG.sequence, "It")), says);
  });
}

Deno.test("openDer() reads lengths at each border between the forms", () => {
  for (
    const [length, ...octets] of [
      [0x7f, 0x7f],
      [0x80, 0x81, 0x80],
      [0xff, 0x81, 0xff],
      [0x100, 0x82, 1, 0],
      [0xffff, 0x82, 0xff, 0xff],
      [0x10000, 0x83, 1, 0, 0],
    ] as const
  ) {
    const whole = bytes(TAG.sequence, ...octets, ...new Uint8Array(length));

    assert.equal(new DerReader(whole, "It").next(TAG.sequence).body.length, length);
  }
});

Deno.test("a reader refuses tag numbers above 30, and knows when it is done", () => {
  assert.match(complaint(() => new DerReader(bytes(0x1f, 1, 0), "It").next()), /tag number above/);
  const reader = new DerReader(bytes(TAG.null, 0, TAG.null, 0), "It");
  assert.equal(reader.optional(TAG.boolean), undefined);
  assert.equal(reader.rest().length, 2);
  assert.ok(reader.done);
  reader.end();
});

Deno.test("an INTEGER is read in its shortest form alone", () => {
  for (const octets of [[], [0, 0], [0, 0x7f], [0xff, 0x80], [0xff, 0xff]]) {
    assert.match(complaint(() => integerBytes(element(...octets), "It")), /not a DER integer/);
  }
  for (const octets of [[0], [0x7f], [0x80], [0xff], [0, 0x80], [0xff, 0x7f], [1, 0]]) {
    assert.equal(integerBytes(element(...octets), "It").length, octets.length);
  }
});

Deno.test("a positive INTEGER loses the zero that keeps it positive, and no other", () => {
  assert.match(complaint(() => positiveBytes(element(0x80), "It")), /negative/);
  assert.deepEqual(positiveBytes(element(0, 0x80), "It"), bytes(0x80));
  assert.deepEqual(positiveBytes(element(0x7f), "It"), bytes(0x7f));
});

Deno.test("a BOOLEAN is one octet, of all bits or none", () => {
  for (const octets of [[], [1], [0xfe], [0, 0], [0xff, 0xff]]) {
    assert.match(complaint(() => boolean(element(...octets), "It")), /not a DER boolean/);
  }
  assert.equal(boolean(element(0xff), "It"), true);
  assert.equal(boolean(element(0), "It"), false);
});

Deno.test("a BIT STRING says how many bits do not count, and they are zero", () => {
  for (const octets of [[], [1], [8, 0], [1, 1], [7, 0x40]]) {
    assert.match(complaint(() => bitString(element(...octets), "It")), /not a DER bit string/);
  }
  assert.deepEqual(bitString(element(0), "It"), { bytes: bytes(), unused: 0 });
  assert.deepEqual(bitString(element(7, 0x80), "It"), { bytes: bytes(0x80), unused: 7 });
  assert.deepEqual(bitString(element(0, 1), "It"), { bytes: bytes(1), unused: 0 });
});

Deno.test("an OBJECT IDENTIFIER is whole, minimal and within 31 bits", () => {
  for (const octets of [[], [0x80, 1], [0x2a, 0x80, 1], [0x2a, 0x86]]) {
    assert.match(complaint(() => objectIdentifier(element(...octets), "It")), /not a DER object/);
  }
  assert.match(
    complaint(() => objectIdentifier(element(0x2a, 0x88, 0x80, 0x80, 0x80, 0), "It")),
    /out of range/,
  );
  assert.equal(
    objectIdentifier(element(0x2a, 0x87, 0xff, 0xff, 0xff, 0x7f), "It"),
    "1.2.2147483647",
  );
  assert.equal(objectIdentifier(element(0x55, 0x1d, 0x0f), "It"), "2.5.29.15");
  assert.equal(objectIdentifier(element(0x27), "It"), "0.39");
  assert.equal(objectIdentifier(element(0x28), "It"), "1.0");
  assert.equal(objectIdentifier(element(0x88, 0x37), "It"), "2.999");
});
