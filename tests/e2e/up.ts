/**
 * From nothing to clusters with SPIRE, an operator, a router and names.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { SpirefedError } from "../../lib/errors.ts";
import type { ApiServer, KubernetesObject } from "./api.ts";
import { buildAll, ensure, isThere, linkDefinitions, relink } from "./build.ts";
import { clusterDns, startFabricDns } from "./dns.ts";
import { takeDown } from "./down.ts";
import { packAll } from "./images.ts";
import { snapshot } from "./leftovers.ts";
import { checkMachine } from "./machine.ts";
import { inNetwork, makeFabric } from "./network.ts";
import { startNode } from "./node.ts";
import {
  DEFINITION_FILES,
  HERE,
  IMAGES,
  PLUGIN,
  PROGRAMS,
  ROUTER_CONFIGURATION,
  ROUTER_LOG,
  RUN,
} from "./paths.ts";
import type { Access } from "./pki.ts";
import { must, runInFront, say, start, until } from "./process.ts";
import { OPERATOR_DEFINITIONS } from "./stand_ins/operator_definitions.ts";
import * as operator from "./stand_ins/operator_objects.ts";
import { routerConfiguration } from "./stand_ins/router.ts";
import { readState, remember, writeAccess } from "./state.ts";
import { fillStore } from "./store.ts";
import { FABRIC, OPERATOR_NAMESPACE as namespace, type Site, SITES } from "./topology.ts";
import { waitForTurn } from "./turn.ts";

/** Builds what is not built, and brings everything up. What an earlier run left is taken down first. */
export async function bringUp(): Promise<void> {
  await checkMachine();
  await takeDown();
  await ensure(RUN);
  await prepare();
  // So that people find the same Deno where the clusters are.
  await relink(Deno.execPath(), join(PROGRAMS, "deno"));
  await remember({ before: await snapshot() });
  await makeFabric();
  const main = join(HERE, "main.ts");
  const inside = [Deno.execPath(), "run", "--no-prompt", "--allow-all", main, "inside"];
  const code = await runInFront([...inNetwork(FABRIC), ...inside] as [string, ...string[]]);
  if (code !== 0) throw new SpirefedError("unhealthy", "The clusters did not come up");
}

/** What can be had once for every run. */
async function prepare(): Promise<void> {
  using _ = await waitForTurn("build");
  await buildAll();
  await linkDefinitions();
  await fetchPackages();
  await installPlugin();
  await relink(await fillStore(await packAll()), IMAGES);
}

/** Where the clusters are nothing can be fetched: neither what tests import nor what a build takes. */
async function fetchPackages(): Promise<void> {
  const cwd = new URL("../../", import.meta.url).pathname;
  await must([Deno.execPath(), "install", "--quiet"], { cwd });
  await must([Deno.execPath(), "task", "build"], { cwd });
}

/** The plugin as it is now, where kubectl finds it. A copy: another run may build the next one. */
async function installPlugin(): Promise<void> {
  await ensure(dirname(PLUGIN));
  await Deno.copyFile(new URL("../../dist/oc-spirefed", import.meta.url), PLUGIN);
}

/** The part of {@linkcode bringUp} that talks to the clusters, and so runs in the fabric. */
export async function bringUpInside(): Promise<void> {
  const lap = stopwatch();
  await remember({ daemons: { dns: await startFabricDns() } });
  await startRouter();
  const clusters = await Promise.all(SITES.map(startCluster));
  lap("clusters");
  await writeAccess(clusters.map(({ admin }) => admin));
  await startStandIns();
  await Promise.all(clusters.map(({ api, admin }) => startSpire(api, admin.site)));
  lap("SPIRE");
  for (const { api } of clusters) api.close();
}

interface Cluster {
  readonly admin: Access;
  readonly api: ApiServer;
}

async function startCluster(site: Site): Promise<Cluster> {
  const { admin, api } = await startNode(
    site,
    (init) => remember({ daemons: { [site.name]: init } }),
  );
  await remember({ admins: [admin] });
  return { admin, api };
}

/** Starts the router; what it routes, the stand-ins tell it. */
export async function startRouter(): Promise<void> {
  const known = await isThere(ROUTER_CONFIGURATION);
  if (!known) await Deno.writeTextFile(ROUTER_CONFIGURATION, routerConfiguration([]));
  const command = ["/usr/sbin/haproxy", "-W", "-db", "-f", ROUTER_CONFIGURATION];
  const router = await start(
    [...inNetwork(FABRIC), ...command] as [string, ...string[]],
    ROUTER_LOG,
  );
  await remember({ daemons: { router } });
}

async function startStandIns(): Promise<void> {
  const command = ["run", "--no-prompt", "--allow-all", join(HERE, "stand_ins/main.ts")];
  const standIns = await start(
    [...inNetwork(FABRIC), Deno.execPath(), ...command] as [string, ...string[]],
    join(RUN, "stand-ins.log"),
  );
  await remember({ daemons: { "stand-ins": standIns } });
}

/** SPIRE and what it needs, as an administrator sets it up; waits until it works. */
export async function startSpire(api: ApiServer, site: Site): Promise<void> {
  await defineResources(api);
  for (const object of [...clusterDns(site), operator.OPERATOR_HOME]) await api.apply(object);
  await api.apply(operator.ingressConfiguration(site));
  await api.apply(operator.serverVolume());
  for (const object of operator.requests(site)) {
    await api.apply(object, "kubectl-client-side-apply");
  }
  await until(`SPIRE in ${site.name}`, () => isReady(api), 120);
}

/** All definitions of kinds that a cluster has. */
export async function readDefinitions(): Promise<readonly KubernetesObject[]> {
  const { load } = await import("js-yaml");
  const definitions = [...OPERATOR_DEFINITIONS];
  for await (const { name } of Deno.readDir(DEFINITION_FILES)) {
    const text = await Deno.readTextFile(join(DEFINITION_FILES, name));
    definitions.push(load(text) as KubernetesObject);
  }
  return definitions;
}

async function defineResources(api: ApiServer): Promise<void> {
  const definitions = await readDefinitions();
  await Promise.all(definitions.map((definition) => api.apply(definition)));
  await until("the definitions", async () => {
    const held = await api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    return held.length >= definitions.length &&
      held.every(({ status }) =>
        status?.conditions?.some(({ type, status }: { type: string; status: string }) =>
          type === "Established" && status === "True"
        )
      );
  });
}

async function isReady(api: ApiServer): Promise<boolean> {
  const sets = await api.list("apps/v1", "DaemonSet", namespace);
  const agents = sets.length === 2 && sets.every(({ status }) => status?.numberReady === 1);
  const server = await api.get({
    apiVersion: "operator.openshift.io/v1alpha1",
    kind: "SpireServer",
    metadata: { name: "cluster" },
  });
  const route = await api.get({
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: { name: "spire-server-federation", namespace },
  });
  return agents && route?.status?.ingress !== undefined &&
    server?.status?.conditions?.some(({ type, status }: { type: string; status: string }) =>
        type === "Ready" && status === "True"
      ) === true;
}

function stopwatch(): (what: string) => void {
  const began = Date.now();
  return (what) => say(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}

/** Whether a run is up, judged by its record. */
export async function isUp(): Promise<boolean> {
  return (await readState())?.admins.length === SITES.length;
}
