/**
 * Waiting that ends.
 *
 * @module
 */

/** What bounds a wait. */
export interface Patience {
  readonly milliseconds: number;
  readonly signal: AbortSignal;
  /** Makes the failure when time is up. */
  readonly late: () => Error;
  /** Lets go of what was waited for; called unless the work came to an end by itself. */
  readonly stop?: () => void;
}

/** Waits for work, but no longer than told; rejects with the signal's reason when it is aborted. */
export async function within<T>(work: Promise<T>, patience: Patience): Promise<T> {
  const { milliseconds, signal, late, stop } = patience;
  const ended = Promise.withResolvers<never>();
  const timer = setTimeout(() => ended.reject(late()), milliseconds);
  const abort = () => ended.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([ended.promise, work]);
  } catch (error) {
    stop?.();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** Waits; rejects with the signal's reason when it is aborted meanwhile. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, milliseconds);
  const abort = () => over.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await over.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
