/**
 * The harness from the command line: `up`, `down` and `status` of the clusters; `test`, which
 * is up, suite and down; `run`, the suite on what is up; `check`, whether this machine can.
 *
 * @module
 */
import { join } from "node:path";
import { SpirefedError } from "../../lib/errors.ts";
import { ensure, fetchAll } from "./build.ts";
import { takeDown } from "./down.ts";
import { checkMachine, missingPackages } from "./machine.ts";
import { CACHE, ENTER, HERE } from "./paths.ts";
import { abandon, runInFront, say } from "./process.ts";
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
  run: testWhatIsUp,
  check,
  packages: printMissingPackages,
};

/** What changes the one run of this machine; these wait for each other. */
const ALONE = new Set(["up", "down", "test"]);

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

/** Brings everything up, runs the suite in the fabric, and takes everything down, come what may. */
async function testEverything(words: readonly string[]): Promise<number> {
  const work = bringUp().then(() => runSuite(words));
  const interrupted = new Promise<number>((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve(130));
    Deno.addSignalListener("SIGTERM", () => resolve(143));
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    await abandon(work);
    await takeDown();
  }
}

/** Words that are options go to `deno test`; the others are test files, all of them if there are none. */
async function runSuite(words: readonly string[]): Promise<number> {
  const options = words.filter((word) => word.startsWith("-"));
  const files = words.filter((word) => !word.startsWith("-"));
  const suite = [Deno.execPath(), "test", "--no-prompt", "--allow-all", ...options] as const;
  return await runInFront([ENTER, ...suite, ...(files.length > 0 ? files : [HERE])]);
}

async function testWhatIsUp(words: readonly string[]): Promise<number> {
  if (await isUp()) return await runSuite(words);
  throw new SpirefedError("preflight", "Nothing is up", { remedy: "deno task e2e:up" });
}

/** Held until this program ends. */
async function waitForTurn(): Promise<void> {
  const turn = await Deno.open(join(await ensure(CACHE), "lock"), { create: true, write: true });
  if (await turn.tryLock(true)) return;
  say("another harness is at work on this machine; waiting for it");
  await turn.lock(true);
}

async function check(): Promise<number> {
  await checkMachine();
  await fetchAll();
  return 0;
}

async function printMissingPackages(): Promise<number> {
  const lines = (await missingPackages()).map((name) => `${name}\n`);
  Deno.stdout.writeSync(new TextEncoder().encode(lines.join("")));
  return 0;
}

const [word = "", ...words] = Deno.args;
const action = ACTIONS[word];
if (action === undefined) {
  say(`usage: deno run -A tests/e2e/main.ts ${Object.keys(ACTIONS).join("|")}   (cache: ${CACHE})`);
  Deno.exit(2);
}
try {
  if (ALONE.has(word)) await waitForTurn();
  Deno.exit(await action(words));
} catch (error) {
  if (!(error instanceof SpirefedError)) throw error;
  say(`error: ${error.message}`);
  if (error.cause instanceof Error) say(`  cause: ${error.cause.message}`);
  if (error.remedy !== undefined) say(`  next: ${error.remedy}`);
  Deno.exit(error.exitCode);
}
