/**
 * Holds a World that things happen to: the place where both mounts, in memory and over
 * TLS, meet.
 *
 * @module
 */
import type { ClusterState, Instant, World } from "./model.ts";
import { type EventAnswer, respond, type WorldEvent } from "./world.ts";

/** A mutable World. */
export class Mount {
  #world: World;
  readonly #listeners = new Set<() => void>();

  constructor(world: World) {
    this.#world = world;
  }

  /** As it is now. */
  get world(): World {
    return this.#world;
  }

  /** Puts another World in its place: patches do that. */
  set world(world: World) {
    this.#world = world;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The World's time. */
  get now(): Instant {
    return this.#world.clock;
  }

  /** One cluster as it is now. */
  cluster(name: string): ClusterState {
    const cluster = this.#world.clusters.get(name);
    if (cluster === undefined) throw new Error(`no such practice cluster: ${name}`);
    return cluster;
  }

  /** Lets something happen. */
  dispatch(event: WorldEvent): EventAnswer {
    const [world, answer] = respond(this.#world, event);
    this.world = world;
    return answer;
  }

  /** Resolves after the next change, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((done) => {
      const settle = (): void => {
        this.#listeners.delete(settle);
        signal.removeEventListener("abort", settle);
        done();
      };
      if (signal.aborted) return done();
      this.#listeners.add(settle);
      signal.addEventListener("abort", settle, { once: true });
    });
  }
}
