/**
 * Which SVIDs a running pod is given, by the SPIRE server that gives them: nothing is
 * read out of the pod, and no key is copied anywhere.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { PodIdentityResult } from "../output/result.ts";
import { printable } from "../output/printable.ts";
import { mountsDriver, PODS } from "../../manifests/pod.ts";
import { SpireServerCli } from "./spire_server_cli.ts";

const DRIVER = "csi.spiffe.io";

/** Which pod. */
export interface PodPlace {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Asks for the entries of a pod.
 *
 * @throws {SpirefedError} `preflight`, when there is no such pod, or nobody may ask.
 */
export async function podIdentity(
  cluster: Cluster,
  { namespace, name }: PodPlace,
  signal: AbortSignal,
): Promise<PodIdentityResult> {
  const pod = await cluster.get(PODS, name, { namespace });
  if (pod?.metadata.uid === undefined) {
    throw new SpirefedError(
      "preflight",
      `[${cluster.name}] there is no pod ${printable(name)} in ${printable(namespace)}`,
      { code: "pod/missing", remedy: `oc --context ${cluster.name} -n ${namespace} get pods` },
    );
  }
  const { uid } = pod.metadata;
  const entries = await new SpireServerCli(cluster, signal).podEntries(uid);
  return {
    kind: "PodIdentity",
    cluster: cluster.name,
    namespace,
    pod: name,
    uid,
    mountsWorkloadApi: mountsDriver(pod, DRIVER),
    entries,
    certificate: null,
  };
}
