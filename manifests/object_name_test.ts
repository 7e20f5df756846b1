import assert from "node:assert/strict";
import fc from "fast-check";
import { isObjectName, objectNameFor } from "./object_name.ts";

const trustDomain = fc.string({
  unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789._-"),
  minLength: 1,
  maxLength: 255,
});

Deno.test("objectNameFor() keeps a trust domain that is an object's name", () => {
  for (const name of ["apps.east.example", "on", "012", "a", "x".repeat(253)]) {
    assert.equal(objectNameFor(name), name);
  }
});

Deno.test("objectNameFor() hashes what is no object's name", () => {
  for (const name of ["a_b", ".", "..", "-a", "a-", "a..b", "x".repeat(254), "x".repeat(255)]) {
    assert.match(objectNameFor(name), /^td-[0-9a-f]{64}$/);
  }
});

Deno.test("objectNameFor() gives no trust domain the hashed name of another", () => {
  const hashed = objectNameFor("a_b");

  assert.notEqual(objectNameFor(hashed), hashed);
  assert.match(objectNameFor(hashed), /^td-[0-9a-f]{64}$/);
});

Deno.test("objectNameFor() answers an object's name for every trust domain", () => {
  fc.assert(fc.property(trustDomain, (name) => isObjectName(objectNameFor(name))));
});
