import { command } from "../command.ts";
import {
  CLUSTERS,
  CONNECT_TO_FLAG,
  DRY_RUN_FLAG,
  FORCE_CONFLICTS_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON_YAML,
  YES_FLAG,
} from "../flags.ts";
import { SETTINGS_FLAGS } from "../settings_flags.ts";

/** `install CTX...`: operator, stack, endpoint. */
export const spec = command({
  path: ["install"],
  group: "Set up",
  summary: "Install the operator, SPIRE and its bundle endpoint",
  description: `Looks for everything that would make it fail, shows a plan, asks about what
can never be changed, then writes and waits on all clusters side by side: the
operator through OLM, the SPIRE stack, and the bundle endpoint, which has to
answer and to prove itself. Run again, it goes on from what is there; on a
healthy cluster it writes nothing.`,
  arguments: [{ ...CLUSTERS, required: true }],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON_YAML,
    dryRun: DRY_RUN_FLAG,
    yes: YES_FLAG,
    only: {
      type: "string",
      value: "PARTS",
      default: "operator,stack,endpoint",
      summary: "parts to install, with commas between them",
    },
    forceConflicts: FORCE_CONFLICTS_FLAG,
    ...SETTINGS_FLAGS,
    connectTo: CONNECT_TO_FLAG,
  },
  examples: [
    { run: "install east west", does: "both clusters, side by side" },
    { run: "install east --dry-run", does: "see the plan; write nothing" },
    { run: "install east --only endpoint", does: "a bundle endpoint for a stack that is there" },
    { run: "install east --approval manual --yes", does: "no later update without approval" },
    { run: "install east west -f values.yaml -o yaml", does: "the objects, for a Git repository" },
  ],
  exits: [
    { code: 3, when: "a cluster is not ready; the table says what stands" },
    {
      code: 4,
      when: "something needed consent, nothing was written; or the endpoint is not its own",
    },
    { code: 5, when: "something stands in the way; nothing was written" },
  ],
});
