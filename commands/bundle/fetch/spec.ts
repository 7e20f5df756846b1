import { command } from "../../command.ts";
import {
  CONNECT_TO_FLAG,
  CONTEXT_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON,
  SOURCE_FLAG,
} from "../../flags.ts";

/** `bundle fetch`: a trust bundle, authenticated. */
export const spec = command({
  path: ["bundle", "fetch"],
  group: "Pieces",
  summary: "Print a trust bundle that is known to be its owner's",
  description: `With --context: the cluster's own API names the roots, they authenticate its
bundle endpoint, and what the endpoint serves is printed. With a URL: the
endpoint must prove itself under a bundle that you hold, or under a root whose
SHA-256 you got elsewhere. There is no insecure way.`,
  arguments: [{
    name: "URL",
    summary: "a bundle endpoint, where there is no context for its cluster",
    required: false,
    completes: "nothing",
  }],
  flags: {
    ...GLOBAL_FLAGS,
    context: CONTEXT_FLAG,
    output: OUTPUT_TEXT_JSON,
    trustDomain: {
      type: "string",
      value: "TD",
      summary: "trust domain of the endpoint at URL",
      group: "Trust",
    },
    bundle: {
      type: "string",
      value: "FILE",
      summary: "bundle that the endpoint at URL must prove itself under; - for stdin",
      completes: "file",
      group: "Trust",
    },
    endpointSpiffeId: {
      type: "string",
      value: "ID",
      summary: "SPIFFE ID of the endpoint, spiffe://TD/spire/server unless given",
      group: "Trust",
    },
    source: SOURCE_FLAG,
    expectFingerprint: {
      type: "list",
      value: "SHA256",
      summary: "SHA-256 of a root that must be there, got over another channel",
      consent: true,
      group: "Trust",
    },
    connectTo: CONNECT_TO_FLAG,
  },
  examples: [
    { run: "bundle fetch --context east > east.json", does: "a cluster's bundle, authenticated" },
    {
      run:
        "bundle fetch https://federation.apps.east.example --trust-domain apps.east.example --bundle east.json",
      does: "the newest one, under the one you hold",
    },
    {
      run:
        "bundle fetch https://federation.apps.east.example --trust-domain apps.east.example --expect-fingerprint SHA256",
      does: "the first one, under a root whose SHA-256 its owner told you",
    },
  ],
  exits: [
    { code: 4, when: "the endpoint is not who it should be, or serves what may not be trusted" },
    { code: 5, when: "the cluster or the endpoint cannot be read" },
  ],
});
