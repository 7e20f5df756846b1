/**
 * One line that says what is waited for: redrawn on a terminal, repeated every ten
 * seconds in a log.
 *
 * @module
 */
import type { Context } from "../context.ts";
import { printable } from "./printable.ts";

const LOG_EVERY_MS = 10_000;

/** Talks on stderr while a command waits. */
export class LiveLine {
  readonly #context: Pick<Context, "stderr" | "terminal" | "now">;
  #drawn = false;
  #loggedAt: number | undefined;
  readonly #since: number;

  constructor(context: Pick<Context, "stderr" | "terminal" | "now">) {
    this.#context = context;
    this.#since = context.now().getTime();
  }

  /** Says what is waited for now. */
  waitingFor(what: string): void {
    const { stderr, terminal, now } = this.#context;
    const passed = Math.round((now().getTime() - this.#since) / 1000);
    const text = `waiting for ${printable(what, 200)} (${passed} s)`;
    if (terminal.live) {
      stderr(`\r\x1b[2K${text.slice(0, Math.max(20, terminal.columns - 1))}`);
      this.#drawn = true;
      return;
    }
    const at = now().getTime();
    this.#loggedAt ??= at;
    if (at - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = at;
    stderr(`${text}\n`);
  }

  /** Takes the line away, so that other lines can follow. */
  clear(): void {
    if (this.#drawn) this.#context.stderr("\r\x1b[2K");
    this.#drawn = false;
  }

  /** A line that stays. */
  say(line: string): void {
    this.clear();
    this.#context.stderr(`${line}\n`);
  }
}
