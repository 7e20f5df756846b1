/** How strict certificates are read, piece by piece: what one reader takes, all must take alike. */
import assert from "node:assert/strict";
import { readCertificate } from "./certificate.ts";
import { readExtensions } from "./certificate_extensions.ts";
import { nameText } from "./certificate_name.ts";
import { certificateTime } from "./certificate_time.ts";
import { DerError, DerReader, openDer, TAG } from "./der.ts";
import { document } from "./testing_bundles.ts";
import { der, extensionId, sequence } from "./testing_der.ts";

function element(tag: number, text: string): { tag: number; body: Uint8Array; whole: Uint8Array } {
  const body = new TextEncoder().encode(text);
  return { tag, body, whole: body };
}

Deno.test("times are read with seconds, in UTC, by the century of RFC 5280", () => {
  const read = (tag: number, text: string): string => certificateTime(element(tag, text)).toJSON();

  assert.equal(read(TAG.utcTime, "491231235959Z"), "2049-12-31T23:59:59.000Z");
  assert.equal(read(TAG.utcTime, "500101000000Z"), "1950-01-01T00:00:00.000Z");
  assert.equal(read(TAG.generalizedTime, "20240229000000Z"), "2024-02-29T00:00:00.000Z");
  assert.equal(read(TAG.generalizedTime, "00010101000000Z"), "0001-01-01T00:00:00.000Z");
});

Deno.test("times that are written otherwise, or do not exist, are refused", () => {
  const refused: readonly (readonly [tag: number, text: string])[] = [
    [TAG.utcTime, "2601010000Z"],
    [TAG.utcTime, "260101000000+0000"],
    [TAG.utcTime, "260101000000X"],
    [TAG.utcTime, "20260101000000Z"],
    [TAG.utcTime, "2601010000000Z"],
    [TAG.generalizedTime, "260101000000Z"],
    [TAG.generalizedTime, "20260101000000.5Z"],
    [TAG.utf8String, "260101000000Z"],
    [TAG.utf8String, "0101000000Z"],
    [TAG.utcTime, "260229000000Z"],
    [TAG.utcTime, "261301000000Z"],
    [TAG.utcTime, "260001000000Z"],
    [TAG.utcTime, "260100000000Z"],
    [TAG.utcTime, "260431000000Z"],
    [TAG.utcTime, "260101240000Z"],
    [TAG.utcTime, "260101006000Z"],
    [TAG.utcTime, "260101000060Z"],
    [TAG.utcTime, "2601010000 1Z"],
    [TAG.utcTime, "26010100000:Z"],
    [TAG.utcTime, "26010100000/Z"],
  ];
  for (const [tag, text] of refused) {
    assert.throws(() => certificateTime(element(tag, text)), DerError, `${tag} ${text}`);
  }
});

const COMMON_NAME = der(TAG.objectIdentifier, [0x55, 0x04, 0x03]);
const named = (tag: number, ...value: readonly (string | readonly number[])[]): Uint8Array =>
  sequence(der(TAG.set, sequence(COMMON_NAME, der(tag, ...value))));

Deno.test("names are told as RFC 4514 has it", () => {
  const cases: readonly (readonly [told: string, name: Uint8Array])[] = [
    ["", sequence()],
    ["CN=a b-c.d", named(TAG.printableString, "a b-c.d")],
    ["CN=", named(TAG.utf8String, "")],
    ["CN=é", named(TAG.utf8String, [0xc3, 0xa9])],
    ["CN=é", named(TAG.t61String, [0xe9])],
    ["CN=é", named(TAG.bmpString, [0, 0xe9])],
    ['CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i', named(TAG.utf8String, 'a,b+c"d\\e<f>g;h=i')],
    ["CN=\\ a", named(TAG.utf8String, " a")],
    ["CN=\\#a", named(TAG.utf8String, "#a")],
    ["CN=a\\ ", named(TAG.utf8String, "a ")],
    ["CN=\\ ", named(TAG.utf8String, " ")],
    ["CN=-a", named(TAG.utf8String, "-a")],
    ["CN=a\\00b", named(TAG.utf8String, "a\0b")],
    ["CN=12 3", named(TAG.numericString, "12 3")],
    [
      "2.5.4.99=x",
      sequence(
        der(
          TAG.set,
          sequence(der(TAG.objectIdentifier, [0x55, 0x04, 99]), der(TAG.utf8String, "x")),
        ),
      ),
    ],
    [
      "CN=b+CN=c,CN=a",
      sequence(
        der(TAG.set, sequence(COMMON_NAME, der(TAG.utf8String, "a"))),
        der(
          TAG.set,
          sequence(COMMON_NAME, der(TAG.utf8String, "b")),
          sequence(COMMON_NAME, der(TAG.utf8String, "c")),
        ),
      ),
    ],
  ];
  for (const [told, name] of cases) assert.equal(nameText(name), told);
});

