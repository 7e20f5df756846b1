/**
 * The running clusters, as tests see them: stock kubectl, the SPIRE server's own
 * command line, and the API server. Nothing here is part of the product.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  ApiServer,
  collectionOf,
  type Json,
  type KubernetesObject,
  type ObjectName,
} from "./api.ts";
import { isThere } from "./build.ts";
import { inNetwork } from "./network.ts";
import { PROGRAMS, RUN } from "./paths.ts";
import { type Finished, must, run, until } from "./process.ts";
import { CLASS_NAME } from "./stand_ins/server_configuration.ts";
import { readState } from "./state.ts";
import { OPERATOR_NAMESPACE, type Site } from "./topology.ts";

/** One of them. */
export interface TestCluster {
  readonly site: Site;
  readonly api: ApiServer;
}

/** All that are up, in the order of the topology. */
export async function openClusters(): Promise<readonly TestCluster[]> {
  const state = await readState();
  assert.ok(state, "nothing is up; run the suite with deno task e2e");
  const clusters = state.admins.map((admin) => ({ site: admin.site, api: new ApiServer(admin) }));
  return clusters.sort((a, b) => a.site.address.localeCompare(b.site.address));
}

/** The first two of them. */
export async function openPair(): Promise<readonly [TestCluster, TestCluster]> {
  const [east, west] = await openClusters();
  assert.ok(east && west);
  return [east, west];
}

/** Stock kubectl. */
export async function kubectl(
  { site }: TestCluster,
  words: readonly string[],
  stdin?: string | Uint8Array,
): Promise<Finished> {
  return await run(
    ["kubectl", "--context", site.name, ...words],
    stdin === undefined ? {} : { stdin },
  );
}

/**
 * The SPIRE server's own command line, at its private socket. That lies in a volume of the pod,
 * so the node's disk has it: an exec for each look would be most of what the clusters do.
 */
export async function spireServer(
  { site, api }: TestCluster,
  words: readonly string[],
  stdin?: string,
): Promise<Finished> {
  const pod = await api.get({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "spire-server-0", namespace: OPERATOR_NAMESPACE },
  });
  const volumes = join(RUN, site.name, "kubelet/pods", `${pod?.metadata.uid}`, "volumes");
  const cwd = join(volumes, "kubernetes.io~empty-dir/spire-server-socket");
  if (!await isThere(cwd)) {
    return { code: 1, stdout: "", stderr: `${site.name} has no SPIRE server` };
  }
  // A socket's address has room for 107 bytes, too few for the whole path.
  const line = [join(PROGRAMS, "spire-server"), ...words, "-socketPath", "api.sock"] as const;
  return await run(line as unknown as [string, ...string[]], {
    cwd,
    // A third of its work is to collect garbage that its end would take away.
    env: { GOGC: "off" },
    ...(stdin === undefined ? {} : { stdin }),
  });
}

/** What a container has logged since then. */
export async function logsSince(
  cluster: TestCluster,
  container: "spire-server" | "spire-controller-manager",
  since: Date,
): Promise<string> {
  const words = ["-n", OPERATOR_NAMESPACE, "logs", "spire-server-0", "-c", container];
  const { stdout } = await kubectl(cluster, [...words, `--since-time=${since.toISOString()}`]);
  return stdout;
}

