/**
 * Sleeping without waiting: when everybody sleeps, time jumps to whoever wakes first.
 *
 * @module
 */
import type { Clockwork } from "./clockwork.ts";
import type { Instant } from "./model.ts";

interface Sleeper {
  readonly wakes: Instant;
  readonly wake: () => void;
}

/** Sleepers over one World's clock. */
export class VirtualTime {
  readonly #clockwork: Clockwork;
  readonly #sleepers = new Set<Sleeper>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clockwork: Clockwork) {
    this.#clockwork = clockwork;
  }

  /** Sleeps by the World's clock; rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = {
        wakes: this.#clockwork.mount.now + Math.max(0, milliseconds),
        wake: () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
      };
      const stop = (): void => {
        this.#sleepers.delete(sleeper);
        if (this.#sleepers.size === 0) this.#rest();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
      this.#schedule();
    });
  }

  /** After whatever can go on without time has gone on. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#sleepers.size === 0) return;
    this.#timer = setTimeout(async () => {
      const wakes = Math.min(...[...this.#sleepers].map((sleeper) => sleeper.wakes));
      const { mount } = this.#clockwork;
      if (wakes < Infinity) await this.#clockwork.advance(Math.max(0, wakes - mount.now));
      for (const sleeper of [...this.#sleepers].filter(({ wakes }) => wakes <= mount.now)) {
        this.#sleepers.delete(sleeper);
        sleeper.wake();
      }
      this.#timer = undefined;
      this.#schedule();
    }, 0);
  }

  /** Nobody sleeps: nothing is left to wake anybody. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
