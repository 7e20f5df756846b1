/**
 * What checks of operands look up, and the commands that they name.
 *
 * @module
 */
import type { Observation } from "../facts/facts.ts";
import type { ClusterView } from "../facts/view.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { textIn } from "./olm_checks.ts";

/** The sections of facts that hold the operands beside ZeroTrustWorkloadIdentityManager. */
export const OPERANDS = ["server", "agent", "csi", "oidc"] as const;

/** A command in that namespace, to be pasted. */
export function oc(view: ClusterView, words: string): string {
  return `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} ${words}`;
}

/** A workload by its name. */
export function workload(view: ClusterView, key: string, name: string): Observation | undefined {
  return view.objects(key).find((one) => one.name === name);
}

/** The last event that says so. */
export function eventWith(view: ClusterView, pattern: RegExp): Observation | undefined {
  return view.objects("events").findLast((event) => pattern.test(textIn(event, "message")));
}
