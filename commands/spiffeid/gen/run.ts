import { SpirefedError } from "../../../lib/errors.ts";
import { printable } from "../../../lib/output/printable.ts";
import { clusterSpiffeId } from "../../../manifests/cluster_spiffe_id.ts";
import { isObjectName } from "../../../manifests/object_name.ts";
import { clusterAccess } from "../../cluster_access.ts";
import type { Invocation, Run } from "../../command.ts";
import { requiredFlag } from "../../required_flag.ts";
import { goDuration } from "./go_duration.ts";
import { parseLabels } from "./labels.ts";
import { trustDomainsOf } from "./peers.ts";
import type { spec } from "./spec.ts";
import { judgeTemplate } from "./template.ts";

type Flags = Invocation<typeof spec>["flags"];

/** `oc spirefed spiffeid gen` */
export const run: Run<typeof spec> = async ({ flags }, context) => {
  const name = requireName(flags);
  const namespaceLabels = parseLabels("--namespace-label", flags.namespaceLabel);
  const podLabels = parseLabels("--pod-label", flags.podLabel);
  requireSelection(flags);
  const warning = judgeTemplate(flags.spiffeIdTemplate);
  const names = flags.federatesWith;
  if (names.length === 0) requiredFlag(undefined, "--federates-with apps.west.example");
  const federatesWith = await trustDomainsOf(names, clusterAccess(flags, context), context);
  const warnings = [
    ...warning === undefined ? [] : [warning],
    ...ignoredNamespaces(namespaceLabels),
    `apply it only when the ${federatesWith.length === 1 ? "bundle" : "bundles"} of ` +
    `${federatesWith.join(", ")} ${federatesWith.length === 1 ? "is" : "are"} stored: ` +
    `until then its workloads get no identity at all (${context.program} peer stores and proves it)`,
  ];
  for (const line of warnings) context.stderr(`warning: ${printable(line)}\n`);
  const ttl = flags.ttl === undefined ? undefined : goDuration(flags.ttl);
  return {
    result: {
      kind: "Manifests",
      items: [clusterSpiffeId({
        federatesWith,
        namespaceLabels,
        podLabels,
        ttl,
        spiffeIDTemplate: flags.spiffeIdTemplate,
        className: flags.className,
      }, { name })],
    },
  };
};

function requireName({ name }: Flags): string {
  const given = requiredFlag(name, "--name shop");
  if (isObjectName(given)) return given;
  throw new SpirefedError("usage", `${JSON.stringify(given)} is not an object's name`, {
    remedy: "use lower-case letters, digits, dots and dashes, as in --name shop",
  });
}

function requireSelection({ namespaceLabel, podLabel, allPods }: Flags): void {
  const selects = namespaceLabel.length + podLabel.length > 0;
  if (selects && allPods) {
    throw new SpirefedError("usage", "--all-pods and labels contradict each other", {
      remedy: "leave out --all-pods or the labels",
    });
  }
  if (selects || allPods) return;
  throw new SpirefedError(
    "usage",
    "No pods are selected: without labels every pod of the cluster would be, and each would " +
      "be without an identity whenever the peer's bundle is missing",
    { remedy: "add --pod-label KEY=VALUE or --namespace-label KEY=VALUE, or say --all-pods" },
  );
}

/** The operator lets the controller ignore these, by patterns that are not anchored. */
function ignoredNamespaces(labels: Readonly<Record<string, string>>): readonly string[] {
  const name = labels["kubernetes.io/metadata.name"];
  if (name === undefined) return [];
  if (!/kube-system|kube-public|local-path-storage|openshift-/.test(name)) return [];
  return [`the controller ignores the namespace ${name}, by the operator's own rules`];
}
