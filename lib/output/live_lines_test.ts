import assert from "node:assert/strict";
import { LiveLines } from "./live_lines.ts";

function talk(
  live: boolean,
): { lines: LiveLines; said: string[]; pass: (seconds: number) => void } {
  let time = 0;
  const said: string[] = [];
  const lines = new LiveLines({
    stderr: (text) => void said.push(text),
    terminal: { color: false, live, columns: 40 },
    now: () => new Date(time),
  }, ["east", "west-2"]);
  return { lines, said, pass: (seconds) => void (time += seconds * 1000) };
}

Deno.test("LiveLines redraws a line a cluster on a terminal, and none is wider than it", () => {
  const { lines, said } = talk(true);

  lines.waitingFor("east", "a CSV with a very long name that does not fit");
  lines.waitingFor("west-2", "pods");
  lines.clear();

  assert.equal(
    said.at(-2),
    "east    waiting for a CSV with a very l\nwest-2  waiting for pods (0 s)\n",
  );
  assert.equal(said.at(-1), "\x1b[2A\r\x1b[J");
});

Deno.test("LiveLines repeats each cluster's line every ten seconds in a log", () => {
  const { lines, said, pass } = talk(false);

  for (let second = 0; second < 25; second += 1) {
    lines.waitingFor("east", "pods");
    pass(1);
  }
  lines.say("east", "done");

  assert.deepEqual(said, [
    "[east] waiting for pods (10 s)\n",
    "[east] waiting for pods (20 s)\n",
    "[east] done\n",
  ]);
});
