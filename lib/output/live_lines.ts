/**
 * A line a cluster that says what is waited for there: redrawn on a terminal, repeated
 * every ten seconds in a log.
 *
 * @module
 */
import type { Context } from "../context.ts";
import { printable } from "./printable.ts";

const LOG_EVERY_MS = 10_000;

/** Talks on stderr while a command works on several clusters. */
export class LiveLines {
  readonly #context: Pick<Context, "stderr" | "terminal" | "now">;
  readonly #names: readonly string[];
  readonly #texts = new Map<string, string>();
  readonly #loggedAt = new Map<string, number>();
  readonly #since: number;
  #drawn = 0;

  constructor(context: Pick<Context, "stderr" | "terminal" | "now">, names: readonly string[]) {
    this.#context = context;
    this.#names = names;
    this.#since = context.now().getTime();
  }

  /** Says what a cluster is waited for. */
  waitingFor(name: string, what: string): void {
    this.#texts.set(name, `waiting for ${printable(what, 300)} (${this.#passed()} s)`);
    if (this.#context.terminal.live) return this.#draw();
    const now = this.#context.now().getTime();
    const last = this.#loggedAt.get(name);
    if (last === undefined || now - last >= LOG_EVERY_MS) {
      if (last !== undefined) this.#context.stderr(`[${name}] ${this.#texts.get(name)}\n`);
      this.#loggedAt.set(name, now);
    }
  }

  /** A line about a cluster that stays. */
  say(name: string, text: string): void {
    this.#texts.delete(name);
    this.clear();
    this.#context.stderr(`[${name}] ${printable(text)}\n`);
    if (this.#context.terminal.live) this.#draw();
  }

  /** Takes the lines away, so that other lines can follow. */
  clear(): void {
    if (this.#drawn > 0) this.#context.stderr(`\x1b[${this.#drawn}A\r\x1b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    const { columns } = this.#context.terminal;
    const width = Math.max(...this.#names.map(({ length }) => length));
    const lines = this.#names.filter((name) => this.#texts.has(name)).map((name) =>
      `${printable(name).padEnd(width)}  ${this.#texts.get(name)}`.slice(
        0,
        Math.max(20, columns - 1),
      )
    );
    this.clear();
    this.#context.stderr(lines.map((line) => `${line}\n`).join(""));
    this.#drawn = lines.length;
  }

  #passed(): number {
    return Math.round((this.#context.now().getTime() - this.#since) / 1000);
  }
}
