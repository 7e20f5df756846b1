/**
 * What a run may leave on a machine, and whether it did.
 *
 * @module
 */
import { CGROUP_CONTROLLERS } from "./machine.ts";
import { PROGRAMS, RUN } from "./paths.ts";
import { ALL_SITES, FABRIC } from "./topology.ts";

/** Names of all namespaces a run makes. */
export const NAMESPACES: readonly string[] = [
  FABRIC,
  ...ALL_SITES.map(({ namespace }) => namespace),
];

/** Sysctls that some part is known to write, or that would open the machine's network. */
const SYSCTLS = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "vm/max_map_count",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/forwarding",
  "net/ipv4/conf/all/route_localnet",
  "net/ipv6/conf/all/forwarding",
  "net/netfilter/nf_conntrack_max",
  "net/ipv4/ip_local_port_range",
  "fs/inotify/max_user_instances",
  "fs/inotify/max_user_watches",
];

/** The machine-wide settings as they are now. */
export async function snapshot(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of SYSCTLS) {
    const value = await Deno.readTextFile(`/proc/sys/${name}`).catch(() => undefined);
    if (value !== undefined) found[name] = value.trim();
  }
  return found;
}

/** Everything of a run that is still there, a line each; nothing, if it went cleanly. */
export async function leftovers(
  before: Readonly<Record<string, string>>,
  networks: ReadonlySet<number>,
): Promise<readonly string[]> {
  return [
    ...(await strayProcesses(networks)).map((pid) => `process ${pid}`),
    ...await presentOf(NAMESPACES.map((name) => `/run/netns/${name}`)),
    ...await presentOf(cgroups()),
    ...await mounts(),
    ...await changedSettings(before),
  ];
}

/** All cgroups at the root of a node. */
export function cgroups(): readonly string[] {
  return CGROUP_CONTROLLERS.flatMap((controller) =>
    ALL_SITES.map(({ cgroup }) => `/sys/fs/cgroup/${controller}/${cgroup}`)
  );
}

async function presentOf(paths: readonly string[]): Promise<readonly string[]> {
  const present = [];
  for (const path of paths) {
    if (await Deno.lstat(path).then(() => true, () => false)) present.push(path);
  }
  return present;
}

async function mounts(): Promise<readonly string[]> {
  const table = await Deno.readTextFile("/proc/self/mountinfo");
  const ours = (line: string): boolean =>
    line.includes(`${RUN}/`) || NAMESPACES.some((name) => line.includes(`/netns/${name} `));
  return table.split("\n").filter(ours).map((line) => `mount ${line.split(" ")[4]}`);
}

async function changedSettings(
  before: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const now = await snapshot();
  return Object.entries(before)
    .filter(([name, value]) => now[name] !== value)
    .map(([name, value]) => `sysctl ${name}: ${value} before, ${now[name]} now`);
}

/** The network namespaces of a run, by inode: a process may outlive the name of its own. */
export async function ownNetworks(): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (const name of NAMESPACES) {
    const inode = await inodeOf(`/run/netns/${name}`);
    if (inode !== undefined) found.add(inode);
  }
  return found;
}

/**
 * Processes in a network namespace or a cgroup of a run, which nobody else has, whoever
 * started them; and programs that were started from its folder.
 */
export async function strayProcesses(networks: ReadonlySet<number>): Promise<readonly number[]> {
  const found = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    const words = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    const groups = await Deno.readTextFile(`/proc/${name}/cgroup`).catch(() => "");
    const network = await inodeOf(`/proc/${name}/ns/net`);
    if (
      (network !== undefined && networks.has(network)) || words.startsWith(`${PROGRAMS}/`) ||
      ALL_SITES.some(({ cgroup }) => groups.includes(`/${cgroup}/`))
    ) found.push(pid);
  }
  return found;
}

async function inodeOf(path: string): Promise<number | undefined> {
  return await Deno.stat(path).then(({ ino }) => ino ?? undefined, () => undefined);
}
