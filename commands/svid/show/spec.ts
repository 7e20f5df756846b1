import { command } from "../../command.ts";
import { AT_FLAG, CONTEXT_FLAG, GLOBAL_FLAGS, OUTPUT_TEXT_JSON } from "../../flags.ts";

/** `svid show CHAIN.pem` */
export const spec = command({
  path: ["svid", "show"],
  group: "Pieces",
  summary: "Say what a certificate chain is, and whether a bundle vouches for it",
  description: `Without a bundle it only says what the certificates claim. With one it decides as
a workload has to: chain, validity, usages, and the one SPIFFE ID, by the bundle
of that ID's own trust domain. Private keys in the file are never looked at.
With --context it names a running pod instead, and says which SVIDs its cluster's
SPIRE server gives it. The certificate that the pod holds is in its memory alone;
--file reads one that a helper wrote there, by a filter in the pod that leaves
everything but certificates behind. No key is copied.`,
  arguments: [{
    name: "CHAIN",
    summary: "certificates in PEM, leaf first, - is standard input; or a pod",
    required: true,
    completes: "file",
  }],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON,
    context: CONTEXT_FLAG,
    namespace: {
      type: "string",
      short: "n",
      value: "NS",
      summary: "namespace of the pod; goes with --context",
    },
    file: {
      type: "string",
      value: "PATH",
      summary: "certificates in the pod, such as /certs/svid.pem; goes with --context",
    },
    container: {
      type: "string",
      short: "c",
      value: "NAME",
      summary: "whose file it is, where the pod has several",
    },
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
    at: AT_FLAG,
  },
  examples: [
    { run: "svid show svid.pem", does: "what the certificates say" },
    {
      run: "svid show svid.pem --bundle east.json --trust-domain apps.east.example",
      does: "whether the bundle vouches for it",
    },
    { run: "svid show --context east -n shop cart-0", does: "which SVIDs a running pod is given" },
    {
      run: "svid show --context east -n shop cart-0 --file /certs/svid.pem",
      does: "and the one that a helper wrote, judged by the cluster's bundle",
    },
  ],
  exits: [
    { code: 3, when: "the bundle does not vouch for it, it has another ID, or a pod gets none" },
    { code: 5, when: "with --context: no such pod, or nobody may ask the SPIRE server" },
  ],
});
