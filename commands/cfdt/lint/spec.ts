import { command } from "../../command.ts";
import { AT_FLAG, GLOBAL_FLAGS, OUTPUT_TEXT_JSON } from "../../flags.ts";

/** `cfdt lint -f FILE` */
export const spec = command({
  path: ["cfdt", "lint"],
  group: "Pieces",
  summary: "Judge ClusterFederatedTrustDomains before they are applied",
  description: `The controller says nothing about an object that it ignores, and the object has no
status: a wrong class name, a second object for one trust domain or a bundle that
does not parse only show as a line in a log. This is the place to find out.`,
  arguments: [],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    filename: {
      type: "list",
      short: "f",
      value: "FILE",
      summary: "YAML or JSON to judge, - is standard input; may be given several times",
      completes: "file",
    },
    at: AT_FLAG,
  },
  examples: [
    { run: "cfdt lint -f cfdt.yaml", does: "judge a file" },
    {
      run: "cfdt lint -f - -o json < cfdt.yaml",
      does: "for programs; exit code 0 means that all are in order",
    },
  ],
  exits: [],
});
