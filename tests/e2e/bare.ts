/**
 * Clusters before anything of SPIRE is there: no operator, no stack, none of their kinds,
 * but OLM and a catalog that has the operator.
 *
 * @module
 */
import type { Json, KubernetesObject, ObjectName } from "./api.ts";
import type { TestCluster } from "./clusters.ts";
import { say, until } from "./process.ts";
import { DEFINITIONS, runOlm, shelves } from "./stand_ins/olm.ts";
import { VOLUME } from "./stand_ins/storage.ts";
import { OPERATOR_NAMESPACE as namespace } from "./topology.ts";
import { readDefinitions, startSpire } from "./up.ts";

/** The operator's objects in the order in which nothing hangs. */
const STACK = [
  "SpireOIDCDiscoveryProvider",
  "SpiffeCSIDriver",
  "SpireAgent",
  "SpireServer",
  "ZeroTrustWorkloadIdentityManager",
];

/** Runs work on bare clusters; afterwards all is there again that the harness gave them. */
export async function onBareClusters(
  clusters: readonly TestCluster[],
  work: () => Promise<void>,
): Promise<void> {
  const owned = (await readDefinitions()).filter(({ spec }: Json) =>
    ["operator.openshift.io", "spire.spiffe.io"].includes(spec.group)
  );
  const stop = new AbortController();
  const olms: Promise<void>[] = [];
  try {
    await Promise.all(clusters.map(async (cluster) => {
      await strip(cluster, owned);
      await stock(cluster);
      olms.push(runOlm(cluster, owned, stop.signal));
    }));
    await work();
  } catch (error) {
    // What fails below would hide it.
    say(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    stop.abort();
    await Promise.all(olms);
    await Promise.all(clusters.map((cluster) => putBack(cluster, owned)));
  }
}

async function putBack(cluster: TestCluster, owned: readonly KubernetesObject[]): Promise<void> {
  const { api, site } = cluster;
  await strip(cluster, owned);
  for (const object of shelves(site).toReversed()) await api.delete(object);
  for (const definition of DEFINITIONS) await api.delete(definition);
  await startSpire(api, site);
}

/** Takes all of SPIRE away, whoever made it, and waits until it is gone. */
async function strip(
  { api, site }: TestCluster,
  owned: readonly KubernetesObject[],
): Promise<void> {
  const pod = { apiVersion: "v1", kind: "Pod" };
  for (const kind of STACK) {
    await api.delete({
      apiVersion: "operator.openshift.io/v1alpha1",
      kind,
      metadata: { name: "cluster" },
    });
    // Its pods mount the Workload API: the driver has to outlive them.
    if (kind !== "SpireOIDCDiscoveryProvider") continue;
    await until(`the provider of ${site.name} to go`, async () => {
      const pods: readonly Json[] = await api.list(pod.apiVersion, pod.kind, namespace);
      return !pods.some(({ metadata }) => metadata.name.includes("oidc"));
    });
  }
  await api.delete({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const areGone = async (names: readonly ObjectName[]): Promise<boolean> =>
    (await Promise.all(names.map((name) => api.get(name)))).every((one) => one === undefined);
  // Once a kind is gone nobody can tell that an owner of that kind is, too.
  await until(`what SPIRE owned in ${site.name} to go`, () => areGone(LEFT), 120);
  for (const definition of owned) await api.delete(definition);
  await until(`${site.name} to be bare`, async () => {
    return await areGone(owned) && (await api.get(VOLUME)).status.phase === "Available";
  }, 60);
}

/** What goes last of each kind that goes by itself. */
const LEFT: readonly ObjectName[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  ...["spire-server", "spire-agent"].flatMap((name) =>
    ["ClusterRole", "ClusterRoleBinding"].map((kind) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind,
      metadata: { name },
    }))
  ),
  { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name: "csi.spiffe.io" } },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "spire-controller-manager-webhook" },
  },
];

/** Gives a cluster what OpenShift has, and the harness otherwise does without. */
async function stock({ api, site }: TestCluster): Promise<void> {
  for (const definition of DEFINITIONS) await api.apply(definition);
  await until("OpenShift's kinds", async () => {
    const held = await Promise.all(DEFINITIONS.map((definition) => api.get(definition)));
    return held.every(({ status }: Json) =>
      status?.conditions?.some(({ type, status }: Json) =>
        type === "Established" && status === "True"
      )
    );
  }, 30);
  for (const object of shelves(site)) {
    // A kind that is established may not be served yet.
    await until(`${object.kind} of ${site.name}`, () => api.apply(object), 30);
    if (object.kind === "CatalogSource") {
      await api.merge(object, { status: object["status"] }, "/status");
    }
  }
}