Deno.test("names that are not the text that they say they are are refused", () => {
  const refused: readonly (readonly [what: string, name: Uint8Array])[] = [
    [
      "an attribute that is a set",
      sequence(der(TAG.set, der(TAG.set, COMMON_NAME, der(TAG.utf8String, "a")))),
    ],
    ["a part that is no set", sequence(sequence())],
    [
      "an attribute with more behind it",
      sequence(
        der(TAG.set, sequence(COMMON_NAME, der(TAG.utf8String, "a"), der(TAG.null))),
      ),
    ],
    ["another kind of string", named(0x1a, "a")],
    ["UTF-8 that is none", named(TAG.utf8String, [0xc3])],
    ["an at sign that is printable to nobody", named(TAG.printableString, "a@b")],
    ["an eighth bit in ASCII", named(TAG.ia5String, [0xe9])],
    ["a letter in a number", named(TAG.numericString, "1a")],
    ["half a character of two octets", named(TAG.bmpString, [0])],
    ["a character beyond the basic plane", named(TAG.bmpString, [0xd8, 0x3d, 0xde, 0])],
    ["what is no character", named(TAG.bmpString, [0xff, 0xff])],
  ];
  for (const [what, name] of refused) assert.throws(() => nameText(name), DerError, what);
});

const TRUE = der(TAG.boolean, [0xff]);

function extension(id: number, value: Uint8Array, critical?: Uint8Array): Uint8Array {
  return sequence(
    extensionId(id),
    ...critical === undefined ? [] : [critical],
    der(
      TAG.octetString,
      value,
    ),
  );
}

function extensions(...list: readonly Uint8Array[]): ReturnType<typeof readExtensions> {
  return readExtensions(new DerReader(new Uint8Array(list.flatMap((one) => [...one])), "It"));
}

Deno.test("extensions say what they say, and no more", () => {
  const read = extensions(
    extension(15, der(TAG.bitString, [1, 0x86]), TRUE),
    extension(
      17,
      sequence(
        der(0x82, "a.example"),
        der(0x86, "spiffe://a/b"),
        der(0x87, [127, 0, 0, 1]),
        der(0xa4, sequence()),
        der(0x86, "spiffe://c"),
      ),
    ),
    extension(19, sequence(TRUE, der(TAG.integer, [0x7f, 0xff, 0xff, 0xff])), TRUE),
    extension(37, sequence(der(TAG.objectIdentifier, [0x2b, 6, 1, 5, 5, 7, 3, 1]))),
    extension(14, der(TAG.octetString, [1, 2])),
    extension(99, new Uint8Array(), TRUE),
    extension(98, new Uint8Array()),
  );

  assert.deepEqual(read, {
    keyUsage: { isCritical: true, digitalSignature: true, keyCertSign: true, cRLSign: true },
    uris: ["spiffe://a/b", "spiffe://c"],
    isCa: true,
    pathLength: 0x7fffffff,
    extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
    subjectKeyId: new Uint8Array([1, 2]),
    hasNameConstraints: false,
    unknownCritical: ["2.5.29.99"],
  });
  assert.deepEqual(extensions(extension(19, sequence())).isCa, false);
});

