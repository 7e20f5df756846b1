/**
 * The harness from the command line: `up`, `down` and `status` of the clusters; `test`, which
 * is up, suite and down; `run`, the suite on what is up; `check`, whether this machine can.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { SpirefedError } from "../../lib/errors.ts";
import { fetchAll, isThere } from "./build.ts";
import { takeDown } from "./down.ts";
import { allFiles, lanesTurn, runOnLanes, takeLanesDown } from "./lanes.ts";
import { checkMachine, missingPackages } from "./machine.ts";
import { CACHE, ENTER, HERE, RUN } from "./paths.ts";
import { abandon, runInFront, say } from "./process.ts";
import { printStatus } from "./status.ts";
import { RUN_NAME } from "./topology.ts";
import { takeFreeTurn, waitForTurn } from "./turn.ts";
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
    // Halfway down is worse than a second Ctrl-C that nobody hears.
    Deno.addSignalListener("SIGINT", () => {});
    await takeDown();
    // What a suite that was killed has left, too; not what one is at work on.
    using free = RUN_NAME === "" ? await takeFreeTurn(lanesTurn()) : undefined;
    if (free !== undefined) await takeLanesDown();
    say("nothing is left");
    return 0;
  },
  status: async () => await printStatus() ? 0 : 3,
  test: testEverything,
  run: testWhatIsUp,
  check,
  packages: printMissingPackages,
};

/** What changes a run; whoever does so to the same one waits. */
const ALONE = new Set(["up", "down"]);

function explainAccess(): void {
  say(`
The clusters live in a network of their own. Any command gets there through
  ${ENTER} COMMAND...
for example
  ${ENTER} kubectl --context east get pods -A
  ${ENTER} kubectl spirefed peer east west
  ${ENTER} deno task --cwd ${HERE.replace(/\/tests\/e2e$/, "")} dev status east west
and without a command it is a shell. Take them down with
  deno task e2e:down`);
}

/** Brings the lanes up, runs the suite on them, and takes them down, come what may. */
async function testEverything(words: readonly string[]): Promise<number> {
  using _ = await waitForTurn(lanesTurn());
  await checkMachine();
  const { files, options } = await sorted(words);
  const work = runOnLanes(files.length > 0 ? files : await allFiles(), options);
  const interrupted = new Promise<number>((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve(130));
    Deno.addSignalListener("SIGTERM", () => resolve(143));
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    await abandon(work);
    await takeLanesDown();
  }
}

/** Words that name files are test files; all others go to `deno test`. */
async function sorted(
  words: readonly string[],
): Promise<{ readonly files: readonly string[]; readonly options: readonly string[] }> {
  const files: string[] = [];
  const options: string[] = [];
  for (const word of words) {
    const isFile = !word.startsWith("-") && await isThere(word);
    if (isFile) files.push(resolve(word));
    else options.push(word);
  }
  return { files, options };
}

async function runSuite(words: readonly string[]): Promise<number> {
  const { files, options } = await sorted(words);
  const suite = [Deno.execPath(), "test", "--no-prompt", "--allow-all", ...options] as const;
  return await runInFront([ENTER, ...suite, ...(files.length > 0 ? files : [HERE])]);
}

async function testWhatIsUp(words: readonly string[]): Promise<number> {
  if (await isUp()) return await runSuite(words);
  throw new SpirefedError("preflight", "Nothing is up", { remedy: "deno task e2e:up" });
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
  using _ = ALONE.has(word) ? await waitForTurn(basename(RUN)) : undefined;
  Deno.exit(await action(words));
} catch (error) {
  if (!(error instanceof SpirefedError)) throw error;
  say(`error: ${error.message}`);
  if (error.cause instanceof Error) say(`  cause: ${error.cause.message}`);
  if (error.remedy !== undefined) say(`  next: ${error.remedy}`);
  Deno.exit(error.exitCode);
}
