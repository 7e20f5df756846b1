/**
 * What a check is: one question about clusters, answered from facts already collected.
 *
 * @module
 */

/** What one check found. A warning or failure without a remedy does not compile. */
export type Outcome =
  /** `detail` is the evidence. */
  | { readonly status: "pass"; readonly detail: string | undefined }
  /** `remedy` is the next command to type, or the next thing to do. */
  | { readonly status: "warn" | "fail"; readonly detail: string; readonly remedy: string }
  /** `detail` is why nobody can tell. */
  | { readonly status: "skip"; readonly detail: string };

/**
 * One question. A check never reads a cluster itself, so its test is a literal in and a
 * literal out.
 */
export interface Check<Facts> {
  /** Stable, a path: `endpoint/certificate`. The anchor in docs/checks.md, and the name in JSON and JUnit. */
  readonly id: string;
  /** A sentence that is true when the check passes. */
  readonly title: string;
  /** Checks of the same run without whose passing (or warning) the answer means nothing. */
  readonly requires?: readonly string[];
  /**
   * Checks whose failure would explain this one, so that it is not asked then. That one of
   * them could not be answered is no obstacle.
   */
  readonly after?: readonly string[];
  readonly judge: (facts: Facts) => Outcome;
}

/** What a check found, and of what. */
export interface Finding {
  readonly id: string;
  readonly title: string;
  /** A context, or a direction such as `east → west`. */
  readonly subject: string;
  readonly outcome: Outcome;
  /** The check that did not pass and because of which this one was skipped: its consequence. */
  readonly because: string | undefined;
}

/** The check's sentence is true. */
export function pass(detail?: string): Outcome {
  return { status: "pass", detail };
}

/** It works, and somebody should look. */
export function warn(detail: string, remedy: string): Outcome {
  return { status: "warn", detail, remedy };
}

/** It does not work. */
export function fail(detail: string, remedy: string): Outcome {
  return { status: "fail", detail, remedy };
}

/** Nobody can tell, and why. */
export function skip(detail: string): Outcome {
  return { status: "skip", detail };
}
