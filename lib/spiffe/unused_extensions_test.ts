/** Extensions that decide nothing here must have their shape, as others refuse them without it. */
import assert from "node:assert/strict";
import { DerError, TAG } from "./der.ts";
import { der, type DerPart, extensionId, sequence } from "./testing_der.ts";
import { AUTHORITY_INFORMATION, AUTHORITY_KEY_ID, checkUnused } from "./unused_extensions.ts";

const NAMES = "2.5.29.30";
const POINTS = "2.5.29.31";
const POLICIES = "2.5.29.32";
const MAPPINGS = "2.5.29.33";
const LIMITS = "2.5.29.36";
const INHIBITED = "2.5.29.54";

const permitted = (...trees: readonly DerPart[]): Uint8Array =>
  sequence(der(0xa0, ...trees.map((tree) => sequence(tree))));
const host = (name: string): Uint8Array => permitted(der(0x82, name));
const address = (...octets: readonly number[]): Uint8Array => permitted(der(0x87, octets));
const policy = sequence(extensionId(1));
const more = (value: Uint8Array): Uint8Array => new Uint8Array([...value, TAG.null, 0]);

const TAKEN: readonly (readonly [what: string, id: string, value: Uint8Array])[] = [
  ["another extension, whatever is in it", "2.5.29.99", new Uint8Array([1])],
  ["a host", NAMES, host("a.example")],
  ["all below a domain", NAMES, host(".a-b.example")],
  ["a host of 255 characters", NAMES, host("a".repeat(255))],
  ["excluded names", NAMES, sequence(der(0xa1, sequence(der(0x86, "a.example"))))],
  ["a directory's name", NAMES, permitted(der(0xa4, sequence()))],
  ["a network", NAMES, address(10, 0, 0, 0, 255, 128, 0, 0)],
  ["a network of all", NAMES, address(...new Uint8Array(32))],
  [
    "a full name of a list",
    POINTS,
    sequence(sequence(der(0xa0, der(0xa0, der(0x86, "http://a"))))),
  ],
  ["a list without a name", POINTS, sequence(sequence())],
  ["two policies", POLICIES, sequence(policy, sequence(extensionId(2), sequence()))],
  ["a mapping", MAPPINGS, sequence(sequence(extensionId(1), extensionId(2)))],
  ["two limits", LIMITS, sequence(der(0x80, [0]), der(0x81, [0x7f, 255, 255, 255]))],
  ["a limit", INHIBITED, der(TAG.integer, [0x7f, 255, 255, 255])],
  ["a key identifier", AUTHORITY_KEY_ID, sequence(der(0x80, [1]))],
  ["information", AUTHORITY_INFORMATION, sequence(sequence(extensionId(1), der(0x86, "http://a")))],
];

for (const [what, id, value] of TAKEN) {
  Deno.test(`checkUnused() takes ${what}`, () => checkUnused(id, value));
}

const REFUSED: readonly (readonly [what: string, id: string, value: Uint8Array])[] = [
  ["constraints that constrain nothing", NAMES, sequence()],
  ["an empty list of constraints", NAMES, sequence(der(0xa0))],
  ["constraints with more inside", NAMES, sequence(der(0xa0, sequence(der(0x82, "a"))), der(5))],
  ["a constraint that is no tree", NAMES, sequence(der(0xa0, der(TAG.set, der(0x82, "a"))))],
  ["a host with a star", NAMES, host("*.example")],
  ["a host with an empty label", NAMES, host("a..example")],
  ["a host of 256 characters", NAMES, host("a".repeat(256))],
  ["a mail address with a space", NAMES, permitted(der(0x81, "a b"))],
  ["a URI with a path", NAMES, permitted(der(0x86, "a.example/b"))],
  ["an address for a host", NAMES, host("10.0.0.1")],
  ["an address without a mask", NAMES, address(10, 0, 0, 0)],
  ["an address of 16 octets with a mask of none", NAMES, address(...new Uint8Array(16))],
  ["a mask with a hole", NAMES, address(10, 0, 0, 0, 255, 0, 255, 0)],
  ["a mask that begins late", NAMES, address(10, 0, 0, 0, 127, 0, 0, 0)],
  ["a name of a list by halves", POINTS, sequence(sequence(der(0xa0, der(0xa1))))],
  ["a point that is a set", POINTS, sequence(der(TAG.set))],
  ["one policy twice", POLICIES, sequence(policy, policy)],
  ["a policy without a name", POLICIES, sequence(sequence())],
  ["half a mapping", MAPPINGS, sequence(sequence(extensionId(1)))],
  [
    "a mapping of three",
    MAPPINGS,
    sequence(sequence(extensionId(1), extensionId(2), extensionId(3))),
  ],
  ["a limit of five octets", LIMITS, sequence(der(0x80, [1, 0, 0, 0, 0]))],
  ["a limit below zero", LIMITS, sequence(der(0x81, [0x80]))],
  ["limits with more inside", LIMITS, sequence(der(0x82, [0]))],
  ["an inhibition of five octets", INHIBITED, der(TAG.integer, [1, 0, 0, 0, 0])],
  ["an inhibition with more behind it", INHIBITED, more(der(TAG.integer, [0]))],
  ["a key identifier that is no sequence", AUTHORITY_KEY_ID, der(TAG.set)],
  ["a key identifier with more behind it", AUTHORITY_KEY_ID, more(sequence())],
  ["information without a place", AUTHORITY_INFORMATION, sequence(sequence(extensionId(1)))],
  [
    "information with more inside",
    AUTHORITY_INFORMATION,
    sequence(sequence(extensionId(1), der(0x86, "a"), der(0x86, "b"))),
  ],
];

for (const [what, id, value] of REFUSED) {
  Deno.test(`checkUnused() refuses ${what}`, () => {
    assert.throws(() => checkUnused(id, value), DerError);
  });
}
