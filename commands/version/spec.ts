import { command } from "../command.ts";
import { GLOBAL_FLAGS, OUTPUT_TEXT_JSON } from "../flags.ts";

/** `oc spirefed version` */
export const spec = command({
  path: ["version"],
  group: "Other",
  summary: "Print the version of this program",
  description: "Asks no cluster and no other machine.",
  arguments: [],
  flags: { ...GLOBAL_FLAGS, output: OUTPUT_TEXT_JSON },
  examples: [{ run: "version -o json", does: "for programs" }],
  exits: [],
});
