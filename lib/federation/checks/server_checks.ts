/**
 * Whether the SPIRE server runs: with the configuration it was given, on its own data.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { type Check, fail, pass, skip, warn } from "../../check/check.ts";
import { printable } from "../../output/printable.ts";
import type { Observation } from "../facts/facts.ts";
import { at } from "../facts/observation.ts";
import type { ClusterView } from "../facts/view.ts";
import { conditionIn, readinessOf } from "../status/operands.ts";
import { logLine } from "./log_lines.ts";
import { textIn, waitingReason } from "./olm_checks.ts";
import { eventWith, oc, OPERANDS, workload } from "./operand_words.ts";

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

/** Configuration, volume, data, authority, admission: in the order in which one needs the other. */
export const SERVER_CHECKS: readonly Check<ClusterView>[] = [
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
          createOnly
            ? stopped
            : oc(view, `logs deployment/${OPERATOR_NAMESPACE}-controller-manager`),
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
];
