/**
 * A corpus: every failure mode that is known, staged alone on a federation that works, with
 * the check that must name it first.
 *
 * @module
 */
import { ENDPOINT_WORLDS } from "./endpoints.ts";
import { OPERAND_WORLDS } from "./operands.ts";
import { OPERATOR_WORLDS } from "./operator.ts";
import { RELATIONSHIP_WORLDS } from "./relationships.ts";
import type { BrokenWorld } from "./staging.ts";
import { WORKLOAD_WORLDS } from "./workloads.ts";

/** All that can be staged. */
export const BROKEN_WORLDS: readonly BrokenWorld[] = [
  ...OPERATOR_WORLDS,
  ...OPERAND_WORLDS,
  ...ENDPOINT_WORLDS,
  ...RELATIONSHIP_WORLDS,
  ...WORKLOAD_WORLDS,
];

/** Failure modes that are not staged, and why. */
export const NOT_STAGED: ReadonlyMap<string, string> = new Map([
  [
    "F9",
    "an answer to a write; nothing of it stays in the cluster (install and preflight try it by dry-run)",
  ],
  ["F15", "no fault: a route managed by hand; it is among the healthy worlds"],
  [
    "F22",
    "the load of a process is in nothing that is read, and its cause is in every installation of 1.0",
  ],
  ["F43", "a relationship that is gone leaves nothing to be seen"],
  ["F51", "files inside of workloads are never read; test-mtls answers it"],
  ["F52", "how somebody calls openssl is not in the cluster; test-mtls answers it"],
]);
