/**
 * The harness from the command line: `up`, `down`, `status`, `test`.
 *
 * @module
 */
import { SpirefedError } from "../../lib/errors.ts";
import { takeDown } from "./down.ts";
import { CACHE, ENTER, HERE } from "./paths.ts";
import { runInFront, say, startNothingMore } from "./process.ts";
import { printStatus } from "./status.ts";
import { bringUp, bringUpInside, isUp } from "./up.ts";

const ACTIONS: Readonly<Record<string, (words: readonly string[]) => Promise<number>>> = {
  up: async () => {
    await bringUp();
    explainAccess();
    return 0;
  },
  inside: async () => {
    await bringUpInside();
    return 0;
  },
  down: async () => {
    await takeDown();
    say("nothing is left");
    return 0;
  },
  status: async () => await printStatus() ? 0 : 3,
  test: testEverything,
};

function explainAccess(): void {
  say(`
The clusters live in a network of their own. Any command gets there through
  ${ENTER} COMMAND...
for example
  ${ENTER} kubectl --context east get pods -A
  ${ENTER} deno task --cwd ${HERE.replace(/\/tests\/e2e$/, "")} dev peer east west
and without a command it is a shell. Take them down with
  deno task e2e:down`);
}

/** Brings everything up unless it is, runs the suite in the fabric, and takes down what it brought up. */
async function testEverything(words: readonly string[]): Promise<number> {
  const found = await isUp();
  const interrupted = new Promise<number>((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve(130));
    Deno.addSignalListener("SIGTERM", () => resolve(143));
  });
  try {
    if (!found) await Promise.race([bringUp(), interrupted]);
    return await Promise.race([runSuite(words), interrupted]);
  } finally {
    startNothingMore();
    if (!found) await takeDown();
  }
}

async function runSuite(words: readonly string[]): Promise<number> {
  const suite = [Deno.execPath(), "test", "--no-prompt", "--allow-all"] as const;
  return await runInFront([ENTER, ...suite, ...(words.length > 0 ? words : [HERE])]);
}

const [word = "", ...words] = Deno.args;
const action = ACTIONS[word];
if (action === undefined) {
  say(`usage: deno run -A tests/e2e/main.ts ${Object.keys(ACTIONS).join("|")}   (cache: ${CACHE})`);
  Deno.exit(2);
}
try {
  Deno.exit(await action(words));
} catch (error) {
  if (!(error instanceof SpirefedError)) throw error;
  say(`error: ${error.message}`);
  if (error.cause instanceof Error) say(`  cause: ${error.cause.message}`);
  if (error.remedy !== undefined) say(`  next: ${error.remedy}`);
  Deno.exit(error.exitCode);
}
