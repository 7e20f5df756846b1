/**
 * What can be made to fail: each switch runs some work while something is broken, and
 * mends it afterwards, whatever came of the work.
 *
 * @module
 */
import { join } from "node:path";
import { forgetPeers, restartSpireServer, SPIRE_SERVER, type TestCluster } from "./clusters.ts";
import type { Json } from "./api.ts";
import { inNetwork } from "./network.ts";
import { intoNode } from "./node.ts";
import { RUN } from "./paths.ts";
import { must, run, start, startTime, stop, until } from "./process.ts";
import { readState } from "./state.ts";
import { startRouter } from "./up.ts";
import { OPERATOR_NAMESPACE, ROUTER_ADDRESS, type Site } from "./topology.ts";

/** The router of all clusters is down. */
export async function withRouterDown<T>(work: () => Promise<T>): Promise<T> {
  const router = (await readState())?.daemons["router"];
  if (router !== undefined) await stop(router, "SIGTERM");
  try {
    return await work();
  } finally {
    await startRouter();
    await until("the router to listen", async () => {
      const { stdout } = await run(["ss", "-Hltn", "sport = :443"]);
      return stdout.includes(ROUTER_ADDRESS);
    }, 10);
  }
}

/** A program of one cluster stands still, as if it hung. */
export async function withPaused<T>(
  { site }: TestCluster,
  program: "spire-agent" | "spire-controller-manager" | "spire-server",
  work: () => Promise<T>,
): Promise<T> {
  const pids = await processesOf(site, program);
  for (const pid of pids) Deno.kill(pid, "SIGSTOP");
  try {
    return await work();
  } finally {
    for (const pid of pids) Deno.kill(pid, "SIGCONT");
  }
}

/**
 * The agents of a cluster reach their SPIRE server no more: whatever is new there does not come
 * to workloads. Afterwards the agent starts anew, since its own next try may be long off.
 */
export async function withAgentsCutOff<T>(
  { site }: TestCluster,
  work: () => Promise<T>,
): Promise<T> {
  // An agent lives on the node's network; what it sends has the server's own port by then.
  const rule = ["OUTPUT", "-p", "tcp", "--dport", "8081", "-j", "REJECT"];
  const iptables = (action: string): Promise<string> =>
    must([...inNetwork(site.namespace), "iptables", "-w", action, ...rule]);
  await iptables("-I");
  try {
    return await work();
  } finally {
    await iptables("-D");
    await restartAgents(site);
  }
}

async function restartAgents({ name }: Site): Promise<void> {
  const kubectl = ["kubectl", "--context", name, "-n", OPERATOR_NAMESPACE] as const;
  await must([...kubectl, "delete", "pod", "-l", "app.kubernetes.io/name=spire-agent"]);
  await must([...kubectl, "rollout", "status", "ds/spire-agent", "--timeout=180s"]);
}

/** The operator no longer minds the federation route, which stays; nor does it call itself ready. */
export async function withoutManagedRoute<T>(
  { api }: TestCluster,
  work: () => Promise<T>,
): Promise<T> {
  const set = async (managedRoute: "true" | "false"): Promise<void> => {
    await api.merge(SPIRE_SERVER, { spec: { federation: { managedRoute } } });
    await until("the operator to notice", async () => {
      const { status } = await api.get(SPIRE_SERVER);
      const ready = status.conditions.find(({ type }: Json) => type === "Ready");
      return (ready?.status === "True") === (managedRoute === "true");
    }, 30);
  };
  await set("false");
  try {
    return await work();
  } finally {
    await set("true");
  }
}

/** Ends the API server and starts it again with the same words; its store stays. */
export async function restartApiServer({ site, api }: TestCluster): Promise<void> {
  const [pid] = await processesOf(site, "kube-apiserver");
  const init = (await readState())?.daemons[site.name];
  if (pid === undefined || init === undefined) throw new Error(`${site.name} has no API server`);
  const words = (await Deno.readTextFile(`/proc/${pid}/cmdline`)).split("\0").slice(0, -1);
  // Its name is gone before its port is: only the end of the process says that both are.
  await stop({ pid, started: await startTime(pid) ?? "" });
  const log = join(RUN, site.name, "logs/apiserver.log");
  await until("the API server", async () => {
    if ((await processesOf(site, "kube-apiserver")).length === 0) {
      await start([...intoNode(init.pid), ...words], log);
    }
    return await (await api.request("GET", "/readyz")).text() === "ok";
  }, 90);
}

/**
 * A SPIRE server loses all it had: its CA, its entries, its agents. Both sides start anew
 * afterwards, the agent included, which holds the old CA for good.
 */
export async function loseCa(cluster: TestCluster): Promise<void> {
  const data = join(RUN, cluster.site.name, "kubelet/spire-data");
  for await (const { name } of Deno.readDir(data)) {
    await Deno.remove(join(data, name), { recursive: true });
  }
  await restartSpireServer(cluster);
  await restartAgents(cluster.site);
}

/** No federation at all, anywhere. */
export async function forgetAll(clusters: readonly TestCluster[]): Promise<void> {
  await Promise.all(clusters.map(forgetPeers));
}

/** The processes of a program in a cluster: on its node, or in one of its pods. */
async function processesOf(
  { namespace, cgroup }: Site,
  program: string,
): Promise<readonly number[]> {
  const network = (await Deno.stat(`/run/netns/${namespace}`)).ino;
  const found = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const exe = await Deno.readLink(`/proc/${name}/exe`).catch(() => "");
    if (!exe.endsWith(`/${program}`)) continue;
    const groups = await Deno.readTextFile(`/proc/${name}/cgroup`).catch(() => "");
    const { ino } = await Deno.stat(`/proc/${name}/ns/net`).catch(() => ({ ino: undefined }));
    if (groups.includes(`/${cgroup}/`) || ino === network) found.push(Number(name));
  }
  return found;
}
