/**
 * A limit on one call, under a signal that may end it earlier.
 *
 * @module
 */
import { DeadlineError } from "./network_failure.ts";

/** A signal that is aborted when its time is over or its parent is; dispose of it when done. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Starts the time anew. */
  readonly extend: () => void;
}

/** Starts a deadline; no time limit for 0 milliseconds. */
export function deadline(milliseconds: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const pass = (): void => controller.abort(parent.reason);
  const expire = (): void => controller.abort(new DeadlineError(milliseconds));
  const start = (): ReturnType<typeof setTimeout> | undefined =>
    milliseconds > 0 ? setTimeout(expire, milliseconds) : undefined;
  let timer = start();
  if (parent.aborted) pass();
  parent.addEventListener("abort", pass, { once: true });
  return {
    signal: controller.signal,
    extend: () => {
      clearTimeout(timer);
      timer = start();
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      parent.removeEventListener("abort", pass);
    },
  };
}
