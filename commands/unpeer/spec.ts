import { command } from "../command.ts";
import {
  DRY_RUN_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON,
  PAIRED_CLUSTERS,
  SKIP_FLAG,
  YES_FLAG,
} from "../flags.ts";

/** `unpeer CTX CTX...`: takes mutual trust away. */
export const spec = command({
  path: ["unpeer"],
  group: "Federate",
  summary: "Take trust away on both sides, and prove it gone",
  description: `Between the first cluster and each of the others, in both directions: shows
who uses the peer's keys, asks, then takes away references to the peer, its
ClusterFederatedTrustDomain, its static entry and, last, the stored bundle,
without which "oc delete" leaves the peer trusted. Trust in other clusters stays
as it is. Needs to run commands in the pod spire-server-0.`,
  arguments: [PAIRED_CLUSTERS],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    dryRun: DRY_RUN_FLAG,
    yes: YES_FLAG,
    skip: SKIP_FLAG,
    localOnly: {
      type: "switch",
      summary: "change the first cluster only; the others may be dead, and trust domains",
    },
  },
  examples: [
    { run: "unpeer east west", does: "neither trusts the other any more" },
    { run: "unpeer east west --dry-run", does: "see the plan and who is concerned" },
    { run: "unpeer hub a b --yes", does: "the hub leaves two spokes, without questions" },
    { run: "unpeer east apps.west.example --local-only", does: "the other side is dead" },
  ],
  exits: [
    { code: 3, when: "at least one direction is not proven gone; the table says what remains" },
    { code: 4, when: "something needed consent; nothing was written" },
    { code: 5, when: "a cluster failed preflight; nothing was written" },
  ],
});
