import assert from "node:assert/strict";
import { SpirefedError } from "../lib/errors.ts";
import { readManifests } from "./yaml_reading.ts";

function read(text: string): readonly unknown[] {
  return readManifests(new TextEncoder().encode(text), "in.yaml");
}

function assertRefused(text: string, message: RegExp): void {
  assert.throws(() => read(text), (error) => {
    assert.ok(error instanceof SpirefedError);
    assert.equal(error.exitCode, 2);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("readManifests() reads YAML documents, JSON and Lists alike", () => {
  const objects = read(
    '# first\n---\nkind: A\n---\n---\n{\n\t"kind": "BList",\n\t"items": [{"kind": "B"}, 7]\n}\n',
  );

  assert.deepEqual(objects, [
    { object: { kind: "A" }, path: "" },
    { object: { kind: "B" }, path: "/items/0" },
    { object: {}, path: "/items/1" },
  ]);
});

Deno.test("readManifests() takes plain words as kubectl does", () => {
  assert.deepEqual(read("a: on\nb: 012\nc: 2024-01-01\nd: 'on'\ne: 1e2\n"), [
    { object: { a: true, b: 10, c: "2024-01-01", d: "on", e: 100 }, path: "" },
  ]);
});

Deno.test("readManifests() names the place of what it cannot read", () => {
  assertRefused("a: 1\nb: [\n", /^in\.yaml:3:1: /);
  assertRefused("a: 1\na: 2\n", /^in\.yaml:2:1: duplicated mapping key/);
  assertRefused('{"a": 1,\n "a": 2}', /^in\.yaml:2:3: duplicated mapping key/);
  assertRefused("a: &x [1]\nb: *x\n", /^in\.yaml:2:5: YAML aliases are not read/);
  assertRefused("a: !!js/function x\n", /^in\.yaml:1:4: unknown .*tag/);
  assertRefused("kind: A\n---\n- 1\n", /^in\.yaml: document 2 is not an object/);
});

Deno.test("readManifests() refuses what is too large, too deep or no text", () => {
  assertRefused("#".repeat(8 * 1024 * 1024 + 1), /larger than 8 MiB/);
  assertRefused("[".repeat(100_000), /in\.yaml/);
  assert.throws(() => readManifests(Uint8Array.of(0xff, 0xfe, 0x61, 0x00), "in.yaml"), /not UTF-8/);
});

Deno.test("readManifests() keeps names of Object.prototype as plain members", () => {
  const [found] = readManifests(
    new TextEncoder().encode('{"__proto__": {"polluted": 1}, "constructor": 2}'),
    "in.json",
  );

  assert.deepEqual(Object.keys(found?.object ?? {}), ["__proto__", "constructor"]);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});
