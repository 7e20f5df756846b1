/**
 * Chance from a seed.
 *
 * @module
 */

/** Numbers from a seed, so that a run can be repeated. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** One of some. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** Whether one chance in `n` came up. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }
}

/** Changes one to three places of some bytes. */
export function spoilBytes(bytes: Uint8Array, dice: Dice, inserts: readonly string[]): Uint8Array {
  let spoiled = bytes;
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const at = dice.below(spoiled.length + 1);
    const insert = new TextEncoder().encode(dice.pick(inserts));
    spoiled = new Uint8Array([
      ...spoiled.subarray(0, at),
      ...insert,
      ...spoiled.subarray(at + dice.below(4)),
    ]);
  }
  return spoiled;
}
