/**
 * Checks of a stack that is there.
 *
 * @module
 */
import { load } from "js-yaml";
import { type Check, fail, type Outcome, pass, skip, warn } from "../../check/check.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import { illnessOf } from "../operand_health.ts";
import { valueOf } from "../reading.ts";
import { ofSeen, type Seen, type Subject, whenRead } from "../subject.ts";

/** All of them. */
export const STACK_CHECKS: readonly Check<Subject>[] = [
  operandCheck("stack/server", "SpireServer", "the SPIRE server is ready", exceptUnrouted),
  operandCheck("stack/agent", "SpireAgent", "the SPIRE agents are ready", attestorsMissing),
  operandCheck(
    "stack/csi-driver",
    "SpiffeCSIDriver",
    "the CSI driver is ready on every node",
    driverRenamed,
  ),
  operandCheck("stack/oidc", "SpireOIDCDiscoveryProvider", "the OIDC provider is ready"),
  ofSeen({
    id: "controller/pace",
    title: "spire-controller-manager rests between its passes",
    judge: ({ facts }) =>
      whenRead(facts.controllerConfig, (found) => {
        if (found === undefined) return skip("SPIRE is not installed yet");
        const interval = gcIntervalOf(found.data["controller-manager-config.yaml"] ?? "");
        return interval === undefined || !/^0(s|ms|m|h)?$/.test(interval) ? pass(interval) : warn(
          "the operator sets gcInterval: 0, which makes the controller work without a pause",
          "update the operator when a version after 1.0 is offered; no setting changes it",
        );
      }),
  }),
];

/** A reason to look past what an operand says of itself, or beyond it. */
type Peculiarity = (spec: Readonly<Record<string, unknown>>, seen: Seen) => Outcome | undefined;

function operandCheck(
  id: string,
  kind: string,
  title: string,
  peculiarity: Peculiarity = () => undefined,
): Check<Subject> {
  return ofSeen({
    id,
    title,
    judge: (seen) => {
      const reading = seen.facts.stack.get(kind);
      if (reading?.state === "unreadable") return skip(reading.why);
      const object = reading && valueOf(reading);
      if (object === undefined) return skip(`${kind}/cluster is not there yet`);
      const spec = isRecord(object["spec"]) ? object["spec"] : {};
      const peculiar = peculiarity(spec, seen);
      if (peculiar !== undefined) return peculiar;
      const ill = illnessOf(kind, seen.facts);
      return ill === undefined ? pass() : fail(ill.detail, ill.remedy);
    },
  });
}

/** Without its managed route the operator never calls itself ready: that is its way. */
function exceptUnrouted(spec: Readonly<Record<string, unknown>>): Outcome | undefined {
  const { federation } = spec;
  if (!isRecord(federation) || federation["managedRoute"] !== "false") return undefined;
  return warn(
    "managedRoute is false (FederationRouteDisabled): the operator stays Ready=False for ever, which says nothing, and leaves the endpoint's Route to you",
    "expect it; the endpoint itself is checked below",
  );
}

function attestorsMissing(
  spec: Readonly<Record<string, unknown>>,
  { cluster }: Seen,
): Outcome | undefined {
  const node = spec["nodeAttestor"];
  const workload = spec["workloadAttestors"];
  const missing = [
    ...!isRecord(node) || node["k8sPSATEnabled"] === "false" ? ["nodeAttestor.k8sPSATEnabled"] : [],
    ...!isRecord(workload) || workload["k8sEnabled"] === "false"
      ? ["workloadAttestors.k8sEnabled"]
      : [],
  ];
  if (missing.length === 0) return undefined;
  return fail(
    `SpireAgent/cluster has no ${missing.join(" and no ")}: its agents can attest nobody`,
    `oc --context ${cluster} patch spireagent cluster --type merge -p '{"spec":{"nodeAttestor":{"k8sPSATEnabled":"true"},"workloadAttestors":{"k8sEnabled":"true"}}}'`,
  );
}

function driverRenamed(
  spec: Readonly<Record<string, unknown>>,
): Outcome | undefined {
  const name = spec["pluginName"];
  if (typeof name !== "string" || name === "csi.spiffe.io") return undefined;
  return warn(
    `the driver is called ${name}: pods that mount csi.spiffe.io stay in ContainerCreating (not found in the list of registered CSI drivers)`,
    `mount driver: ${name} in pods, or leave SpiffeCSIDriver's pluginName out`,
  );
}

function gcIntervalOf(text: string): string | undefined {
  try {
    const config = load(text);
    const interval = isRecord(config) ? config["gcInterval"] : undefined;
    return interval === undefined ? undefined : String(interval);
  } catch {
    return undefined;
  }
}
