/**
 * How far the operator has come with the stack. Ready alone is not believed: it carries
 * no generation, is stale right after a change, and flaps. Pure.
 *
 * @module
 */
import { judgeRollout, type RolloutFacts } from "../federation/rollout.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { conditionsOf, illnessOf, isReady, type OperandFacts } from "./operand_health.ts";
import { valueOf } from "./reading.ts";

/** What it is judged from. */
export interface StackFacts extends OperandFacts {
  readonly rollout: RolloutFacts;
  /** Whether a bundle endpoint is part of it. */
  readonly endpoint: boolean;
  /** Whether all of the stack is waited for, or its server alone. */
  readonly whole: boolean;
}

/** Where it stands. */
export type StackProgress =
  | { readonly state: "done" }
  | { readonly state: "waiting"; readonly for: string; readonly remedy: string | undefined }
  | { readonly state: "failed"; readonly reason: string; readonly remedy: string };

const WHOLE = ["SpireServer", "SpireAgent", "SpiffeCSIDriver", "SpireOIDCDiscoveryProvider"];

/** Judges a stack from what was read. */
export function judgeStack(facts: StackFacts): StackProgress {
  const operands = facts.whole ? WHOLE : WHOLE.slice(0, 1);
  const missing = ["ZeroTrustWorkloadIdentityManager", ...operands]
    .find((kind) => objectIn(facts, kind) === undefined);
  if (missing !== undefined) {
    return { state: "waiting", for: `${missing}/cluster`, remedy: undefined };
  }
  const refused = operands.find((kind) => isRefused(objectIn(facts, kind)));
  if (refused !== undefined) {
    const ill = illnessOf(refused, facts);
    if (ill !== undefined) return { state: "failed", reason: ill.detail, remedy: ill.remedy };
  }
  const unready = operands.find((kind) =>
    !isReady(objectIn(facts, kind) as Manifest) && !(kind === "SpireServer" && isUnrouted(facts))
  );
  if (unready !== undefined) {
    const ill = illnessOf(unready, facts);
    const what = `${unready}/cluster to be Ready${ill === undefined ? "" : ` (${ill.detail})`}`;
    return { state: "waiting", for: what, remedy: ill?.remedy };
  }
  return facts.endpoint ? judgeEndpoint(facts) : judgeServer(facts);
}

function judgeEndpoint({ rollout }: StackFacts): StackProgress {
  const state = judgeRollout(rollout);
  if (state.state === "waiting") return { ...state, remedy: undefined };
  return state.state === "done" ? state : {
    state: "failed",
    reason: state.reason,
    remedy: "oc get spireserver cluster -o yaml",
  };
}

/** Without an endpoint there is no Route and nothing in server.conf to look for. */
function judgeServer({ rollout: { statefulSet } }: StackFacts): StackProgress {
  const status = statefulSet?.status;
  return status?.readyReplicas === 1 &&
      status.observedGeneration === statefulSet?.metadata.generation
    ? { state: "done" }
    : { state: "waiting", for: "spire-server-0", remedy: undefined };
}

function objectIn({ stack }: StackFacts, kind: string): Manifest | undefined {
  const reading = stack.get(kind);
  return reading && valueOf(reading);
}

function isRefused(object: Manifest | undefined): boolean {
  return object !== undefined &&
    conditionsOf(object).some(({ type, status }) =>
      type === "ConfigurationValid" && status === "False"
    );
}

/** Without its managed Route the operator never says Ready: that is its way, not a fault. */
function isUnrouted({ rollout: { spireServer } }: StackFacts): boolean {
  return spireServer?.spec.federation?.managedRoute === "false";
}
