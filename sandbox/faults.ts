/**
 * The one hook for faults: what goes wrong at the nth call of a verb to a cluster.
 *
 * @module
 */

/** The verbs of the cluster port, and `fetch` for a cluster's bundle endpoint. */
export type FaultVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "apply"
  | "patch"
  | "delete"
  | "logs"
  | "exec"
  | "can"
  | "fetch";

/** What happens instead of, before or after the call. */
export type FaultEffect =
  /** The call waits first. */
  | { readonly delayMs: number }
  /** The server refuses, and does nothing. */
  | {
    readonly status: number;
    readonly reason?: string;
    readonly message?: string;
    /** Header: seconds. */
    readonly retryAfter?: string;
  }
  /** The connection is cut before the call is done. */
  | { readonly reset: true }
  /** The call is done, and its answer is lost. */
  | { readonly lostReply: true }
  /** Somebody else does something first; the call then goes on, unless that throws. */
  | { readonly meanwhile: () => void | Promise<void> };

/** One fault. */
export type Fault = FaultEffect & {
  /** `*` for every cluster; each is counted by itself. */
  readonly cluster: string;
  /** `*` for every verb; calls are then counted together. */
  readonly verb: FaultVerb | "*";
  /** The how-manieth call, from 1; absent for every call. */
  readonly nth?: number;
  /** Only this share of the calls, by chance: 0.05 is one in twenty. */
  readonly share?: number;
  /** That call and all later ones. */
  readonly onward?: boolean;
  /** Only calls with `dryRun`, or only those without; both when absent. */
  readonly dryRun?: boolean;
};

/** Counts calls and says what goes wrong with each. */
export class FaultSchedule {
  readonly #faults: readonly Fault[];
  readonly #random: () => number;
  readonly #counts = new Map<Fault, Map<string, number>>();

  /** @param random decides for faults that strike by chance. */
  constructor(faults: readonly Fault[] = [], random: () => number = Math.random) {
    this.#faults = faults;
    this.#random = random;
  }

  /** The first fault that is meant for this call. */
  next(cluster: string, verb: FaultVerb, dryRun = false): Fault | undefined {
    let struck: Fault | undefined;
    for (const fault of this.#faults) {
      if (fault.cluster !== "*" && fault.cluster !== cluster) continue;
      if (fault.verb !== "*" && fault.verb !== verb) continue;
      if (fault.dryRun !== undefined && fault.dryRun !== dryRun) continue;
      const counts = this.#counts.get(fault) ?? new Map<string, number>();
      const count = (counts.get(cluster) ?? 0) + 1;
      this.#counts.set(fault, counts.set(cluster, count));
      const { nth = count, onward = false, share = 1 } = fault;
      if (share < 1 && this.#random() >= share) continue;
      if (nth === count || (onward && nth < count)) struck ??= fault;
    }
    return struck;
  }
}

/** Lets happen first what a fault has to happen before its call. */
export async function comeFirst(
  fault: Fault | undefined,
  sleep: ((milliseconds: number) => Promise<void>) | undefined,
): Promise<void> {
  await sleep?.(fault !== undefined && "delayMs" in fault ? fault.delayMs : 0);
  if (fault !== undefined && "meanwhile" in fault) await fault.meanwhile();
}
