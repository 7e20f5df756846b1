import assert from "node:assert/strict";
import { decodeAsGo, decodeBase64, encodeBase64Url } from "./base64.ts";

Deno.test("decodeBase64() takes the one text that a value has", () => {
  assert.deepEqual(decodeBase64("+/8="), new Uint8Array([0xfb, 0xff]));
  assert.deepEqual(decodeBase64(""), new Uint8Array());
  for (const text of ["+/8", "+/9=", "+/8==", "-_8=", "+/ 8=", "+/8=\n", "\t+/8=", "A", "===="]) {
    assert.equal(decodeBase64(text), undefined, JSON.stringify(text));
  }
});

Deno.test("decodeAsGo() passes over line breaks and stray bits, and over nothing else", () => {
  for (const text of ["+/8=", "+/\r\n8=\n", "+/9="]) {
    assert.deepEqual(decodeAsGo(text, "base64"), new Uint8Array([0xfb, 0xff]), text);
  }
  for (const text of ["-_8", "-_\n9"]) {
    assert.deepEqual(decodeAsGo(text, "base64url"), new Uint8Array([0xfb, 0xff]), text);
  }
  for (const text of ["+/8", "+/ 8=", "-_8=", "+/8=AAAA", "A==="]) {
    assert.equal(decodeAsGo(text, "base64"), undefined, text);
  }
  for (const text of ["-_8=", "+/8", "-_ 8", "A"]) {
    assert.equal(decodeAsGo(text, "base64url"), undefined, text);
  }
});

Deno.test("encodeBase64Url() writes no padding", () => {
  assert.equal(encodeBase64Url(new Uint8Array([0xfb, 0xff])), "-_8");
});
