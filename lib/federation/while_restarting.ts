/**
 * Patience with a SPIRE server that is just coming back: there is one only, so every
 * change of its configuration takes it away for a few seconds.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";

const LIMIT_MS = 30_000;
const PAUSE_MS = 2_000;

/** How a pod without its container answers: not there, not running, not to be reached. */
const GONE_CODES: readonly (string | undefined)[] = ["http/404", "http/500", "exec/failed"];

/** What waiting needs. */
export interface Waiting {
  readonly now: () => Date;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly waitingFor: (what: string) => void;
}

/**
 * Runs a command in the server's pod, again for half a minute while the pod is away.
 *
 * @throws {SpirefedError} what the last try met.
 */
export async function whileRestarting<T>(
  cluster: string,
  work: () => Promise<T>,
  { now, sleep, signal, waitingFor }: Waiting,
): Promise<T> {
  const end = now().getTime() + LIMIT_MS;
  while (true) {
    try {
      return await work();
    } catch (error) {
      const isGone = error instanceof SpirefedError && GONE_CODES.includes(error.code);
      if (!isGone || now().getTime() >= end) throw error;
      waitingFor(`[${cluster}] its SPIRE server to come back`);
      await sleep(PAUSE_MS, signal);
    }
  }
}
