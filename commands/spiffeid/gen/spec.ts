import { command } from "../../command.ts";
import { GLOBAL_FLAGS, OUTPUT_YAML_JSON } from "../../flags.ts";

/** `spiffeid gen` */
export const spec = command({
  path: ["spiffeid", "gen"],
  group: "Pieces",
  summary: "Print a ClusterSPIFFEID whose workloads receive a peer's bundle",
  description: `A workload receives the bundle of a federated trust domain only when its
ClusterSPIFFEID names it. Pods that no selector here chooses fall back to the
operator's default object: they get the same ID, and no peer's bundle. Apply it
only when the peer's bundle is stored: until then its workloads get no identity.`,
  arguments: [],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_YAML_JSON,
    name: { type: "string", value: "NAME", summary: "name of the object; required" },
    federatesWith: {
      type: "list",
      value: "CTX|TD",
      summary: "whose bundle they receive: a context, a trust domain, or spiffe://TD; repeatable",
      completes: "context",
    },
    namespaceLabel: {
      type: "list",
      value: "KEY=VALUE",
      summary: "choose namespaces by this label; may be given several times",
    },
    podLabel: {
      type: "list",
      value: "KEY=VALUE",
      summary: "choose pods by this label; may be given several times",
    },
    allPods: { type: "switch", summary: "choose every pod of the cluster", consent: true },
    className: {
      type: "string",
      value: "NAME",
      summary: "class of the controller that shall mind the object",
    },
    spiffeIdTemplate: {
      type: "string",
      value: "TEMPLATE",
      summary: "how IDs are made; by namespace and service account unless given",
    },
    ttl: { type: "duration", value: "TIME", summary: "how long an SVID lives" },
  },
  examples: [
    {
      run: "spiffeid gen --name shop --federates-with west --pod-label app=shop",
      does: "pods of the shop receive west's bundle",
    },
    {
      run:
        "spiffeid gen --name shop --federates-with apps.west.example --namespace-label kubernetes.io/metadata.name=shop",
      does: "without asking a cluster",
    },
  ],
  exits: [{ code: 5, when: "a cluster named by its context cannot be read" }],
});
