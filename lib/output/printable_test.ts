import assert from "node:assert/strict";
import { ascii, printable } from "./printable.ts";

Deno.test("printable() escapes what a terminal, an editor or a log acts on", () => {
  const acting = [
    ...["\x1b", "\n", "\x7f", "\x9b"],
    ...["\u202e", "\u2066", "\u200b", "\u061c"],
    ...["\u2028", "\u2029", "\ud800", "\ue000"],
  ];
  for (const character of acting) {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    assert.equal(printable(`a${character}b`), `a\\u${code}b`);
  }
});

Deno.test("printable() leaves letters of any language as they are", () => {
  assert.equal(printable("Zürich 東京 🙂"), "Zürich 東京 🙂");
});

Deno.test("printable() ends a long text, and shows that it went on", () => {
  assert.equal(printable("abcdef", 3), "abc…");
});

Deno.test("ascii() leaves nothing beyond ASCII in JSON, and its meaning as it was", () => {
  const json = JSON.stringify("é🙂\u202e");

  assert.match(ascii(json), /^[\x20-\x7e]*$/);
  assert.equal(JSON.parse(ascii(json)), JSON.parse(json));
});
