import assert from "node:assert/strict";
import { command } from "./command.ts";
import { takeApart } from "./take_apart.ts";

const SPEC = command({
  path: ["try"],
  group: "Other",
  summary: "Try",
  arguments: [{ name: "FILE", summary: "a file", required: true }],
  flags: {
    output: { type: "string", short: "o", value: "FORMAT", summary: "how" },
    dryRun: { type: "switch", summary: "write nothing" },
    skip: { type: "list", value: "CTX", summary: "without it" },
  },
  examples: [],
  exits: [],
});

function apart(...words: readonly string[]): unknown {
  const { args, flags } = takeApart(SPEC, words);
  return [...args, Object.fromEntries(flags)];
}

Deno.test("takeApart() takes each spelling that kubectl takes", () => {
  for (
    const words of [["-o", "json"], ["-ojson"], ["-o=json"], ["--output", "json"], [
      "--output=json",
    ]]
  ) {
    assert.deepEqual(apart("f", ...words), ["f", { output: ["json"] }], words.join(" "));
  }
  assert.deepEqual(apart("--dry-run", "f"), ["f", { dryRun: ["true"] }]);
  assert.deepEqual(apart("--dry-run=false", "f"), ["f", { dryRun: ["false"] }]);
  assert.deepEqual(apart("--skip", "a", "f", "--skip=b"), ["f", { skip: ["a", "b"] }]);
  assert.deepEqual(apart("--skip", "-x", "-"), ["-", { skip: ["-x"] }]);
  assert.deepEqual(apart("--", "--output"), ["--output", {}]);
});

Deno.test("takeApart() tells whoever names a cluster by --context how it is done here", () => {
  const clusters = {
    name: "CTX",
    summary: "clusters",
    required: true,
    completes: "context",
  } as const;
  const spec = { ...SPEC, arguments: [clusters] };

  for (const words of [["--context", "east"], ["east", "--context=west"]]) {
    assert.throws(() => takeApart(spec, words), {
      message: "Unknown flag --context: name clusters as arguments here",
    });
  }
  assert.throws(() => takeApart(SPEC, ["f", "--context", "east"]), {
    message: "Unknown flag --context",
  });
});

Deno.test("takeApart() names the word that is wrong, and what was probably meant", () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["f", "--outptu", "json"], "Unknown flag --outptu; did you mean --output?"],
    [["f", "--zzzzzz"], "Unknown flag --zzzzzz"],
    [["f", "-z"], "Unknown flag -z"],
    [["f", "--output"], "--output needs a value"],
    [["f", "-o"], "-o needs a value"],
    [[], "FILE is missing: a file"],
    [["f", "g"], '"g" is too much: try takes one argument'],
  ];

  for (const [words, message] of cases) {
    assert.throws(() => takeApart(SPEC, words), { message, kind: "usage" });
  }
});
