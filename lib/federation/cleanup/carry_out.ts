/**
 * `cleanup` in one cluster, from the first deletion to the last wait.
 *
 * @module
 */
import type { Cluster, ObjectKey } from "../../cluster/cluster.ts";
import { EXIT_CODES, SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import type { DeleteStep } from "../../plan/plan.ts";
import { asFound } from "../../../manifests/as_found.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { PODS } from "../../../manifests/pod.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import { clusterIn } from "../peer/request.ts";
import { applyPhase, carryOutRemoval, type Outfit } from "../unpeer/carry_out.ts";
import { lookForDependent } from "./dependents.ts";
import type { ClusterPlan } from "./prepare.ts";
import type { Phase } from "./plan.ts";

const RETRY_MS = 1_000;
/** Pods are given time to end, and volumes to be let go of. */
const LIMIT_MS = 3 * 60_000;

/** Carries out one cluster's plan; answers why it ended early, if it did. */
export async function carryOutCleanup(
  run: Outfit,
  { cluster: name, phases, federation }: ClusterPlan,
): Promise<SpirefedError | undefined> {
  const before = phases.filter(({ part }) => part === "workloads");
  const after = phases.filter(({ part }) => part !== "workloads");
  try {
    for (const phase of before) await carryOutPhase(run, name, phase);
    const { failure } = await carryOutRemoval(run, name, federation);
    if (failure !== undefined) return failure;
    for (const phase of after) await carryOutPhase(run, name, phase);
    return undefined;
  } catch (error) {
    if (error instanceof SpirefedError) return error;
    throw error;
  }
}

async function carryOutPhase(
  run: Outfit,
  name: string,
  { steps, owned = [], followers, pods }: Phase,
): Promise<void> {
  for (const target of owned) {
    const what = `${target.resource.kind}/${target.name}`;
    await untilGone(run, name, {
      target,
      what,
      look: (cluster) => lookForDependent(cluster, target),
    });
  }
  const failed = await applyPhase(run, steps);
  if (failed !== undefined) throw failed.error;
  for (const target of [...steps, ...followers]) {
    const what = `${target.resource.kind}/${target.name}`;
    await untilGone(run, name, { target, what, look: (cluster) => look(cluster, target) });
  }
  if (pods === undefined) return;
  await untilGone(run, name, {
    target: { resource: PODS, name: `-l ${pods}`, namespace: OPERATOR_NAMESPACE },
    what: `the pods of ${steps[0]?.resource.kind ?? ""}/cluster`,
    look: (cluster) => lookForPod(cluster, pods),
  });
}

/** Something that is to go. */
interface Going {
  readonly target: ObjectKey | DeleteStep;
  readonly what: string;
  /** Finds it, or one of it, while it is there. */
  readonly look: (cluster: Cluster) => Promise<Manifest | undefined>;
}

/** Waits for it; a new object of its name is another one. */
async function untilGone(
  { clusters, context, live }: Outfit,
  name: string,
  { target, what, look }: Going,
): Promise<void> {
  const cluster = clusterIn({ clusters }, name);
  const deadline = context.now().getTime() + LIMIT_MS;
  while (true) {
    const held = await look(cluster).catch((error) => {
      if (!(error instanceof SpirefedError) || error.exitCode >= EXIT_CODES.timeout) throw error;
      return error;
    });
    if (held === undefined) return live.clear();
    if (context.now().getTime() >= deadline) throw hanging(name, { target, what, held });
    live.waitingFor(`[${name}] ${what} to go${held instanceof Error ? "" : holding(held)}`);
    await context.sleep(RETRY_MS, context.signal);
  }
}

async function look(
  cluster: Cluster,
  target: ObjectKey | DeleteStep,
): Promise<Manifest | undefined> {
  const { resource, name, namespace } = target;
  const at = namespace === undefined ? undefined : { namespace };
  try {
    const held = await cluster.get(asFound(resource), name, at);
    return held === undefined || ("uid" in target && held.metadata.uid !== target.uid)
      ? undefined
      : held;
  } catch (error) {
    // Its kind has gone, and it with it.
    if (error instanceof SpirefedError && error.code === "http/404-kind") return undefined;
    throw error;
  }
}

/** A pod ends after what controls it is gone, and lets go of its volumes only then. */
async function lookForPod(cluster: Cluster, labelSelector: string): Promise<Manifest | undefined> {
  const { items } = await cluster.list(asFound(PODS), {
    namespace: OPERATOR_NAMESPACE,
    labelSelector,
  });
  return items[0];
}

/** What keeps an object that is being deleted. */
function holding(held: Manifest): string {
  const finalizers = finalizersOf(held);
  return finalizers.length === 0 ? "" : `, held by ${finalizers.join(", ")}`;
}

function finalizersOf({ metadata }: Manifest): readonly string[] {
  const finalizers: unknown = isRecord(metadata) ? metadata["finalizers"] : undefined;
  return Array.isArray(finalizers) ? finalizers.map((one) => printable(String(one), 100)) : [];
}

function hanging(
  cluster: string,
  { target: { resource, name, namespace }, what, held }: Omit<Going, "look"> & {
    readonly held: Manifest | Error;
  },
): SpirefedError {
  const option = namespace === undefined ? "" : ` -n ${namespace}`;
  const verb = resource === PODS ? "are" : "is";
  const said = `[${cluster}] ${what} ${verb} still there after 3 min: ${whyHeld(held)}`;
  return new SpirefedError("partial", said, {
    code: "cleanup/hanging",
    remedy: `oc --context ${cluster}${option} get ${resource.plural} ${
      printable(name, 253)
    } -o yaml`,
  });
}

function whyHeld(held: Manifest | Error): string {
  if (held instanceof Error) return held.message;
  const finalizers = finalizersOf(held);
  const name = printable(`${held.kind}/${held.metadata.name}`, 300);
  return finalizers.length > 0
    ? `${name} is held by ${finalizers.join(", ")}: who set that has to let go of it first`
    : `nothing holds ${name}; whoever takes it away is slow, or does not run`;
}
