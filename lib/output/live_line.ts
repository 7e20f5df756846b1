/**
 * One line that says what is waited for: redrawn on a terminal, repeated every ten
 * seconds in a log.
 *
 * @module
 */
import type { Context } from "../context.ts";
import { printable } from "./printable.ts";

const LOG_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 1_000;

/** What a line is told with. */
type Talk = Pick<Context, "stderr" | "terminal" | "now" | "repeat">;

/** Talks on stderr while a command waits. */
export class LiveLine {
  readonly #context: Talk;
  #drawn = false;
  #what = "";
  #stopTicking: (() => void) | undefined;
  #loggedAt: number | undefined;
  readonly #since: number;

  constructor(context: Talk) {
    this.#context = context;
    this.#since = context.now().getTime();
  }

  /** Says what is waited for now, until {@linkcode clear}. */
  waitingFor(what: string): void {
    this.#what = what;
    const every = this.#context.terminal.live ? REDRAW_EVERY_MS : LOG_EVERY_MS;
    this.#stopTicking ??= this.#context.repeat?.(every, () => this.#tell());
    this.#tell();
  }

  #tell(): void {
    const { stderr, terminal, now } = this.#context;
    const at = now().getTime();
    const passed = Math.round((at - this.#since) / 1000);
    const text = `waiting for ${printable(this.#what, 200)} (${passed} s)`;
    if (terminal.live) {
      stderr(`\r\x1b[2K${text.slice(0, Math.max(20, terminal.columns - 1))}`);
      this.#drawn = true;
      return;
    }
    this.#loggedAt ??= at;
    if (at - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = at;
    stderr(`${text}\n`);
  }

  /** Takes the line away, so that other lines can follow. */
  clear(): void {
    this.#stopTicking?.();
    this.#stopTicking = undefined;
    if (this.#drawn) this.#context.stderr("\r\x1b[2K");
    this.#drawn = false;
  }

  /** A line that stays. */
  say(line: string): void {
    this.clear();
    this.#context.stderr(`${line}\n`);
  }
}
