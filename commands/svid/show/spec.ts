import { command } from "../../command.ts";
import { GLOBAL_FLAGS, OUTPUT_TEXT_JSON } from "../../flags.ts";

/** `svid show CHAIN.pem` */
export const spec = command({
  path: ["svid", "show"],
  group: "Pieces",
  summary: "Say what a certificate chain is, and whether a bundle vouches for it",
  description: `Without a bundle it only says what the certificates claim. With one it decides as
a workload has to: chain, validity, usages, and the one SPIFFE ID, by the bundle
of that ID's own trust domain. Private keys in the file are never looked at.`,
  arguments: [{
    name: "CHAIN",
    summary: "certificates in PEM, leaf first; - is standard input",
    required: true,
    completes: "file",
  }],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    bundle: {
      type: "string",
      value: "FILE",
      summary: "SPIFFE bundle to judge by; - is standard input",
      completes: "file",
      group: "Trust",
    },
    trustDomain: {
      type: "string",
      value: "TD",
      summary: "whose bundle it is; goes with --bundle",
      group: "Trust",
    },
    expectId: {
      type: "string",
      value: "ID",
      summary: "the SPIFFE ID that it must have",
      consent: true,
      group: "Trust",
    },
    at: { type: "time", value: "TIME", summary: "judge as at this time instead of now" },
  },
  examples: [
    { run: "svid show svid.pem", does: "what the certificates say" },
    {
      run: "svid show svid.pem --bundle east.json --trust-domain apps.east.example",
      does: "whether the bundle vouches for it",
    },
  ],
  exits: [{ code: 3, when: "the bundle does not vouch for it, or it has another ID" }],
});
