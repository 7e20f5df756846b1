/**
 * The way from a pod to a peer's bundle, link by link, until the first that is broken.
 *
 * @module
 */
import { type Check, fail, pass, skip, warn } from "../../check/check.ts";
import { printable } from "../../output/printable.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import type { Observation } from "../facts/facts.ts";
import { at } from "../facts/observation.ts";
import { itemsOf } from "../facts/section.ts";
import { waitingReason } from "./olm_checks.ts";
import type { PodFacts } from "./pod_facts.ts";

/** The controller's `ignoreNamespaces`, unanchored as it uses them. */
const IGNORED_REGEXP = /kube-system|kube-public|local-path-storage|openshift-*/;
const CSI = "csi.spiffe.io";

/** The ClusterSPIFFEIDs that choose a pod: those meant for it, and the fallback. */
function choosing(facts: PodFacts, fallback: boolean): readonly Observation[] {
  const [pod] = itemsOf(facts.pod);
  if (pod === undefined) return [];
  return facts.view.objects("spiffeIds").filter(({ kept }) =>
    at(kept, "spec", "className") === facts.view.className &&
    (at(kept, "spec", "fallback") === true) === fallback &&
    matches(at(kept, "spec", "podSelector"), pod.allLabels) &&
    matches(at(kept, "spec", "namespaceSelector"), facts.namespaceLabels)
  );
}

/** Whether a label selector chooses something with these labels; an absent one chooses all. */
export function matches(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (!isRecord(selector)) return true;
  const wanted = isRecord(selector["matchLabels"]) ? Object.entries(selector["matchLabels"]) : [];
  const expressions = Array.isArray(selector["matchExpressions"])
    ? selector["matchExpressions"].filter(isRecord)
    : [];
  return wanted.every(([name, value]) => labels[name] === value) &&
    expressions.every((one) => matchesExpression(one, labels));
}

function matchesExpression(
  { key, operator, values }: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, String(key)) ? labels[String(key)] : undefined;
  const list = Array.isArray(values) ? values : [];
  switch (operator) {
    case "In":
      return list.includes(value);
    case "NotIn":
      return !list.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}

function federatesWith(objects: readonly Observation[]): readonly string[] {
  return [
    ...new Set(objects.flatMap(({ kept }) => {
      const peers = at(kept, "spec", "federatesWith");
      return Array.isArray(peers) ? peers.map(String) : [];
    })),
  ];
}

function names(objects: readonly Observation[]): string {
  return objects.map(({ name }) => printable(name, 80)).join(", ");
}

/** A pod of a DaemonSet on the node that the pod is on. */
function onNode({ view, pod }: PodFacts, name: string): Observation | undefined {
  const node = at(itemsOf(pod)[0]?.kept, "spec", "nodeName");
  return view.objects("pods").find((one) =>
    one.name.startsWith(`${name}-`) && at(one.kept, "spec", "nodeName") === node
  );
}

function checkOnNode(id: string, title: string, name: string, after: string): Check<PodFacts> {
  return {
    id,
    title,
    after: [after],
    judge: (facts) => {
      const node = at(itemsOf(facts.pod)[0]?.kept, "spec", "nodeName");
      if (typeof node !== "string") return skip("the pod is on no node yet");
      const found = onNode(facts, name);
      const describe =
        `oc --context ${facts.view.name} -n zero-trust-workload-identity-manager get pods -o wide`;
      if (found === undefined) {
        return facts.view.objects("pods").some((one) => one.name.startsWith(`${name}-`))
          ? fail(`${name} is not on node ${printable(node, 100)}`, describe)
          : skip("the operator's pods may not be read");
      }
      const reason = waitingReason(found);
      return reason === undefined ? pass(found.name) : fail(`${found.name}: ${reason}`, describe);
    },
  };
}

