/**
 * When nothing at all may be taken away, because others would be left without.
 *
 * @module
 */
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { SPIFFE_CSI_DRIVER } from "../../../manifests/operands.ts";
import { mountsDriver, type Pod, podName } from "../../../manifests/pod.ts";
import type { Grounds } from "./look.ts";
import {
  type CleanupOptions,
  goingOperands,
  isOfOperator,
  isOfRun,
  isOurs,
  takesOperator,
} from "./plan.ts";

const NAMED = 20;

/** All that speaks against it; empty when nothing does. */
export function objectionsTo(grounds: Grounds, options: CleanupOptions): readonly SpirefedError[] {
  const { parts, crds } = options;
  return [
    ...garbledIn(grounds),
    ...parts.includes("stack") ? mountedBy(grounds, options) : [],
    ...parts.includes("operator") ? stillOperated(grounds, options) : [],
    ...parts.includes("operator") && crds ? stillUsed(grounds, options) : [],
  ];
}

/** What makes no sense may be what has to stay, or what something else has to stay for. */
function garbledIn({ cluster, garbled }: Grounds): readonly SpirefedError[] {
  return garbled.map(({ object, problem }) =>
    new SpirefedError("preflight", `[${cluster}] ${object} makes no sense: ${problem}`, {
      code: "object/unreadable",
      remedy: "see to it first: nothing is taken away while it is not known what is there",
    })
  );
}

/** Without the driver on its node a pod that mounts its volume hangs when it ends. */
function mountedBy(grounds: Grounds, { parts }: CleanupOptions): readonly SpirefedError[] {
  const { cluster, stack, pods, namespaces } = grounds;
  const driver = stack.find(({ object }) => object.kind === "SpiffeCSIDriver")?.object;
  if (driver === undefined || goingOperands(grounds).length === 0) return [];
  const name = isRecord(driver["spec"]) ? driver["spec"]["pluginName"] : undefined;
  const runs = parts.includes("workloads")
    ? namespaces.filter(isOfRun).map(({ object }) => object.metadata.name)
    : [];
  const mounting = pods.filter((pod) =>
    mountsDriver(pod, typeof name === "string" ? name : SPIFFE_CSI_DRIVER) &&
    !isOver(pod) && !isOperands(pod) && !runs.includes(pod.metadata.namespace ?? "")
  ).map(podName);
  if (mounting.length === 0) return [];
  const shown = mounting.slice(0, NAMED).map((pod) => printable(pod, 253)).join(", ");
  const rest = mounting.length > NAMED ? ` and ${mounting.length - NAMED} more` : "";
  return [
    new SpirefedError(
      "preflight",
      `[${cluster}] pods still mount the Workload API, and would hang when they end: ${shown}${rest}`,
      {
        code: "workloads/mounting",
        remedy: "take these workloads away, or the volume out of them, then run the command again",
      },
    ),
  ];
}

function isOver({ status }: Pod): boolean {
  return ["Succeeded", "Failed"].includes(status.phase);
}

function isOperands({ metadata }: Pod): boolean {
  return metadata.namespace === OPERATOR_NAMESPACE && isOfOperator(metadata.labels);
}

/** Without the operator nobody takes its operands away, nor mends them. */
function stillOperated(grounds: Grounds, { parts }: CleanupOptions): readonly SpirefedError[] {
  const { cluster, stack } = grounds;
  const going = parts.includes("stack") ? goingOperands(grounds) : [];
  const staying = stack.filter((found) => !going.includes(found))
    .map(({ object }) => `${object.kind}/${object.metadata.name}`);
  if (staying.length === 0 || !takesOperator(grounds)) return [];
  const isOther = parts.includes("stack");
  return [
    new SpirefedError(
      "preflight",
      `[${cluster}] the operator still has work: ${staying.join(", ")} ${
        staying.length === 1 ? "is" : "are"
      } there${isOther ? ", and this program did not make the first of them" : ""}`,
      {
        code: "operator/needed",
        remedy: isOther
          ? `leave the operator, or first: oc --context ${cluster} delete ${
            staying[0]?.toLowerCase() ?? ""
          }`
          : `oc spirefed cleanup ${cluster} --only stack,operator`,
      },
    ),
  ];
}

/** A definition takes all objects of its kind with it, whoever made them. */
function stillUsed(grounds: Grounds, { parts }: CleanupOptions): readonly SpirefedError[] {
  const { cluster, identities, declared, stack } = grounds;
  const operands = parts.includes("stack") ? goingOperands(grounds) : [];
  const staying = [
    ...stack.filter((found) => !operands.includes(found)),
    ...identities.filter((found) => !(parts.includes("workloads") && isOurs(found))),
    ...declared.filter((found) => !(parts.includes("federation") && isOurs(found))),
  ].filter(({ object }) => !isOfOperator(object.metadata.labels))
    .map(({ object }) => `${object.kind}/${printable(object.metadata.name, 253)}`);
  if (staying.length === 0) return [];
  return [
    new SpirefedError(
      "preflight",
      `[${cluster}] --crds would delete objects that are to stay: ${
        staying.slice(0, NAMED).join(", ")
      }${staying.length > NAMED ? ` and ${staying.length - NAMED} more` : ""}`,
      {
        code: "definitions/used",
        remedy: "leave out --crds: definitions without objects do no harm",
      },
    ),
  ];
}
