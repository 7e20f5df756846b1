/**
 * How long a command may take, and how it is stopped.
 *
 * @module
 */
import { SpirefedError } from "../lib/errors.ts";

/** How long a stopped command may take to leave in order, in milliseconds. */
const GRACE = 1800;

/** What came of the work, and why it was stopped, if it was. */
export interface Outcome<T> {
  readonly answer: T;
  readonly reason: SpirefedError | undefined;
}

/**
 * Works until done, stopped by `signal`, or out of time. Work that is stopped
 * has a moment to say what was and what was not done.
 *
 * @param limit milliseconds; 0 is no limit.
 * @throws {SpirefedError} `timeout`, `interrupted` or `terminated`, if the stopped work
 * failed or did not end; else whatever the work throws.
 */
export async function within<T>(
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Outcome<T>> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  const timer = limit > 0 ? setTimeout(() => stop.abort(timeout(limit)), limit) : undefined;
  try {
    const answer = await orGiveUp(work(stop.signal), stop.signal);
    return { answer, reason: stop.signal.aborted ? stop.signal.reason : undefined };
  } catch (error) {
    throw stop.signal.aborted ? stopped(stop.signal.reason, error) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** The work, but no longer than the grace once the signal is given. */
function orGiveUp<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  let grace: ReturnType<typeof setTimeout> | undefined;
  const onAbort = (): void => {
    grace = setTimeout(() => reject(signal.reason), GRACE);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  return Promise.race([work, over]).finally(() => {
    clearTimeout(grace);
    signal.removeEventListener("abort", onAbort);
  });
}

/** The reason for stopping, with what the work said as it stopped. */
function stopped(reason: unknown, error: unknown): unknown {
  if (!(reason instanceof SpirefedError) || !(error instanceof SpirefedError)) return reason;
  if (error === reason || error.kind === reason.kind) return error;
  return new SpirefedError(reason.kind, reason.message, {
    cause: error,
    remedy: error.remedy ?? reason.remedy,
    all: error.all,
  });
}

function timeout(limit: number): SpirefedError {
  return new SpirefedError("timeout", `Not done after ${limit / 1000} s, the --timeout`, {
    remedy: "run it again with a longer --timeout; 0 is none",
  });
}
