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
import type { Manifest } from "../../../manifests/manifest.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import { clusterIn } from "../peer/request.ts";
import { applyPhase, carryOutRemoval, type Outfit } from "../unpeer/carry_out.ts";
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
  { steps, followers }: Phase,
): Promise<void> {
  const failed = await applyPhase(run, steps);
  if (failed !== undefined) throw failed.error;
  for (const step of steps) await untilGone(run, name, step);
  for (const follower of followers) await untilGone(run, name, follower);
}

/** Waits for one object; a new one of its name is another one. */
async function untilGone(
  { clusters, context, live }: Outfit,
  name: string,
  target: ObjectKey | DeleteStep,
): Promise<void> {
  const cluster = clusterIn({ clusters }, name);
  const deadline = context.now().getTime() + LIMIT_MS;
  const what = `${target.resource.kind}/${target.name}`;
  while (true) {
    const held = await look(cluster, target).catch((error) => {
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
  { target: { resource, name, namespace }, what, held }: {
    readonly target: ObjectKey | DeleteStep;
    readonly what: string;
    readonly held: Manifest | Error;
  },
): SpirefedError {
  const finalizers = held instanceof Error ? [] : finalizersOf(held);
  const why = held instanceof Error
    ? held.message
    : finalizers.length > 0
    ? `it is held by ${finalizers.join(", ")}: who set that has to let go of it first`
    : "nothing holds it; whoever takes it away is slow, or does not run";
  const option = namespace === undefined ? "" : ` -n ${namespace}`;
  return new SpirefedError("partial", `[${cluster}] ${what} is still there after 3 min`, {
    cause: new Error(why),
    code: "cleanup/hanging",
    remedy: `oc --context ${cluster}${option} get ${resource.plural} ${
      printable(name, 253)
    } -o yaml`,
  });
}
