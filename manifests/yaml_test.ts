import assert from "node:assert/strict";
import fc from "fast-check";
import { load, loadAll } from "js-yaml";
import { parseAllDocuments, parseDocument } from "yaml";
import type { Manifest } from "./manifest.ts";
import { printYaml } from "./yaml.ts";

const NASTY = [
  ..."on off y n Y N yes no true false True NULL null ~ nan .nan .NaN inf .inf -.inf".split(" "),
  ..."012 0o17 0x1F 0_x1f 0b1 0_b1 1e3 1_e3 1. .5 +1 -0 1_000 1__0 _1 12:30:45 1:2".split(" "),
  ..."2024-01-01 2001-1-1 2001-12-14T21:59:43.10-05:00 = << --- ... - -- -o ? : , | > % @".split(
    " ",
  ),
  ..."__proto__ constructor toString hasOwnProperty ../.. . .. {} [] {{ !t &a *a #x ` ' \"".split(
    " ",
  ),
  "",
  " ",
  "\n",
  "\n\n",
  "--- a",
  "a: b",
  "a #b",
  "a\u0085b",
  "a\u0085\nb\n",
  "a\u2028b",
  "a\u2029\nb\n",
  "a\u202eb",
  "a\n\u2066b\n",
  "\ufeffa",
  "\u0000",
  "\u001b[2J",
  "\u007f",
  "\u009b31m",
  "\u{e0001}",
  "\u{f0000}",
  "\ud800",
  "a\tb",
  "\ta\nb",
  "a\r\nb\r\n",
  "a\nb",
  "a\nb\n",
  "a\nb\n\n",
  "  a\nb\n",
  "a \nb\n",
  "\n\na\n",
  "---\napiVersion: v1\nkind: Secret\n",
  "é😀",
];

function objectOf(text: string, key = "key"): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: text, labels: Object.fromEntries([[key, text]]) },
    spec: { list: [text, [text], {}], nothing: null, yes: true, number: 7 },
  };
}

/** Reads with three parsers: YAML 1.2, and YAML 1.1 by another hand, strict. */
function assertReadsBack(objects: readonly Manifest[]): void {
  const text = printYaml(objects);
  const wanted = JSON.parse(JSON.stringify(objects));
  assert.deepEqual(loadAll(text), wanted);
  const documents = parseAllDocuments(text, { version: "1.1", schema: "yaml-1.1" });
  assert.ok(Array.isArray(documents));
  assert.deepEqual(documents.flatMap(({ errors }) => errors), []);
  assert.deepEqual(documents.map((document) => withoutPrototypes(document.toJS())), wanted);
}

function withoutPrototypes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("printYaml() keeps every awkward string a string, as a value and as a key", () => {
  for (const name of NASTY) assertReadsBack([objectOf(name), objectOf("x", name)]);
});

Deno.test("printYaml() prints any strings so that two parsers read them back", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."0123456789_.:-+eExXobnyNYTtZ \n~#'\"") }),
    fc.constantFrom(...NASTY),
  );
  const key = text.filter((text) => text !== "__proto__");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, key), { maxLength: 3 }),
      (pairs) => assertReadsBack(pairs.map(([text, key]) => objectOf(text, key))),
    ),
    { numRuns: 300, seed: 20261124 },
  );
});

Deno.test("printYaml() quotes numbers and dates as Go's reader knows them, underscores left out", () => {
  for (const name of ["0_x1f", "1_e3", "0_b1", "2001-1-1", "_1", ".5_", "."]) {
    assert.match(printYaml([objectOf(name)]), new RegExp(`name: '${name.replaceAll(".", "\\.")}'`));
  }
});

Deno.test("printYaml() prints no character that a terminal acts on", () => {
  const text = printYaml(NASTY.map((name) => objectOf(name, name)));

  const printed = text.replaceAll("\n", "");
  assert.doesNotMatch(printed, /\p{Cc}|\p{Zl}|\p{Zp}|\p{Bidi_Control}|\p{Cf}/u);
});

Deno.test("printYaml() prints exactly one document for each object", () => {
  const hostile = "x\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: stolen\n";

  const text = printYaml([objectOf(hostile), objectOf("...\n---\n")]);

  assert.equal(loadAll(text).length, 2);
  assert.equal(text.split("\n").filter((line) => line === "---").length, 1);
});

Deno.test("printYaml() prints a text of several lines as a literal block", () => {
  const text = printYaml([{
    ...objectOf("x"),
    spec: { trustDomainBundle: '{\n  "keys": []\n}\n' },
  }]);

  assert.match(text, /trustDomainBundle: \|\n {4}\{\n {6}"keys": \[\]\n {4}\}\n$/);
});

Deno.test("printYaml() gives the same bytes whatever the order of members", () => {
  const { apiVersion, kind, metadata } = objectOf("x");

  assert.equal(
    printYaml([{ kind, metadata, apiVersion, b: 1, a: { d: 1, c: 2 } }]),
    printYaml([{ apiVersion, a: { c: 2, d: 1 }, b: 1, kind, metadata }]),
  );
});

Deno.test("printYaml() leaves out absent members and pollutes no prototype", () => {
  const text = printYaml([{
    ...objectOf("x"),
    status: undefined,
    spec: JSON.parse('{"__proto__":{"polluted":1}}'),
  }]);

  assert.doesNotMatch(text, /status/);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  const document = load(text) as { spec: object };
  assert.deepEqual(Object.keys(document.spec), ["__proto__"]);
  assert.equal(parseDocument(text).errors.length, 0);
});
