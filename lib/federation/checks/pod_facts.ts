/**
 * What there is to know of one pod: its labels and volumes, what happened to it, and the
 * registration entries that SPIRE has for it.
 *
 * @module
 */
import type { Cluster } from "../../cluster/cluster.ts";
import type { Resource } from "../../../manifests/manifest.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import type { Observation, Section } from "../facts/facts.ts";
import { at, observe } from "../facts/observation.ts";
import { POD_FIELDS } from "../facts/observed.ts";
import { itemsOf, readSection } from "../facts/section.ts";
import type { ClusterView } from "../facts/view.ts";
import type { EntryAnswer } from "../spire_server_answers.ts";
import { SpireServerCli } from "../spire_server_cli.ts";

/** A pod and everything between it and a peer's bundle. */
export interface PodFacts {
  readonly view: ClusterView;
  readonly namespace: string;
  readonly name: string;
  readonly pod: Section<PodObservation>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** What events say of it, latest last. */
  readonly events: readonly string[];
  /** Those whose selectors name this pod. */
  readonly entries: Section<EntryAnswer>;
}

/** A pod with all its labels: selectors are judged by them, and they are kept nowhere. */
export interface PodObservation extends Observation {
  readonly allLabels: Readonly<Record<string, string>>;
}

const PODS: Resource<PodObservation> = {
  apiVersion: "v1",
  kind: "Pod",
  plural: "pods",
  namespaced: true,
  parse: (object) => ({ ...observe(object, { keep: POD_FIELDS }), allLabels: labelsOf(object) }),
};

const NAMESPACES: Resource<Readonly<Record<string, string>>> = {
  apiVersion: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
  parse: labelsOf,
};

const EVENTS: Resource<Observation> = {
  apiVersion: "v1",
  kind: "Event",
  plural: "events",
  namespaced: true,
  parse: (object) =>
    observe(object, { keep: ["type", "reason", "message", "involvedObject.name"] }),
};

function labelsOf(object: unknown): Readonly<Record<string, string>> {
  const labels = at(object, "metadata", "labels");
  if (!isRecord(labels)) return {};
  return Object.fromEntries(
    Object.entries(labels).filter((label): label is [string, string] =>
      typeof label[1] === "string"
    ),
  );
}

/** Looks at one pod. */
export async function collectPod(
  cluster: Cluster,
  view: ClusterView,
  { namespace, name, signal }: {
    readonly namespace: string;
    readonly name: string;
    readonly signal: AbortSignal;
  },
): Promise<PodFacts> {
  const [pod, labels, events] = await Promise.all([
    readSection(signal, async () => present(await cluster.get(PODS, name, { namespace }))),
    readSection(signal, async () => present(await cluster.get(NAMESPACES, namespace))),
    readSection(signal, async () => (await cluster.list(EVENTS, { namespace })).items),
  ]);
  const uid = itemsOf(pod)[0]?.uid;
  const entries = await readSection(signal, async () => {
    if (uid === undefined) return [];
    const selector = `k8s:pod-uid:${uid}`;
    const found = await new SpireServerCli(cluster, signal).entriesFor(selector);
    return found.filter(({ selectors }) => selectors.includes(selector));
  });
  return {
    view,
    namespace,
    name,
    pod,
    namespaceLabels: { "kubernetes.io/metadata.name": namespace, ...itemsOf(labels)[0] },
    events: itemsOf(events).filter(({ kept }) => at(kept, "involvedObject", "name") === name)
      .map(({ kept }) => `${at(kept, "reason")}: ${at(kept, "message")}`),
    entries,
  };
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
