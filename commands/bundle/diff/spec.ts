import { command } from "../../command.ts";
import { AT_FLAG, GLOBAL_FLAGS, OUTPUT_TEXT_JSON } from "../../flags.ts";

/** `bundle diff OLD NEW --trust-domain TD` */
export const spec = command({
  path: ["bundle", "diff"],
  group: "Pieces",
  summary: "Say what became of a bundle, and whether the new one may just be taken",
  description: `Compares authorities by fingerprint and key ID, not text. A bundle that shares no
X.509 authority with the old one, is older, or revokes everything wants to be
confirmed. Sharing an authority proves nothing: certificates of CAs are public.`,
  arguments: [
    {
      name: "OLD",
      summary: "the bundle held so far; - is standard input",
      required: true,
      completes: "file",
    },
    { name: "NEW", summary: "the bundle offered", required: true, completes: "file" },
  ],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    trustDomain: {
      type: "string",
      value: "TD",
      summary: "the trust domain of both; required",
      group: "Trust",
    },
    at: AT_FLAG,
  },
  examples: [
    {
      run: "bundle diff old.json new.json --trust-domain apps.east.example",
      does: "what changed",
    },
    {
      run: "bundle diff old.json - --trust-domain apps.east.example -o json < new.json",
      does: "for programs; exit code 4 means: confirm first",
    },
  ],
  exits: [{ code: 4, when: "the change wants to be confirmed" }],
});
