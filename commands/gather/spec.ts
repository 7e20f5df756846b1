import { command } from "../command.ts";
import { CLUSTERS, CONNECT_TO_FLAG, GLOBAL_FLAGS, OUTPUT_TEXT_JSON } from "../flags.ts";

/** `gather [CTX...] --out FILE`: one redacted archive. */
export const spec = command({
  path: ["gather"],
  group: "Troubleshoot",
  summary: "Put what there is to know of all clusters into one archive",
  description: `Objects by an allow-list of kinds and fields, logs with tokens and keys taken out,
what SPIRE servers and endpoints say, the computed status, and an index.html.
Secrets are never read. status and troubleshoot take the file with --from and
then speak to no cluster.`,
  arguments: [CLUSTERS],
  writes: "anywhere",
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    out: {
      type: "string",
      value: "FILE",
      summary: "the archive to write, a .tar.gz that must not be there yet",
      completes: "file",
    },
    connectTo: CONNECT_TO_FLAG,
  },
  examples: [
    { run: "gather --out federation.tar.gz", does: "all clusters that run the operator" },
    { run: "gather east west --out case.tar.gz", does: "two of them" },
    { run: "troubleshoot --from case.tar.gz", does: "look at it somewhere else" },
  ],
  exits: [
    { code: 3, when: "the archive was written, and lacks a cluster that did not answer" },
    { code: 5, when: "the file is there already, or cannot be made or written; there is none" },
  ],
});