/** In the order of the way. */
export const POD_CHECKS: readonly Check<PodFacts>[] = [
  {
    id: "pod/there",
    title: "the pod is there",
    judge: ({ pod, view, namespace, name }) =>
      pod.state === "unread" ? skip(pod.why) : pod.items.length > 0 ? pass() : fail(
        "there is no such pod",
        `oc --context ${view.name} -n ${namespace} get pods   # not ${name}`,
      ),
  },
  {
    id: "pod/namespace",
    title: "the controller minds the pod's namespace",
    after: ["pod/there"],
    judge: ({ namespace }) =>
      IGNORED_REGEXP.test(namespace)
        ? fail(
          `the controller ignores namespaces like ${printable(namespace, 100)}`,
          "give the namespace another name",
        )
        : pass(),
  },
  {
    id: "pod/selected",
    title: "a ClusterSPIFFEID chooses the pod",
    after: ["pod/namespace"],
    judge: (facts) => {
      const meant = choosing(facts, false);
      if (meant.length > 0) return pass(names(meant));
      const remedy =
        `oc --context ${facts.view.name} get clusterspiffeids -o yaml   # compare selectors with: oc --context ${facts.view.name} -n ${facts.namespace} get pod ${facts.name} --show-labels`;
      const fallback = choosing(facts, true);
      return fallback.length > 0
        ? warn(
          `only the fallback ${
            names(fallback)
          } chooses it: it gets an identity, and no peer's bundle`,
          remedy,
        )
        : fail("no ClusterSPIFFEID chooses it: it gets no identity", remedy);
    },
  },
  {
    id: "pod/federates",
    title: "its ClusterSPIFFEID names peers",
    after: ["pod/selected"],
    judge: (facts) => {
      const meant = choosing(facts, false);
      const peers = federatesWith(meant);
      if (meant.length === 0) return skip("none is meant for it");
      return peers.length > 0 ? pass(peers.map((one) => printable(one, 100)).join(", ")) : warn(
        `${names(meant)} names no peer: the pod trusts its own trust domain alone`,
        `oc --context ${facts.view.name} edit clusterspiffeid ${meant[0]?.name}   # federatesWith`,
      );
    },
  },
  {
    id: "pod/bundles",
    title: "the peers' bundles are stored",
    after: ["pod/federates"],
    judge: (facts) => {
      const missing = federatesWith(choosing(facts, false)).filter((name) =>
        facts.view.stored(name).state === "absent"
      );
      return missing.length === 0 ? pass() : fail(
        `no bundle of ${
          missing.map((one) => printable(one, 100)).join(", ")
        } is stored: SPIRE refuses the whole entry`,
        `oc spirefed troubleshoot ${facts.view.name} --area federation`,
      );
    },
  },
  {
    id: "pod/entry",
    title: "SPIRE has an entry for the pod",
    after: ["pod/bundles"],
    judge: (facts) => {
      if (facts.entries.state === "unread") return skip(facts.entries.why);
      const wanted = federatesWith(choosing(facts, false));
      const [entry] = facts.entries.items;
      const logs =
        `oc --context ${facts.view.name} -n zero-trust-workload-identity-manager logs spire-server-0 -c spire-controller-manager`;
      if (entry === undefined) return fail("the server has no entry for it", logs);
      const lacking = wanted.filter((name) =>
        facts.entries.state === "read" &&
        facts.entries.items.every(({ federatesWith }) => !federatesWith.includes(name))
      );
      return lacking.length === 0 ? pass(printable(entry.spiffeId, 200)) : fail(
        `its entry does not federate with ${lacking.map((one) => printable(one, 100)).join(", ")}`,
        logs,
      );
    },
  },
  checkOnNode("pod/agent", "a SPIRE agent runs on its node", "spire-agent", "pod/entry"),
  checkOnNode("pod/csi", "the CSI driver runs on its node", "spire-spiffe-csi-driver", "pod/agent"),
  {
    id: "pod/volume",
    title: "it mounts the Workload API",
    after: ["pod/csi"],
    judge: ({ pod, view, namespace, name }) => {
      const volumes = at(itemsOf(pod)[0]?.kept, "spec", "volumes");
      const drivers = (Array.isArray(volumes) ? volumes : []).map((one) => at(one, "csi", "driver"))
        .filter((driver): driver is string => typeof driver === "string");
      if (drivers.includes(CSI)) return pass();
      return fail(
        drivers.length === 0
          ? `it has no CSI volume of ${CSI}`
          : `its CSI volume is of ${
            drivers.map((one) => printable(one, 80)).join(", ")
          }, not ${CSI}`,
        `add to ${namespace}/${name}: volumes: [{name: spiffe, csi: {driver: ${CSI}, readOnly: true}}]   # in ${view.name}`,
      );
    },
  },
  {
    id: "pod/running",
    title: "it runs",
    after: ["pod/volume"],
    judge: ({ pod, view, namespace, name, events }) => {
      const [found] = itemsOf(pod);
      const phase = String(at(found?.kept, "status", "phase") ?? "unknown");
      const trouble = events.findLast((one) => /^Failed|BackOff/.test(one));
      const reason = found && waitingReason(found);
      return phase === "Running" && reason === undefined ? pass() : fail(
        printable(
          `${phase}${reason === undefined ? "" : `; ${reason}`}${
            trouble === undefined ? "" : `; ${trouble}`
          }`,
          400,
        ),
        `oc --context ${view.name} -n ${namespace} describe pod ${name}`,
      );
    },
  },
];
