import { command } from "../../command.ts";
import { AT_FLAG, GLOBAL_FLAGS, OUTPUT_TEXT_JSON } from "../../flags.ts";

/** `bundle verify FILE --trust-domain TD` */
export const spec = command({
  path: ["bundle", "verify"],
  group: "Pieces",
  summary: "Say whether a bundle installs, and whether SPIRE would refresh from it",
  description: `Two readers in the field have to take a bundle: go-spiffe, when it is installed,
and SPIRE, when it polls the endpoint. They differ, so there are two verdicts.
What two readers could understand differently is refused, with its place.`,
  arguments: [{
    name: "FILE",
    summary: "a SPIFFE bundle; - is standard input",
    required: true,
    completes: "file",
  }],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    trustDomain: {
      type: "string",
      value: "TD",
      summary: "the trust domain whose bundle it is meant to be; required",
      group: "Trust",
    },
    at: AT_FLAG,
  },
  examples: [
    {
      run: "bundle verify east.json --trust-domain apps.east.example",
      does: "judge a file",
    },
    {
      run: "bundle verify - --trust-domain apps.east.example -o json < east.json",
      does: "for programs; exit code 0 means that it installs",
    },
  ],
  exits: [],
});
