import { command } from "../command.ts";
import { CLUSTERS, GLOBAL_FLAGS, OUTPUT_TEXT_JSON_JUNIT } from "../flags.ts";

/** `test-mtls SERVER CLIENT`: a real call across with SVIDs, and the calls that must fail. */
export const spec = command({
  path: ["test-mtls"],
  group: "Federate",
  summary: "Call across clusters with SVIDs, and try the calls that must fail",
  description: `Starts a small server in one cluster and callers in the other, each in a
namespace of its own, with SVIDs that they get as any workload does. Passes only
when both applications agree: the nonce came back, and each saw the other's exact
SPIFFE ID over TLS 1.3. Then eight calls that must be refused are made, and each
must be refused by the right side for the right reason. Removes what it made.

With --existing no server is made: a visitor in the caller's cluster shakes hands
with pods that run already, and judges what they show by what SPIRE gives them. It
asks their application nothing, so it proves less: see docs/test-mtls.md.`,
  arguments: [{
    ...CLUSTERS,
    summary: "the server's cluster, then the caller's; of more, every pair",
  }],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON_JUNIT,
    both: { type: "switch", summary: "test each pair in both directions" },
    repeat: {
      type: "integer",
      value: "N",
      default: "1",
      summary: "calls to make in all, with percentiles of their latency",
    },
    existing: {
      type: "string",
      value: "SELECTOR",
      summary: "visit pods that run in the server's cluster (as kubectl -l); goes with -n",
    },
    namespace: {
      type: "string",
      short: "n",
      value: "NS",
      summary: "namespace of those pods",
    },
    host: {
      type: "string",
      value: "HOST[:PORT]",
      summary: "how they are reached, where no passthrough Route says so",
    },
    callerId: {
      type: "string",
      value: "ID",
      summary: "the visitor's SPIFFE ID, where they let in one alone",
      consent: true,
      group: "Trust",
    },
    image: {
      type: "string",
      value: "IMAGE",
      default: "registry.redhat.io/ubi9/nodejs-22-minimal:latest",
      summary: "image with Node.js 20 or newer that both clusters can pull",
    },
    keep: { type: "switch", summary: "leave what was made, to look at" },
    cleanup: {
      type: "switch",
      summary: "remove what runs older than an hour left, and test nothing",
    },
    printImages: { type: "switch", summary: "print the images that are needed, one a line" },
    dryRun: {
      type: "switch",
      summary: "plan, have the servers try it (dryRun=All), make nothing",
    },
  },
  examples: [
    { run: "test-mtls east west", does: "a workload of west calls one of east" },
    { run: "test-mtls east west --both", does: "and one of east calls one of west" },
    { run: "test-mtls east west --repeat 20", does: "with percentiles of the latency" },
    { run: "test-mtls east west -o junit", does: "a report for a CI system" },
    {
      run: "test-mtls east west --existing app=cart -n shop",
      does: "what workloads that run in east show to one of west",
    },
    { run: "test-mtls --cleanup east west", does: "sweep up after runs that were killed" },
  ],
  exits: [
    { code: 3, when: "a call was not answered, or one got through that must not" },
    { code: 4, when: "a cluster's API is not verified; nothing was made" },
    { code: 5, when: "a cluster failed preflight; nothing was made" },
  ],
});