Deno.test("extensions that another reader might take otherwise are refused", () => {
  const usage = extension(15, der(TAG.bitString, [7, 0x80]));
  const refused: readonly (readonly [what: string, ...list: readonly Uint8Array[]])[] = [
    ["one extension twice", usage, usage],
    ["a key identifier that is critical", extension(14, der(TAG.octetString, [1]), TRUE)],
    ["an authority key identifier that is critical", extension(35, sequence(), TRUE)],
    ["a flag that is no boolean of DER", extension(15, der(TAG.bitString, [0, 0x80]), der(1, [1]))],
    ["more behind a value", sequence(extensionId(98), der(TAG.octetString), der(TAG.null))],
    ["an eighth bit in a URI", extension(17, sequence(der(0x86, [0xe9])))],
    ["an eighth bit in a host", extension(17, sequence(der(0x82, [0xe9])))],
    ["an eighth bit in an address", extension(17, sequence(der(0x81, [0xe9])))],
    ["an IP address of five octets", extension(17, sequence(der(0x87, [1, 2, 3, 4, 5])))],
    ["names with more behind them", extension(17, new Uint8Array([...sequence(), 5, 0]))],
    [
      "a path length of five octets",
      extension(19, sequence(TRUE, der(TAG.integer, [1, 0, 0, 0, 0]))),
    ],
    ["a path length below zero", extension(19, sequence(TRUE, der(TAG.integer, [0xff])))],
    ["constraints with more inside", extension(19, sequence(TRUE, der(TAG.null)))],
    ["a usage with more behind it", extension(15, new Uint8Array([...der(3, [0, 0x80]), 5, 0]))],
    ["a purpose that is no identifier", extension(37, sequence(der(TAG.integer, [0x2b])))],
    ["a key identifier with more behind it", extension(14, new Uint8Array([4, 0, 5, 0]))],
  ];
  for (const [what, ...list] of refused) {
    assert.throws(() => extensions(...list), DerError, what);
  }
  assert.equal(extensions(extension(17, sequence(der(0x82, [0x7f])))).uris.length, 0);
  assert.equal(extensions(extension(17, sequence(der(0x87, new Uint8Array(16))))).uris.length, 0);
  assert.equal(extensions(extension(17, sequence(der(0x88, [0xe9])))).uris.length, 0);
});

/** The root of a committed bundle, taken apart and put together otherwise. */
function rebuilt(change: {
  readonly version?: readonly number[];
  /** What stands behind the public key. */
  readonly tail?: readonly Uint8Array[];
  readonly signature?: readonly number[];
}): string {
  const [{ x5c } = {}] = document("p256").keys;
  const whole = openDer(Uint8Array.fromBase64((x5c as readonly string[])[0] ?? ""), 0x30, "It");
  const fields = whole.open(TAG.sequence);
  const [algorithm, signature] = whole.rest();
  const [version, ...rest] = fields.rest();
  assert.ok(version && algorithm && signature);
  const upToKey = rest.slice(0, 6).map(({ whole }) => whole);
  const { version: number = [2], tail = rest.slice(6).map(({ whole }) => whole) } = change;
  const signed = sequence(
    ...number.length === 0 ? [] : [der(0xa0, der(TAG.integer, number))],
    ...upToKey,
    ...tail,
  );
  const proof = change.signature === undefined
    ? signature.whole
    : der(TAG.bitString, change.signature);
  return readCertificate(sequence(signed, algorithm.whole, proof)).complaint ?? "it was read";
}

Deno.test("a certificate is of version 1, 2 or 3, and has extensions only in the last", () => {
  assert.equal(rebuilt({}), "it was read");
  assert.match(rebuilt({ version: [3] }), /version is unknown/);
  assert.match(rebuilt({ version: [1, 0] }), /version is unknown/);
  assert.match(rebuilt({ version: [1] }), /surplus bytes/);
  assert.match(rebuilt({ version: [] }), /surplus bytes/);
});

Deno.test("identifiers of its parties are passed over from version 2 on", () => {
  const tail = [der(0x81, [0, 1]), der(0x82, [0, 2])];

  assert.equal(rebuilt({ version: [1], tail }), "it was read");
  assert.equal(rebuilt({ version: [2], tail }), "it was read");
  assert.match(rebuilt({ version: [], tail }), /surplus bytes/);
  assert.match(rebuilt({ version: [2], tail: tail.toReversed() }), /surplus bytes/);
  assert.equal(rebuilt({ version: [], tail: [] }), "it was read");
});

Deno.test("a signature is a whole number of octets", () => {
  assert.equal(rebuilt({ signature: [0, 0x30, 0x80] }), "it was read");
  assert.match(rebuilt({ signature: [7, 0x30, 0x80] }), /not a whole number of octets/);
});
