/**
 * Who loses what when trust ends: looked at before anything is changed.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import type { UnpeerImpact } from "../../output/change_result.ts";
import type { Ask } from "../../plan/plan.ts";
import { NAMESPACES } from "../../../manifests/core.ts";
import { selects } from "../../../manifests/label_selector.ts";
import { type Pod, podName, PODS } from "../../../manifests/pod.ts";
import { together } from "../inspect.ts";
import type { Holder } from "./look.ts";
import { isMinded, type Leaving, referencesTo, type RemovalPlan } from "./plan.ts";

/** Everything that runs in a cluster, and the labels of where it runs. */
export interface Inhabitants {
  readonly pods: readonly Pod[];
  readonly namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** How many are named before the rest is counted. */
const NAMED = 12;

/** Reads who lives in a cluster; `undefined` where that may not be read. */
export async function readInhabitants(cluster: Cluster): Promise<Inhabitants | undefined> {
  try {
    const [pods, namespaces] = await together([cluster.list(PODS), cluster.list(NAMESPACES)]);
    return {
      pods: pods.items,
      namespaceLabels: new Map(
        namespaces.items.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
      ),
    };
  } catch (error) {
    if (error instanceof SpirefedError && error.code === "http/403") return undefined;
    throw error;
  }
}

/** Whether anybody has to be looked for: most peers are trusted before they are used. */
export function isUsed(plan: RemovalPlan, leaving: readonly Leaving[]): boolean {
  return plan.references.length > 0 || leaving.some(({ held }) => held.entries.length > 0);
}

/** Who uses one peer in one cluster. */
export function impactOf(
  holder: Holder,
  { leaving: { trustDomain, held }, plan, inhabitants }: {
    readonly leaving: Leaving;
    readonly plan: RemovalPlan;
    readonly inhabitants: Inhabitants | undefined;
  },
): UnpeerImpact {
  const names = new Map(
    (inhabitants?.pods ?? []).map((pod) => [pod.metadata.uid ?? "", podName(pod)]),
  );
  const references = referencesTo(holder, [trustDomain]);
  const going = plan.references.flatMap((step) => step.action === "delete" ? [step.name] : [])
    .filter((name) => references.some(({ object }) => object.metadata.name === name));
  return {
    cluster: holder.cluster,
    trustDomain,
    objects: references.map(({ resource, object }) => `${resource.kind}/${object.metadata.name}`),
    workloads: held.entries.map(({ spiffeId, podUid }) => ({
      spiffeId,
      pod: podUid === undefined ? null : names.get(podUid) ?? null,
    })),
    losesIdentity: going.length === 0
      ? []
      : inhabitants === undefined
      ? null
      : withoutOther(holder, going, inhabitants),
  };
}

/** The pods that only objects which go give an identity. */
function withoutOther(
  holder: Holder,
  going: readonly string[],
  { pods, namespaceLabels }: Inhabitants,
): readonly string[] {
  const minded = holder.spiffeIds.filter(({ spec }) => isMinded(holder, spec));
  const chosenBy = (pod: Pod, goes: boolean): boolean =>
    minded.some(({ metadata, spec }) =>
      going.includes(metadata.name) === goes &&
      selects(spec.podSelector, pod.metadata.labels) &&
      selects(spec.namespaceSelector, namespaceLabels.get(pod.metadata.namespace ?? ""))
    );
  return pods.filter((pod) => chosenBy(pod, true) && !chosenBy(pod, false)).map(podName);
}

/** What must be agreed to because of those who are concerned. */
export function asksAbout(
  { cluster, trustDomain, workloads, losesIdentity }: UnpeerImpact,
): readonly Ask[] {
  const asks: Ask[] = [];
  if (workloads.length > 0) {
    asks.push({
      question: `[${cluster}] ${
        workloads.length === 1 ? "1 workload uses" : `${workloads.length} workloads use`
      } the keys of ${trustDomain} and will refuse its callers. Go on?`,
      evidence: named(
        workloads.map(({ spiffeId, pod }) =>
          `${printable(spiffeId, 200)}${pod === null ? "" : `  pod ${printable(pod, 200)}`}`
        ),
      ),
      yes: true,
    });
  }
  if (losesIdentity === null) {
    asks.push({
      question: `[${cluster}] delete objects that may be the only ones to identify their pods?`,
      evidence: ["pods may not be listed here, so it is not known which would lose all identity"],
      yes: true,
    });
  } else if (losesIdentity.length > 0) {
    asks.push({
      question: `[${cluster}] ${
        losesIdentity.length === 1 ? "1 pod loses its" : `${losesIdentity.length} pods lose their`
      } identity altogether. Go on?`,
      evidence: named(losesIdentity.map((pod) => `pod ${printable(pod, 200)}`)),
      yes: true,
    });
  }
  return asks;
}

function named(lines: readonly string[]): readonly string[] {
  if (lines.length <= NAMED) return lines;
  return [...lines.slice(0, NAMED), `and ${lines.length - NAMED} more (-o json lists them all)`];
}
