/**
 * Whether agents and the CSI driver run on every node, and find each other.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip } from "../../check/check.ts";
import type { Observation } from "../facts/facts.ts";
import type { ClusterView } from "../facts/view.ts";
import { readinessOf } from "../status/operands.ts";
import { logLine } from "./log_lines.ts";
import { textIn, waitingReason } from "./olm_checks.ts";
import { eventWith, oc, workload } from "./operand_words.ts";

function podsOf(view: ClusterView, name: string): readonly Observation[] {
  return view.objects("pods").filter((pod) => pod.name.startsWith(`${name}-`));
}

/** A workload whose pods are not all ready, with the reason of the first. */
function running(view: ClusterView, key: string, name: string): Outcome {
  const object = workload(view, key, name);
  if (object === undefined) return skip(`${name} is not there, or may not be read`);
  const { ready, wanted } = readinessOf(object);
  if (ready === undefined) return skip(`${name} has no status yet`);
  if (ready >= wanted && wanted > 0) return pass(`${ready}/${wanted} ready`);
  const ill = podsOf(view, name).map((pod) => [pod.name, waitingReason(pod)] as const)
    .find(([, reason]) => reason !== undefined);
  const why = ill === undefined ? "" : `; ${ill[0]}: ${ill[1]}`;
  if (wanted === 0) return fail(`${name} is on no node`, oc(view, `get daemonset ${name} -o wide`));
  return fail(
    `${ready}/${wanted} ready${why}`,
    oc(view, `describe pods -l app.kubernetes.io/name`),
  );
}

/** Agents and the CSI driver, in the order in which one needs the other. */
export const NODE_CHECKS: readonly Check<ClusterView>[] = [
  {
    id: "agent/attestors",
    title: "agents can attest nodes and workloads",
    after: ["stack/created"],
    judge: (view) => {
      const [agent] = view.objects("agent");
      if (agent === undefined) return skip("SpireAgent/cluster is not there, or may not be read");
      const node = textIn(agent, "spec", "nodeAttestor", "k8sPSATEnabled");
      const work = textIn(agent, "spec", "workloadAttestors", "k8sEnabled");
      const lacking = [
        ...node === "true" ? [] : ["nodeAttestor.k8sPSATEnabled"],
        ...work === "true" ? [] : ["workloadAttestors.k8sEnabled"],
      ];
      return lacking.length === 0 ? pass() : fail(
        `SpireAgent/cluster lacks ${lacking.join(" and ")}: agents cannot attest`,
        `oc --context ${view.name} patch spireagent cluster --type merge -p '{"spec":{"nodeAttestor":{"k8sPSATEnabled":"true"},"workloadAttestors":{"k8sEnabled":"true"}}}'`,
      );
    },
  },
  {
    id: "agent/running",
    title: "a SPIRE agent runs on every node",
    after: ["agent/attestors", "scc/admission", "server/running"],
    judge: (view) => running(view, "daemonSets", "spire-agent"),
  },
  {
    id: "csi/names",
    title: "CSI driver and agent agree on driver name and socket",
    after: ["stack/created"],
    judge: (view) => {
      const [csi] = view.objects("csi");
      const [agent] = view.objects("agent");
      if (csi === undefined) {
        return skip("SpiffeCSIDriver/cluster is not there, or may not be read");
      }
      const socket = textIn(csi, "spec", "agentSocketPath");
      const wanted = textIn(agent, "spec", "socketPath");
      if (socket !== "" && wanted !== "" && socket !== wanted) {
        return fail(
          `SpiffeCSIDriver mounts ${socket}, SpireAgent listens in ${wanted}`,
          `oc --context ${view.name} patch spiffecsidriver cluster --type merge -p '{"spec":{"agentSocketPath":"${wanted}"}}'`,
        );
      }
      const unknown = eventWith(
        view,
        /driver name \S+ not found in the list of registered CSI drivers/,
      );
      const name = textIn(csi, "spec", "pluginName") || "csi.spiffe.io";
      const asked = /driver name (\S+) not found/.exec(textIn(unknown, "message"))?.[1];
      return asked !== undefined && asked !== name
        ? fail(
          `a pod asks for the driver ${asked}, and it is called ${name}`,
          `name the volume's driver ${name} in the pod's manifest`,
        )
        : pass();
    },
  },
  {
    id: "csi/volume-profile",
    title: "restricted namespaces may use the CSI volume",
    after: ["stack/created"],
    judge: (view) => {
      const [driver] = view.objects("csiDriver");
      if (driver === undefined) {
        return skip("CSIDriver/csi.spiffe.io is not there, or may not be read");
      }
      // The profile is OpenShift's: other Kubernetes admits inline volumes without it.
      if (view.objects("clusterVersion").length === 0) return pass("not OpenShift");
      const label = "security.openshift.io/csi-ephemeral-volume-profile";
      return driver.labels[label] === "restricted" ? pass() : fail(
        `CSIDriver/csi.spiffe.io lacks the label ${label}=restricted: admission denies its volumes`,
        `oc --context ${view.name} label csidriver csi.spiffe.io ${label}=restricted --overwrite`,
      );
    },
  },
  {
    id: "csi/socket",
    title: "the CSI driver could label its socket",
    after: ["stack/created"],
    judge: (view) => {
      for (const pod of podsOf(view, "spire-spiffe-csi-driver")) {
        const reason = waitingReason(pod);
        if (reason?.startsWith("set-context") === true) {
          return fail(
            `${pod.name}: ${reason}: SELinux keeps workloads from the socket`,
            oc(view, `delete pod ${pod.name}`),
          );
        }
      }
      const denied = logLine(view, "spire-spiffe-csi-driver", /permission denied|EACCES/i);
      return denied === undefined
        ? pass()
        : fail(denied, oc(view, "delete pods -l app.kubernetes.io/name=spiffe-csi-driver"));
    },
  },
  {
    id: "csi/running",
    title: "the CSI driver runs on every node",
    after: ["csi/names", "csi/socket", "scc/admission"],
    judge: (view) => {
      const outcome = running(view, "daemonSets", "spire-spiffe-csi-driver");
      const event = eventWith(view, /not found in the list of registered CSI drivers/);
      return outcome.status !== "fail" && event !== undefined
        ? fail(
          textIn(event, "message"),
          oc(view, "get daemonset spire-spiffe-csi-driver -o wide") +
            "   # tolerations for tainted nodes",
        )
        : outcome;
    },
  },
];
