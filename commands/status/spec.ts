import { command } from "../command.ts";
import {
  CLUSTERS,
  CONNECT_TO_FLAG,
  FAIL_ON_FLAG,
  FROM_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON,
} from "../flags.ts";

/** `status [CTX...]`: what every side holds of every other, with the verdict. */
export const spec = command({
  path: ["status"],
  aliases: ["verify"],
  group: "Federate",
  summary: "Say what every side holds of every other, with the verdict",
  description: `Looks at all clusters side by side: operands, keys and their rotation, endpoints,
and each direction of trust with its conditions, its last and next refresh, and
how long it lasts should the peer's endpoint stay away. Says "trusted" only for
what was seen. Without contexts: all of the kubeconfig that run the operator.`,
  arguments: [CLUSTERS],
  flags: {
    ...GLOBAL_FLAGS,
    output: { ...OUTPUT_TEXT_JSON, choices: ["text", "json", "junit", "html"] },
    refresh: {
      type: "switch",
      summary: "have each server fetch its peers' bundles now, as proof",
    },
    wait: { type: "switch", summary: "until all is well, or --timeout; says what is missing" },
    watch: { type: "switch", summary: "look again every 5 s and redraw, until Ctrl-C" },
    expiresWithin: {
      type: "string",
      value: "SHARE",
      default: "20%",
      summary: "warn when less is left of a life: 20%, or a time such as 6h",
    },
    failOn: FAIL_ON_FLAG,
    from: FROM_FLAG,
    connectTo: CONNECT_TO_FLAG,
  },
  examples: [
    { run: "status", does: "all clusters of the kubeconfig that run the operator" },
    { run: "status east west --refresh", does: "with proof by the SPIRE servers themselves" },
    { run: "status east west --wait --timeout 2m", does: "in a pipeline, after peer" },
    { run: "status -o html > federation.html", does: "one page to pass on" },
    { run: "status --fail-on warn --expires-within 30%", does: "from cron" },
  ],
  exits: [
    { code: 3, when: "a cluster, an operand or a direction is not well, or not proven" },
    { code: 6, when: "nothing worse than warnings, with --fail-on warn" },
  ],
});