/** A cluster's own bundle, as SPIFFE JSON. */
export async function ownBundle(cluster: TestCluster): Promise<string> {
  const { stdout, code, stderr } = await spireServer(cluster, [
    ...["bundle", "show", "-format", "spiffe"],
  ]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The certificates of a bundle, which is what its X.509 authorities are. */
export function authoritiesOf(bundle: string): readonly string[] {
  const keys: readonly Json[] = JSON.parse(bundle).keys;
  return keys.filter(({ use }) => use === "x509-svid").map(({ x5c }) => x5c[0]).sort();
}

/** The certificates that a cluster stores for another trust domain; `undefined` without a bundle. */
export async function storedAuthorities(
  holder: TestCluster,
  trustDomain: string,
): Promise<readonly string[] | undefined> {
  const { stdout, code } = await spireServer(holder, [
    ...["bundle", "list", "-id", `spiffe://${trustDomain}`, "-format", "spiffe"],
  ]);
  return code === 0 ? authoritiesOf(stdout) : undefined;
}

/** Whether the server knows a relationship with a trust domain. */
export async function hasRelationship(holder: TestCluster, trustDomain: string): Promise<boolean> {
  const { code } = await spireServer(holder, ["federation", "show", "-trustDomain", trustDomain]);
  return code === 0;
}

/** `federation refresh`, the server's own proof. */
export async function refresh(holder: TestCluster, trustDomain: string): Promise<Finished> {
  return await spireServer(holder, ["federation", "refresh", "-id", `spiffe://${trustDomain}`]);
}

/** How a test's CFDT differs from the plain one. */
export interface CfdtVariation {
  readonly name?: string;
  readonly url?: string;
  readonly bundle?: string;
  /** `null` leaves it out. */
  readonly className?: string | null;
  readonly trustDomain?: string;
}

/** A ClusterFederatedTrustDomain for `peer`. */
export function cfdtFor({ site }: TestCluster, variation: CfdtVariation = {}): KubernetesObject {
  const { trustDomain = site.trustDomain, bundle, className = CLASS_NAME } = variation;
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterFederatedTrustDomain",
    metadata: { name: variation.name ?? `federation-to-${site.name}` },
    spec: {
      trustDomain,
      bundleEndpointURL: variation.url ?? `https://federation.${site.trustDomain}`,
      bundleEndpointProfile: {
        type: "https_spiffe",
        endpointSPIFFEID: `spiffe://${site.trustDomain}/spire/server`,
      },
      ...(bundle === undefined ? {} : { trustDomainBundle: bundle }),
      ...(className === null ? {} : { className }),
    },
  };
}

/** Makes `holder` trust `peer` as an administrator would, and waits until it does. */
export async function trust(holder: TestCluster, peer: TestCluster): Promise<void> {
  await holder.api.apply(cfdtFor(peer, { bundle: await ownBundle(peer) }));
  await until("the relationship", () => hasRelationship(holder, peer.site.trustDomain), 30);
}

/** Takes every federation of a cluster away, its stored bundles included. */
export async function forgetPeers(cluster: TestCluster): Promise<void> {
  const { api } = cluster;
  await forgetStaticPeers(cluster);
  for (const kind of ["ClusterSPIFFEID", "ClusterFederatedTrustDomain"]) {
    for (const { metadata } of await api.list("spire.spiffe.io/v1alpha1", kind)) {
      await api.delete({ apiVersion: "spire.spiffe.io/v1alpha1", kind, metadata });
    }
  }
  await until("relationships to go", async () => {
    const { stdout } = await spireServer(cluster, ["federation", "list", "-output", "json"]);
    return JSON.parse(stdout).federation_relationships.length === 0;
  }, 40);
  const { stdout } = await spireServer(cluster, ["bundle", "list", "-output", "json"]);
  for (const { trust_domain } of JSON.parse(stdout).bundles) {
    await spireServer(cluster, [
      ...["bundle", "delete", "-id", `spiffe://${trust_domain}`, "-mode", "dissociate"],
    ]);
  }
}

async function forgetStaticPeers(cluster: TestCluster): Promise<void> {
  const { api } = cluster;
  const server = await api.get(SPIRE_SERVER);
  if (server.spec.federation.federatesWith === undefined) return;
  await api.merge(SPIRE_SERVER, { spec: { federation: { federatesWith: null } } });
  await untilRolledOut(cluster, (configuration) => !configuration.includes("federates_with"));
}

/** Waits until the server runs with a configuration of which `isRight` holds. */
export async function untilRolledOut(
  cluster: TestCluster,
  isRight: (configuration: string) => boolean,
): Promise<void> {
  const at = { name: "spire-server", namespace: OPERATOR_NAMESPACE };
  await until("the rollout", async () => {
    const map = await cluster.api.get({ apiVersion: "v1", kind: "ConfigMap", metadata: at });
    const configuration: string = map.data["server.conf"];
    const set = await cluster.api.get({ apiVersion: "apps/v1", kind: "StatefulSet", metadata: at });
    const hash = createHash("sha256").update(configuration.trim()).digest("hex");
    const { metadata, spec, status } = set;
    return isRight(configuration) && status.observedGeneration === metadata.generation &&
      spec.template.metadata.annotations["ztwim.openshift.io/spire-server-config-hash"] === hash &&
      status.updatedReplicas === 1 && status.readyReplicas === 1 &&
      status.currentRevision === status.updateRevision;
  }, 90);
}

/** Sets whether the controller manager's webhook is reachable. Under the operator it is not. */
export async function setWebhook(
  { api, site }: TestCluster,
  state: "inert" | "live",
): Promise<void> {
  const annotations = { "spirefed-e2e/webhook": state };
  await api.merge(SPIRE_SERVER, { metadata: { annotations } });
  await until(`the webhook to be ${state}`, async () => {
    const hook = await api.get({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "spire-controller-manager-webhook" },
    });
    if (state === "inert") await cutOffWebhook(api, site);
    const policy = state === "live" ? "Fail" : "Ignore";
    return hook.webhooks.every((one: Json) =>
      one.failurePolicy === policy && one.clientConfig.caBundle !== undefined
    ) && await refusesGarbage(api) === (state === "live");
  }, 30);
}

