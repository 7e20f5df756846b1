import { command } from "../command.ts";
import { GLOBAL_FLAGS } from "../flags.ts";

/** `sandbox`: practice clusters on this machine. */
export const spec = command({
  path: ["sandbox"],
  group: "Practise",
  summary: "Run practice clusters on this machine until Ctrl-C",
  description: `A stand-in for OpenShift clusters with SPIRE, in this process and on loopback
only: nothing in it is real but the certificates, and nothing leaves this
machine. Paste the two export lines into another shell; kubectl and this program
then work on contexts east and west. Its files go when it ends.`,
  arguments: [],
  writes: "temporary folder",
  flags: {
    clusters: {
      type: "integer",
      value: "N",
      default: "2",
      summary: "how many: east, west, north, south, c5...",
    },
    empty: {
      type: "switch",
      summary: "begin without the operator, to practise install",
    },
    port: {
      type: "integer",
      value: "PORT",
      default: "0",
      summary: "first of N+1 ports to listen on; 0 takes any that are free",
    },
    speed: {
      type: "integer",
      value: "TIMES",
      default: "1",
      summary: "how much faster its clock goes: polls and CA rotations come sooner",
    },
    noColor: GLOBAL_FLAGS.noColor,
  },
  examples: [
    { run: "sandbox", does: "two clusters, east and west" },
    { run: "sandbox --clusters 5", does: "five, for meshes and hubs" },
    { run: "sandbox --empty", does: "two clusters to run install on" },
    { run: "sandbox --speed 60", does: "an hour of SPIRE in a minute" },
  ],
  exits: [{ code: 5, when: "a port is taken" }],
});
