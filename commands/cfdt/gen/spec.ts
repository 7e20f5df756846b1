import { command } from "../../command.ts";
import {
  AT_FLAG,
  CONNECT_TO_FLAG,
  CONTEXT_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_YAML_JSON,
  SOURCE_FLAG,
} from "../../flags.ts";

/** `cfdt gen` */
export const spec = command({
  path: ["cfdt", "gen"],
  group: "Pieces",
  summary: "Print the ClusterFederatedTrustDomain by which others trust a cluster",
  description: `With --context: trust domain, endpoint and bundle are read from the cluster, and
its own API authenticates them. With --trust-domain and --bundle: from what you
hold, without asking anybody. The bundle is printed anew, never as it came in,
and the same input gives the same bytes. Apply it to the clusters that are to
trust that trust domain.`,
  arguments: [],
  flags: {
    ...GLOBAL_FLAGS,
    context: CONTEXT_FLAG,
    output: OUTPUT_YAML_JSON,
    trustDomain: {
      type: "string",
      value: "TD",
      summary: "the trust domain to trust; with --context, the one that is expected",
      group: "Trust",
    },
    bundle: {
      type: "string",
      value: "FILE",
      summary: "its SPIFFE bundle; - is standard input",
      completes: "file",
      group: "Trust",
    },
    endpointUrl: {
      type: "string",
      value: "URL",
      summary: "its bundle endpoint; https://federation.TD unless given",
    },
    endpointSpiffeId: {
      type: "string",
      value: "ID",
      summary: "SPIFFE ID of the endpoint; spiffe://TD/spire/server unless given",
    },
    profile: {
      type: "string",
      value: "PROFILE",
      choices: ["https_spiffe", "https_web"],
      summary: "how the endpoint authenticates itself; https_spiffe unless given",
    },
    className: {
      type: "string",
      value: "NAME",
      summary: "class of the controller that shall mind the object",
    },
    source: SOURCE_FLAG,
    connectTo: CONNECT_TO_FLAG,
    at: { ...AT_FLAG, summary: "judge as at this time; not with --context" },
  },
  examples: [
    {
      run: "cfdt gen --context east | oc --context west apply -f -",
      does: "west trusts east, once",
    },
    {
      run: "cfdt gen --trust-domain apps.east.example --bundle east.json > cfdt.yaml",
      does: "from files, for a Git repository",
    },
  ],
  exits: [
    { code: 4, when: "the endpoint is not who it should be, or serves what may not be trusted" },
    { code: 5, when: "the cluster or the endpoint cannot be read" },
  ],
});
