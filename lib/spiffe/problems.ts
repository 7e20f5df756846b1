/**
 * How the readers of this folder say what they found.
 *
 * @module
 */
import type { Problem } from "./model.ts";

/** Collects problems; one place in the input per problem. */
export class Problems {
  readonly found: Problem[] = [];

  /** How many errors were found so far. */
  errors = 0;

  /** Whether an error was found: what was read is then refused. */
  get hasError(): boolean {
    return this.errors > 0;
  }

  /** Something for which the input is refused. */
  error(code: string, message: string, path: string): void {
    this.errors++;
    this.found.push({ severity: "error", code, message, path });
  }

  /** Something to know. */
  warn(code: string, message: string, path: string): void {
    this.found.push({ severity: "warning", code, message, path });
  }
}
