import assert from "node:assert/strict";
import { foldName, readJson } from "./json_text.ts";

function faultOf(text: string): string | undefined {
  const { fault } = readJson(new TextEncoder().encode(text));
  return fault && `${fault.code} at "${fault.path}": ${fault.message}`;
}

const NO_JSON: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ["nothing", "", /^json\/syntax at "": The document is empty$/],
  ["white space alone", " \n ", /ends too early \(line 2, column 2\)$/],
  ["a word that only begins like true", '{"keys": trux}', /at "\/keys": Unexpected "t"/],
  ["a word that only begins like false", "[fals]", /at "\/0": Unexpected "f"/],
  ["a word that only begins like null", "[nul]", /at "\/0": Unexpected "n"/],
  ["a member without a colon", '{"keys" 7}', /at "\/keys": Unexpected "7" \(line 1, column 9\)/],
  ["a member with another sign", '{"keys"= 7}', /Unexpected "="/],
  ["a control character before what could be escaped", '["a\u0001n"]', /Unexpected "\\u0001"/],
  ["a line break in a string", '["a\nb"]', /Unexpected "\\n"/],
  ["a string without an end", '["a', /ends too early/],
  ["a string that ends in a backslash", '["a\\', /Unexpected "\\\\"/],
  ["an escape that is none", '["\\x"]', /Unexpected "\\\\"/],
  ["an escape without its digits", '["\\u12"]', /Unexpected "\\\\"/],
  ["an escape with other digits", '["\\u12g4"]', /Unexpected "\\\\"/],
  ["an escape with a sign", '["\\u+123"]', /Unexpected "\\\\"/],
  ["a number with a plus", "[+1]", /Unexpected "\+"/],
  ["a number with a leading zero", "[01]", /Unexpected "1"/],
  ["a comma too many in an array", "[1,]", /Unexpected "\]"/],
  ["a comma too many in an object", '{"a":1,}', /Unexpected "}"/],
  ["a closing bracket that nothing opened", "]", /Unexpected "\]"/],
  ["brackets that do not match", '{"a":[1}', /Unexpected "}"/],
];

for (const [what, text, says] of NO_JSON) {
  Deno.test(`readJson() refuses ${what}`, () => {
    assert.match(faultOf(text) ?? "it was read", says);
  });
}

Deno.test("readJson() reads every escape, and pairs of surrogates", () => {
  const text = String.raw`"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"`;

  assert.deepEqual(readJson(new TextEncoder().encode(text)), {
    value: { kind: "string", value: '"\\/\b\f\n\r\té😀' },
  });
});

Deno.test("foldName() folds as Go does: ſ and the Kelvin sign are letters, ß has no other case", () => {
  assert.equal(foldName("KEYſ"), foldName("keys"));
  assert.equal(foldName("\u212aeys"), foldName("keys"));
  assert.notEqual(foldName("straße"), foldName("strasse"));
  assert.equal(foldName("STRAßE"), foldName("straße"));
});
