/**
 * Carries plans out, and tries them without effect. Decides nothing.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { isDeepStrictEqual } from "node:util";
import { SpirefedError } from "../errors.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../manifests/cluster_federated_trust_domain.ts";
import type { ForgetStep, SetBundleStep, Step } from "./plan.ts";
import { isRemoval, isRemoved, remove } from "./remove.ts";
import { patchSpireServer } from "./spire_server.ts";

/** What steps are carried out with. */
export interface Hands {
  readonly clusterOf: (name: string) => Cluster;
  /** Puts a bundle into a cluster's SPIRE server. */
  readonly setBundle: (step: SetBundleStep) => Promise<void>;
  /** Takes a bundle out of a cluster's SPIRE server, if it is there. */
  readonly deleteBundle: (step: ForgetStep) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A step, and what became of it. */
export interface StepResult {
  readonly step: Step;
  /** `undefined` when it was done. */
  readonly failure: SpirefedError | undefined;
  /** False for the steps after one that made the rest of this cluster hopeless. */
  readonly attempted: boolean;
}

/**
 * Carries out the steps of one cluster in their order, calling back as each lands.
 * A step that fails is an answer like any other and the rest get their turn, but
 * for a credential that is no longer valid, a cluster that no longer answers (each
 * step would wait for it anew) and an interruption.
 */
export async function applySteps(
  steps: readonly Step[],
  hands: Hands,
  landed: (result: StepResult) => void,
): Promise<void> {
  let hopeless: SpirefedError | undefined;
  for (const step of steps) {
    const stopped = hands.signal.aborted ? hands.signal.reason : hopeless;
    if (stopped !== undefined) {
      landed({ step, failure: asFailure(stopped), attempted: false });
      continue;
    }
    const { failure, isLost = false } = await carryOut(step, hands, false)
      .then(() => NO_FAILURE, (error) => lookAgain(step, asFailure(error), hands));
    if (failure?.code === "http/401" || isLost) hopeless = failure;
    landed({ step, failure, attempted: true });
  }
}

/**
 * Has the server try a step (`dryRun=All`): schema, admission, permission and other
 * managers answer, and nothing is stored.
 */
export async function rehearse(step: Step, hands: Hands): Promise<void> {
  if (step.action === "exec" || step.action === "forget") return;
  await carryOut(step, hands, true);
}

async function carryOut(step: Step, hands: Hands, dryRun: boolean): Promise<void> {
  if (isRemoval(step)) return await remove(step, hands, dryRun);
  const cluster = hands.clusterOf(step.cluster);
  switch (step.action) {
    case "create":
    case "update":
      await cluster.apply(step.manifest, { dryRun, force: step.force });
      return;
    case "patch":
      return await patchSpireServer(step, cluster, dryRun);
    case "exec":
      await hands.setBundle(step);
  }
}

/** What is known of a step in the end. */
interface Aftermath {
  readonly failure: SpirefedError | undefined;
  /** The cluster does not answer at all any more. */
  readonly isLost?: boolean;
}

const NO_FAILURE: Aftermath = { failure: undefined };

/**
 * An answer that was lost, or that speaks of the server's own trouble, does not tell
 * whether the object was stored: looking does.
 */
async function lookAgain(
  step: Step,
  failure: SpirefedError,
  hands: Hands,
): Promise<Aftermath> {
  const { clusterOf, signal } = hands;
  const unclear = /^(net\/|http\/5)/.test(failure.code ?? "");
  if (!unclear || signal.aborted) return { failure };
  try {
    if (isRemoval(step)) return await isRemoved(step, hands) ? NO_FAILURE : { failure };
    if (step.action !== "create" && step.action !== "update") return { failure };
    const { metadata, spec } = step.manifest;
    const held = await clusterOf(step.cluster)
      .get(CLUSTER_FEDERATED_TRUST_DOMAINS, metadata.name);
    return held !== undefined && isDeepStrictEqual(held.spec, spec) ? NO_FAILURE : { failure };
  } catch (error) {
    return { failure, isLost: asFailure(error).code?.startsWith("net/") === true };
  }
}

function asFailure(error: unknown): SpirefedError {
  if (error instanceof SpirefedError) return error;
  throw error;
}
