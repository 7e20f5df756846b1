/**
 * `deno task recall`: how much of what can go wrong is named, alone and in pairs. Ends with
 * 1 when a single failure is not named first, when anything healthy raises an alarm, or when
 * less than nine tenths of the pairs are found.
 *
 * @module
 */
import { main } from "../commands/main.ts";
import { BROKEN_WORLDS, NOT_STAGED } from "./support/broken_worlds/catalogue.ts";
import { HEALTHY_WORLDS } from "./support/broken_worlds/healthy.ts";
import { type BrokenWorld, federation } from "./support/broken_worlds/staging.ts";
import { practice, type PracticeOptions } from "./support/practice.ts";

interface Found {
  readonly id: string;
  readonly subject: string;
  readonly status: string;
  readonly because: string | null;
}

const PAIRS = 100;
const LEAST_SHARE = 0.9;

async function findings(options: PracticeOptions): Promise<readonly Found[]> {
  const run = await practice(options);
  await main(["troubleshoot", "east", "west", "-o", "json"], run.context);
  return JSON.parse(run.context.out.join("")).items;
}

/** A fault is found when it is named, or folded under what comes before it. */
function isFound({ names }: BrokenWorld, found: readonly Found[]): boolean {
  return found.some(({ id, status, because }) =>
    names.includes(id) && (status === "fail" || status === "warn" || because !== null)
  );
}

/** Numbers that look random and are the same each time. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

async function pairs(seed: number): Promise<readonly string[]> {
  const next = sequence(seed);
  const pick = (): BrokenWorld =>
    BROKEN_WORLDS[Math.floor(next() * BROKEN_WORLDS.length)] as BrokenWorld;
  const missed: string[] = [];
  for (let count = 0; count < PAIRS;) {
    const [first, second] = [pick(), pick()];
    // Two ways of making the same first relationship are no pair.
    if (first === second || !isAddition(second)) continue;
    const patch = [...first.patch, ...second.patch.slice(1)];
    const clusters = ["east", "west", "north"];
    let found: readonly Found[];
    try {
      found = await findings({ patch, clusters });
    } catch {
      continue; // they cannot be staged together: the one takes away what the other changes
    }
    count++;
    const names = [...first.names, ...second.names];
    const head = found.find(({ status }) => status === "fail" || status === "warn");
    if (!names.includes(head?.id ?? "") || !isFound(first, found) || !isFound(second, found)) {
      missed.push(`${first.id} and ${second.id}: first named ${head?.subject}: ${head?.id}`);
    }
  }
  return missed;
}

/** What begins with a federation that works and then breaks it can be added to another. */
function isAddition({ patch, id }: BrokenWorld): boolean {
  return patch[0] === federation && id !== "expired";
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) {
  const unnamed: string[] = [];
  for (const world of BROKEN_WORLDS) {
    const { patch, clusters = ["east", "west"] } = world;
    const found = await findings({ patch, clusters });
    const head = found.find(({ status }) => status === "fail" || status === "warn");
    if (!world.names.includes(head?.id ?? "")) unnamed.push(`${world.id}: named ${head?.id}`);
  }
  const alarms: string[] = [];
  for (const { what, patch, clusters = ["east", "west"] } of HEALTHY_WORLDS) {
    const found = await findings({ patch, clusters });
    const alarm = found.find(({ status }) => status === "fail" || status === "warn");
    // Without its context the third cluster is only half of a relationship.
    if (alarm !== undefined) alarms.push(`${what}: ${alarm.subject}: ${alarm.id}`);
  }
  const seed = Number(Deno.args[0] ?? 1);
  const missed = await pairs(seed);
  const share = 1 - missed.length / PAIRS;
  say(`alone    ${BROKEN_WORLDS.length - unnamed.length} of ${BROKEN_WORLDS.length} named first`);
  unnamed.forEach((line) => say(`         ${line}`));
  say(`healthy  ${alarms.length} false alarms in ${HEALTHY_WORLDS.length} worlds`);
  alarms.forEach((line) => say(`         ${line}`));
  say(`pairs    ${Math.round(share * 100)} of 100 found (seed ${seed})`);
  missed.forEach((line) => say(`         ${line}`));
  say(`not staged: ${NOT_STAGED.size}`);
  NOT_STAGED.forEach((why, id) => say(`         ${id}: ${why}`));
  if (unnamed.length > 0 || alarms.length > 0 || share < LEAST_SHARE) Deno.exit(1);
}
