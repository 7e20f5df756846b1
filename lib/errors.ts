/**
 * The one error class, and the one table of exit codes.
 *
 * @module
 */

/** What went wrong, in the reader's terms; each kind has one exit code. */
export const EXIT_CODES = {
  internal: 1, // a bug
  usage: 2, // the command line or an input is invalid; nothing was written
  unhealthy: 3, // a check failed: the tool works, the federation does not
  partial: 3, // at least one edge is not proven
  refused: 4, // trust was refused; nothing was written
  preflight: 5, // unreachable, unauthorised, missing or in conflict; nothing was written
  warned: 6, // nothing worse than warnings, and --fail-on warn was given
  timeout: 124, // --timeout was reached
  interrupted: 130, // SIGINT
  terminated: 143, // SIGTERM
} as const;

/** A kind of failure; its exit code is in {@linkcode EXIT_CODES}. */
export type FailureKind = keyof typeof EXIT_CODES;

/** What a {@linkcode SpirefedError} may carry beside its message. */
export interface FailureDetails {
  /** The next command to type, or the next thing to do. */
  readonly remedy?: string | undefined;
  /** What lies behind it; its message is shown on the `cause:` line. */
  readonly cause?: unknown;
  /**
   * A stable word for programs and for decisions in the code, so that nothing
   * ever depends on the wording of a message: `http/403`, `http/409`,
   * `net/refused`, `net/dns`, `net/timeout`, `net/reset`, `net/tls`,
   * `trust/impostor`, `trust/redirect`, `bundle/empty`…
   */
  readonly code?: string | undefined;
  /** Failures of several clusters side by side; each is shown, then this one. */
  readonly all?: readonly SpirefedError[] | undefined;
}

/**
 * A failure the user can act on.
 *
 * The message says what happened and starts with the cluster in brackets where
 * there is one; `remedy` is the next command to type. Anything thrown that is
 * not a `SpirefedError` is a bug, and is shown with its stack.
 *
 * @example Report a missing operator
 * ```ts
 * import { SpirefedError } from "./errors.ts";
 * import assert from "node:assert/strict";
 *
 * const error = new SpirefedError("preflight", "[east] SpireServer/cluster not found", {
 *   remedy: "oc spirefed install east",
 * });
 * assert.equal(error.exitCode, 5);
 * ```
 */
export class SpirefedError extends Error {
  override readonly name = "SpirefedError";
  readonly kind: FailureKind;
  readonly remedy: string | undefined;
  readonly code: string | undefined;
  readonly all: readonly SpirefedError[];

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.remedy = details.remedy;
    this.code = details.code;
    this.all = details.all ?? [];
  }

  /** The process exit code for this failure. */
  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}

/** A message where the cluster in brackets, which it starts with, is told already. */
export function withoutCluster(message: string): string {
  return message.replace(/^\[[^\]]*\] /, "");
}
