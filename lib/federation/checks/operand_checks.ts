/**
 * Whether what the operator made of its objects runs: configuration, server, agents, CSI.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip, warn } from "../../check/check.ts";
import { printable } from "../../output/printable.ts";
import type { Observation } from "../facts/facts.ts";
import { at } from "../facts/observation.ts";
import type { ClusterView } from "../facts/view.ts";
import { conditionIn, operandsOf, readinessOf } from "../status/operands.ts";
import { logLine } from "./log_lines.ts";
import { textIn, waitingReason } from "./olm_checks.ts";

const NAMESPACE = "zero-trust-workload-identity-manager";
const OPERANDS = ["server", "agent", "csi", "oidc"] as const;

function oc(view: ClusterView, words: string): string {
  return `oc --context ${view.name} -n ${NAMESPACE} ${words}`;
}

function invalidConfiguration(
  view: ClusterView,
): { object: Observation; reason: string; message: string } | undefined {
  for (const key of OPERANDS) {
    const [object] = view.objects(key);
    const condition = conditionIn(object, "ConfigurationValid");
    if (object !== undefined && condition?.status === "False") {
      return { object, reason: condition.reason, message: condition.message };
    }
  }
  return undefined;
}

function workload(view: ClusterView, key: string, name: string): Observation | undefined {
  return view.objects(key).find((one) => one.name === name);
}

function eventWith(view: ClusterView, pattern: RegExp): Observation | undefined {
  return view.objects("events").findLast((event) => pattern.test(textIn(event, "message")));
}

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

/** In the order in which one needs the other. */
export const OPERAND_CHECKS: readonly Check<ClusterView>[] = [
  {
    id: "operator/proxy",
    title: "behind a proxy the operator knows which roots to trust",
    after: ["stack/created"],
    judge: (view) => {
      const invalid = invalidConfiguration(view);
      return invalid?.reason === "ProxyConfigurationInvalid"
        ? fail(
          printable(`${invalid.object.kind}: ${invalid.message}`, 400),
          oc(view, "edit subscription") +
            "   # spec.config.env: TRUSTED_CA_BUNDLE_CONFIGMAP=<ConfigMap with the proxy's roots>",
        )
        : pass();
    },
  },
  {
    id: "operator/configuration",
    title: "the operator takes the configuration it was given",
    after: ["operator/proxy"],
    judge: (view) => {
      const invalid = invalidConfiguration(view);
      return invalid === undefined ? pass() : fail(
        printable(`${invalid.object.kind}/cluster: ${invalid.reason}: ${invalid.message}`, 400),
        `oc --context ${view.name} edit ${invalid.object.kind.toLowerCase()} cluster`,
      );
    },
  },
  {
    id: "operator/rollout",
    title: "what SpireServer says has reached the server's configuration",
    after: ["operator/configuration"],
    judge: (view) => {
      const [config] = view.objects("serverConfig");
      const createOnly = ["manager", ...OPERANDS].some((key) =>
        conditionIn(view.objects(key)[0], "CreateOnlyMode")?.status === "True"
      );
      const missing = config === undefined
        ? []
        : [...view.wantedStatic.keys()].filter((name) => !view.static.has(name));
      const lacks = config !== undefined && view.endpoint !== undefined &&
        at(config.kept, "federation", "bundle_endpoint") === undefined;
      const stopped = oc(
        view,
        "set env deployment/zero-trust-workload-identity-manager-controller-manager CREATE_ONLY_MODE-",
      );
      if (missing.length > 0 || lacks) {
        const what = lacks
          ? "the bundle endpoint"
          : missing.map((one) => printable(one)).join(", ");
        const exists = logLine(view, "/manager", /already exists/);
        return fail(
          `${what} is not in server.conf${
            createOnly
              ? ": the operator is in create-only mode"
              : exists === undefined
              ? ""
              : `: ${exists}`
          }`,
          createOnly ? stopped : oc(view, `logs deployment/${NAMESPACE}-controller-manager`),
        );
      }
      return createOnly
        ? warn("the operator is in create-only mode: no change will be rolled out", stopped)
        : pass();
    },
  },
  {
    id: "server/storage",
    title: "the server's volume is bound",
    after: ["stack/created"],
    judge: (view) => {
      const claim = view.objects("claims").find(({ name }) => name === "spire-data-spire-server-0");
      if (claim === undefined || textIn(claim, "status", "phase") !== "Pending") return pass();
      const classes = view.objects("storageClasses").map(({ name }) => name).join(", ");
      const event = view.objects("events").findLast((one) =>
        textIn(one, "involvedObject", "name") === claim.name
      );
      return fail(
        `${claim.name} is Pending: ${textIn(event, "message") || "no volume was provisioned"}`,
        `set spec.persistence.storageClass of SpireServer when it is made (${
          classes === "" ? "no StorageClass is there" : `there are: ${classes}`
        }); it cannot be changed later`,
      );
    },
  },
  {
    id: "server/trust-domain",
    title: "the server's data is of its trust domain",
    after: ["server/storage"],
    judge: (view) => {
      const line = logLine(
        view,
        "spire-server",
        /a registration entry with trust domain .* has been detected/,
      );
      return line === undefined ? pass() : fail(
        line,
        oc(view, "delete pvc spire-data-spire-server-0") +
          "   # destroys the old CA: peers must bootstrap again",
      );
    },
  },
  {
    id: "server/authority",
    title: "the server's own authority has not expired",
    after: ["server/trust-domain"],
    judge: (view) => {
      const pod = view.objects("pods").find(({ name }) => name === "spire-server-0");
      const waiting = pod && waitingReason(pod);
      const line = logLine(
        view,
        "spire-server",
        /(CA|SVID|certificate|authority)\b.{0,80}(has )?expired/i,
      );
      return line === undefined || waiting === undefined ? pass() : fail(
        line,
        oc(view, "delete pod spire-server-0") + "   # a new CA: peers must bootstrap again",
      );
    },
  },
  {
    id: "scc/admission",
    title: "no pod of the operator's is refused by security context constraints",
    after: ["stack/created"],
    judge: (view) => {
      const event = eventWith(view, /unable to validate against any security context constraint/);
      return event === undefined ? pass() : fail(
        `${textIn(event, "involvedObject", "kind")}/${textIn(event, "involvedObject", "name")}: ${
          textIn(event, "message")
        }`,
        `oc --context ${view.name} get scc spire-agent spire-spiffe-csi-driver -o yaml`,
      );
    },
  },
  {
    id: "server/running",
    title: "the SPIRE server runs with its present configuration",
    after: ["server/storage", "server/trust-domain", "server/authority", "scc/admission"],
    judge: (view) => {
      const set = workload(view, "statefulSets", "spire-server");
      if (set === undefined) {
        return skip("StatefulSet/spire-server is not there, or may not be read");
      }
      const pod = view.objects("pods").find(({ name }) => name === "spire-server-0");
      const waiting = pod && waitingReason(pod);
      const { ready } = readinessOf(set);
      if (ready !== undefined && ready < 1) {
        return fail(
          waiting === undefined
            ? "spire-server-0 is restarting: nothing is issued, and its endpoint is away"
            : `spire-server-0: ${waiting}`,
          waiting === undefined
            ? `oc spirefed status ${view.name} --wait`
            : oc(view, "logs spire-server-0 -c spire-server --previous"),
        );
      }
      return pass();
    },
  },
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
  {
    id: "operands/ready",
    title: "the operator calls its operands ready",
    after: [
      "operator/rollout",
      "server/running",
      "agent/running",
      "csi/running",
      "csi/volume-profile",
      "route/admitted",
    ],
    judge: (view) => {
      const failed = operandsOf(view).filter(({ state }) => state === "failed");
      const [first] = failed.filter(({ name }) => !name.startsWith("ZeroTrust")).concat(failed);
      if (first === undefined) return pass();
      const kind = first.name.split("/")[0]?.toLowerCase() ?? "";
      return fail(
        `${first.name}: ${first.detail ?? "failed"}`,
        oc(view, `describe ${kind} ${first.name.split("/")[1] ?? ""}`),
      );
    },
  },
];
