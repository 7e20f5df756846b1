/**
 * Keeps this program from crowding an API server.
 *
 * Reads follow kubectl's figures (50 a second, burst 300), since a person waits
 * for them; writes follow client-go's default (5 a second, burst 10), at most 4 at
 * once, since 49 of them may go to one cluster.
 *
 * @module
 */

/** A token bucket with a limit on what is under way. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
  readonly inFlight: number;
}

/** The limits of one cluster. */
export interface RateLimits {
  readonly reads: RateLimit;
  readonly writes: RateLimit;
}

/** What one cluster is asked at most. */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  reads: { perSecond: 50, burst: 300, inFlight: 16 },
  writes: { perSecond: 5, burst: 10, inFlight: 4 },
};

/** Time, as a limiter needs it. */
export interface LimiterClock {
  readonly now: () => Date;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Runs work within a {@linkcode RateLimit}, in the order it was handed in. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: LimiterClock;
  #tokens: number;
  #filledAt: number;
  #underWay = 0;
  #queue: Promise<void> = Promise.resolve();
  readonly #waiting: (() => void)[] = [];

  constructor(limit: RateLimit, clock: LimiterClock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#filledAt = clock.now().getTime();
  }

  /** Waits for its turn, works, and lets the next one go. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#queue.then(() => this.#take(signal));
    this.#queue = turn.catch(() => undefined);
    await turn;
    try {
      return await work();
    } finally {
      this.#underWay--;
      this.#waiting.shift()?.();
    }
  }

  async #take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#underWay >= this.#limit.inFlight) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    signal.throwIfAborted();
    this.#refill();
    if (this.#tokens < 1) {
      await this.#clock.sleep(((1 - this.#tokens) / this.#limit.perSecond) * 1000, signal);
      this.#refill();
      // A clock that was set back meanwhile is no reason to wait twice.
      this.#tokens = Math.max(this.#tokens, 1);
    }
    this.#tokens--;
    this.#underWay++;
  }

  #refill(): void {
    const now = this.#clock.now().getTime();
    const gained = (Math.max(0, now - this.#filledAt) / 1000) * this.#limit.perSecond;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + gained);
    this.#filledAt = now;
  }
}
