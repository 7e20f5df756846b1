import assert from "node:assert/strict";
import { fit, hanging, paragraph } from "./paragraph.ts";

const LONG = "one two three four five six seven";

Deno.test("paragraph() breaks between words, and begins later lines where it is told", () => {
  assert.equal(paragraph(LONG, "  ", 16), "  one two three\n  four five six\n  seven\n");
  assert.equal(paragraph(LONG, "- ", 16, "  "), "- one two three\n  four five six\n  seven\n");
  assert.equal(paragraph("a supercalifragilistic b", "", 8), "a\nsupercalifragilistic\nb\n");
});

Deno.test("fit() puts two halves on one line, or each on lines that are short enough", () => {
  assert.deepEqual(fit("  + east", "why", 20), ["  + east  why"]);
  assert.deepEqual(fit("  + east  ", "", 20), ["  + east"]);
  assert.deepEqual(fit("  + east  an object", "why it is so", 20), [
    "  + east  an object",
    "      why it is so",
  ]);
  assert.deepEqual(fit("  ~ east  a command that is long", "", 20), [
    "  ~ east  a command",
    "        that is long",
  ]);
  assert.equal(hanging("  x ", LONG, 24), "  x\n      one two three four\n      five six seven\n");
});
