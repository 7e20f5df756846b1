import { command } from "../command.ts";
import {
  CLUSTERS,
  DRY_RUN_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON,
  SKIP_FLAG,
  YES_FLAG,
} from "../flags.ts";

/** `cleanup CTX...`: takes away what this program made. */
export const spec = command({
  path: ["cleanup"],
  group: "Clean up",
  summary: "Take away what this program made, in a safe order",
  description: `Goes by the label on what this program made, never by kind: what others made
stays and is listed. Refuses while pods of others mount the Workload API. There
is no default: say with --only or --all what is to go.

  workloads    namespaces and identities of this program's own test runs
  federation   relationships, static entries and stored bundles, as unpeer does
  stack        the operator's objects, their Routes, and, after asking, the
               claim with the certificate authority
  operator     the Subscription, its own version, its group and its namespace`,
  arguments: [{
    ...CLUSTERS,
    summary: "one or more clusters: contexts, or path/to/kubeconfig#context",
    required: true,
  }],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    only: {
      type: "string",
      value: "PARTS",
      parts: ["workloads", "federation", "stack", "operator"],
      summary: "workloads, federation, stack, operator; several with commas",
      consent: true,
    },
    all: { type: "switch", summary: "all four parts", consent: true },
    keepCa: { type: "switch", summary: "leave the claim with the certificate authority" },
    crds: {
      type: "switch",
      summary: "with operator: take the definitions away too",
      consent: true,
    },
    dryRun: DRY_RUN_FLAG,
    yes: YES_FLAG,
    skip: SKIP_FLAG,
  },
  examples: [
    { run: "cleanup east --only workloads", does: "what a test run left behind" },
    { run: "cleanup east west --only federation", does: "no trust that this program made" },
    { run: "cleanup east --all --dry-run", does: "see what would go, and what would stay" },
    { run: "cleanup east --only stack,operator --keep-ca", does: "to be installed again" },
  ],
  exits: [
    { code: 3, when: "something that was to go is still there; the list says what holds it" },
    { code: 4, when: "something needed consent; nothing was written" },
    { code: 5, when: "others still need it, or a cluster failed preflight; nothing was written" },
  ],
});