/** A Service without endpoints takes no connection away: the API server goes on with the one it has. */
async function cutOffWebhook(api: ApiServer, { namespace }: Site): Promise<void> {
  const metadata = { name: "spire-controller-manager-webhook", namespace: OPERATOR_NAMESPACE };
  const { spec } = await api.get({ apiVersion: "v1", kind: "Service", metadata });
  await must([...inNetwork(namespace), "ss", "--kill", "dst", spec.clusterIP]);
}

/** Whether an API server turns down what only the webhook can tell is wrong. */
async function refusesGarbage(api: ApiServer): Promise<boolean> {
  const [apiVersion, kind] = ["spire.spiffe.io/v1alpha1", "ClusterFederatedTrustDomain"];
  const spec = {
    trustDomain: "garbage.example",
    bundleEndpointURL: "https://garbage.example",
    bundleEndpointProfile: { type: "https_web" },
    trustDomainBundle: "garbage",
  };
  const response = await api.request("POST", `${collectionOf(apiVersion, kind)}?dryRun=All`, {
    type: "application/json",
    body: { apiVersion, kind, metadata: { name: "garbage" }, spec },
  });
  await response.body?.cancel();
  return response.status === 403;
}

/** The operator's object behind the SPIRE server. */
export const SPIRE_SERVER: ObjectName = {
  apiVersion: "operator.openshift.io/v1alpha1",
  kind: "SpireServer",
  metadata: { name: "cluster" },
};

/** Ends the SPIRE server's pod and waits for the next one. Its volume, and so its CA, stays. */
export async function restartSpireServer(cluster: TestCluster): Promise<void> {
  await must([
    ...["kubectl", "--context", cluster.site.name, "-n", OPERATOR_NAMESPACE] as const,
    ...["delete", "pod", "spire-server-0"],
  ]);
  await untilServerIsReady(cluster);
}

/** Waits until the SPIRE server's pod is there and ready. */
export async function untilServerIsReady({ api }: TestCluster): Promise<void> {
  await until("spire-server-0", async () => {
    const pod = await api.get({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "spire-server-0", namespace: OPERATOR_NAMESPACE },
    });
    return pod?.metadata.deletionTimestamp === undefined &&
      pod?.status.conditions?.some(({ type, status }: Json) =>
        type === "Ready" && status === "True"
      );
  }, 90);
}

/** Waits on purpose, where the point is that nothing happens. */
export async function seconds(count: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, count * 1000));
}
