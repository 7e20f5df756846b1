/**
 * Takes away what a trial made, whatever became of it, and waits until nothing of it runs.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { SidePlan } from "./probe_plan.ts";
import type { TrialTools } from "./probe_run.ts";
import { isRemoved, removePlanned } from "./remove.ts";
import { subjectOf, type Trial } from "./trial.ts";

const LOOK_EVERY_MS = 700;
/** How long its pods may take to be gone. */
const GONE_MS = 30_000;

interface Work {
  readonly trial: Trial;
  readonly tools: TrialTools;
  /** Everything was made, and nothing stopped the trial. */
  readonly isWhole: boolean;
  /** What the trial waited for when it ended. */
  readonly stage: string;
}

/**
 * Under a signal of its own: what was made goes, whatever stopped the rest. What cannot be
 * removed is said, and costs neither the other side its cleaning nor the test its verdict.
 */
export async function clearAway(plan: readonly SidePlan[], work: Work): Promise<void> {
  const { trial, tools, stage } = work;
  const stopped = tools.signal.aborted;
  if (stopped) {
    tools.say(
      `${subjectOf(trial)}: stopped while waiting for ${stage}; removing what the test made`,
    );
  }
  const left = (await Promise.all(plan.map((side) => clearSide(side, work)))).flat();
  for (const failure of left) tools.say(`warning: ${failure}`);
  if (stopped && left.length === 0) {
    tools.say(`${subjectOf(trial)}: removed; the clusters finish that by themselves`);
  }
}

/** Answers what is left, with what removes it. */
async function clearSide(side: SidePlan, work: Work): Promise<readonly string[]> {
  const { trial, tools, isWhole } = work;
  const tell = (failure: string): string =>
    `[${side.cluster}] not removed: ${failure}; in an hour this does it: oc spirefed test-mtls --cleanup ${side.cluster}`;
  try {
    const cluster = await tools.openToRemove(side.cluster);
    let left = await removePlanned(side, { cluster, run: trial.run });
    // A request that was broken off may have been carried out after it was looked for.
    if (!isWhole) left = await removePlanned(side, { cluster, run: trial.run });
    if (left.length > 0) return left.map(tell);
    return tools.signal.aborted ? [] : await untilGone(side, cluster, work);
  } catch (error) {
    if (!(error instanceof SpirefedError)) throw error;
    return [tell(error.message)];
  }
}

async function untilGone(
  plan: SidePlan,
  cluster: Cluster,
  { trial, tools }: Work,
): Promise<readonly string[]> {
  const deadline = tools.now().getTime() + GONE_MS;
  try {
    while (!await isRemoved(plan, cluster)) {
      if (tools.signal.aborted) return [];
      if (tools.now().getTime() > deadline) {
        return [`[${cluster.name}] the pods are deleted, but not gone yet`];
      }
      tools.waitingFor(`${subjectOf(trial)}: its pods to be gone`);
      await tools.sleep(LOOK_EVERY_MS, tools.signal).catch(() => {});
    }
    return [];
  } catch (error) {
    if (!(error instanceof SpirefedError)) throw error;
    return [
      `[${cluster.name}] all is deleted; whether it is gone cannot be seen: ${error.message}`,
    ];
  }
}
