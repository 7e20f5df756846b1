import { command } from "../command.ts";
import {
  CONNECT_TO_FLAG,
  DRY_RUN_FLAG,
  FORCE_CONFLICTS_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON_YAML,
  PAIRED_CLUSTERS,
  SKIP_FLAG,
  SOURCE_FLAG,
  YES_FLAG,
} from "../flags.ts";

/** `peer CTX CTX...`: mutual trust between the clusters named. */
export const spec = command({
  path: ["peer"],
  group: "Federate",
  summary: "Make clusters trust each other, and prove it",
  description: `Reads each cluster's roots over its own API, authenticates its bundle endpoint
under them, shows a plan, asks what must be asked, writes a
ClusterFederatedTrustDomain on each side, and ends only with every direction
proven by the SPIRE servers themselves. Run again, it writes nothing.`,
  arguments: [PAIRED_CLUSTERS],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON_YAML,
    dryRun: DRY_RUN_FLAG,
    yes: YES_FLAG,
    skip: SKIP_FLAG,
    topology: {
      type: "string",
      value: "WHICH",
      summary: "mesh, hub=CTX, or a file with a pair of contexts a line",
    },
    static: {
      type: "switch",
      summary: "also write SpireServer federatesWith; restarts SPIRE servers",
    },
    refreshEmbedded: {
      type: "switch",
      summary: "write fresh bundles into objects whose text is outdated",
    },
    adopt: {
      type: "switch",
      summary: "take over objects that declare a peer otherwise",
      consent: true,
    },
    forceConflicts: FORCE_CONFLICTS_FLAG,
    source: {
      ...SOURCE_FLAG,
      summary: "where bundles come from; api needs no endpoint in reach from here",
    },
    expectTrustDomain: {
      type: "list",
      value: "CTX=TD",
      summary: "the trust domain a context must have",
      consent: true,
      group: "Trust",
    },
    connectTo: CONNECT_TO_FLAG,
  },
  examples: [
    { run: "peer east west", does: "two clusters trust each other" },
    { run: "peer east west --dry-run", does: "see the plan; write nothing" },
    { run: "peer hub a b --topology hub=hub", does: "spokes trust the hub, not each other" },
    { run: "peer east west -o yaml", does: "the objects, for a Git repository" },
    { run: "peer ~/a.kubeconfig#admin ~/b.kubeconfig#admin", does: "contexts in two files" },
  ],
  exits: [
    { code: 3, when: "at least one direction is not proven; the table says which stand" },
    { code: 4, when: "trust was refused, or something needed consent; nothing was written" },
    { code: 5, when: "a cluster failed preflight; nothing was written" },
  ],
});
