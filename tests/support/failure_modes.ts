/**
 * The ways in which an installation goes wrong, each as patches on a practice cluster
 * called `east`, with what has to be said about it. Those that cannot be staged are named
 * with the reason.
 *
 * @module
 */
import { OLM_FAILURES } from "./failure_modes_olm.ts";
import { OPERAND_FAILURES } from "./failure_modes_operands.ts";
import type { FailureMode } from "./failure_staging.ts";

/** Every one that can be staged. */
export const FAILURE_MODES: readonly FailureMode[] = [...OLM_FAILURES, ...OPERAND_FAILURES];

/** What no practice cluster can show, and why. */
export const NOT_STAGED: Readonly<Record<string, string>> = {
  F19:
    "admission of inline CSI volumes is decided by Pod Security in the API server, for pods of workloads, which install and preflight never make",
};
