/**
 * What a run remembers on disk: how to reach the clusters and what to end.
 *
 * @module
 */
import { join } from "node:path";
import { type Access, kubeconfig } from "./pki.ts";
import { ENTER, HERE, KUBECONFIG, RUN } from "./paths.ts";
import type { Daemon } from "./process.ts";
import { FABRIC, RUN_NAME } from "./topology.ts";

const FILE = join(RUN, "state.json");

/** A run, as long as it lasts. */
export interface RunState {
  /** Programs that this run keeps in the background, in the order in which they were started. */
  readonly daemons: Readonly<Record<string, Daemon>>;
  /** The administrator of each cluster. */
  readonly admins: readonly Access[];
  /** What the machine looked like before. */
  readonly before: Readonly<Record<string, string>>;
}

/** The run that is there, if any. */
export async function readState(): Promise<RunState | undefined> {
  const text = await Deno.readTextFile(FILE).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

let turn: Promise<void> = Promise.resolve();

/** Remembers something more. Clusters come up side by side, so callers take turns. */
export function remember(more: Partial<RunState>): Promise<void> {
  turn = turn.then(() => addToState(more));
  return turn;
}

async function addToState(more: Partial<RunState>): Promise<void> {
  const { daemons, admins, before } = await readState() ??
    { daemons: {}, admins: [], before: {} };
  const state: RunState = {
    daemons: { ...daemons, ...more.daemons },
    admins: [...admins, ...more.admins ?? []],
    before: more.before ?? before,
  };
  await Deno.writeTextFile(FILE, JSON.stringify(state, null, 2), { mode: 0o600 });
}

/** Writes the administrator's kubeconfig, and the script that leads to where it works. */
export async function writeAccess(admins: readonly Access[]): Promise<void> {
  await Deno.writeTextFile(KUBECONFIG, kubeconfig(admins), { mode: 0o600 });
  const script = await Deno.readTextFile(join(HERE, "enter.sh"));
  const filled = script.replaceAll("@FABRIC@", FABRIC).replaceAll("@RUN_NAME@", RUN_NAME);
  await Deno.writeTextFile(ENTER, filled);
  await Deno.chmod(ENTER, 0o755);
}
