/**
 * What a machine needs to run real clusters, and what a given one lacks.
 *
 * @module
 */
import { SpirefedError } from "../../lib/errors.ts";
import { isThere } from "./build.ts";
import { run } from "./process.ts";

/** Debian's packages, and a program of each by which it is recognised. */
const PACKAGES: Readonly<Record<string, string>> = {
  containerd: "/usr/bin/containerd",
  runc: "/usr/sbin/runc",
  "containernetworking-plugins": "/usr/lib/cni/ptp",
  iptables: "/usr/sbin/iptables",
  conntrack: "/usr/sbin/conntrack",
  ethtool: "/usr/sbin/ethtool",
  socat: "/usr/bin/socat",
  haproxy: "/usr/sbin/haproxy",
  "busybox-static": "/bin/busybox",
  iproute2: "/usr/sbin/ip",
  gcc: "/usr/bin/gcc",
  "libc6-dev": "/usr/include/stdlib.h",
};

/** The cgroup (v1) controllers that a kubelet wants. */
export const CGROUP_CONTROLLERS = [
  "blkio",
  "cpu",
  "cpuacct",
  "cpuset",
  "devices",
  "freezer",
  "memory",
  "pids",
  "systemd",
] as const;

/** Where they run out a node does not become ready, and nothing says why but its kubelet's log. */
const INOTIFY = "/proc/sys/fs/inotify/max_user_instances";

/** What Linux gives a user by default: enough for the suite's clusters and one more. */
const LEAST_INSTANCES = 128;

/** What is missing here, each with what to do about it. */
export async function missingHere(): Promise<readonly string[]> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    return [`Linux on x86_64: this is ${Deno.build.os} on ${Deno.build.arch}`];
  }
  const missing: string[] = [];
  if (Deno.uid() !== 0) missing.push("root: network namespaces and containers need it");
  if (!await canRun("go", "version")) missing.push("Go 1.26 or newer on PATH");
  const packages = await missingPackages();
  if (packages.length > 0) {
    missing.push(
      `packages: apt-get update && apt-get install -y --no-install-recommends ${
        packages.join(" ")
      }`,
    );
  }
  for (const controller of CGROUP_CONTROLLERS) {
    if (!await isThere(`/sys/fs/cgroup/${controller}`)) {
      missing.push(`cgroup v1 with the controller "${controller}"`);
    }
  }
  const instances = Number(await Deno.readTextFile(INOTIFY).catch(() => LEAST_INSTANCES));
  if (instances < LEAST_INSTANCES) {
    missing.push(`${LEAST_INSTANCES} inotify instances, 13 a cluster: ${INOTIFY} is ${instances}`);
  }
  return missing;
}

/** Debian's packages that are not installed. */
export async function missingPackages(): Promise<readonly string[]> {
  const missing = [];
  for (const [name, file] of Object.entries(PACKAGES)) {
    if (!await isThere(file)) missing.push(name);
  }
  return missing;
}

/** @throws {SpirefedError} `preflight`, naming everything that is missing. */
export async function checkMachine(): Promise<void> {
  const missing = await missingHere();
  if (missing.length === 0) return;
  throw new SpirefedError(
    "preflight",
    `This machine cannot run the end-to-end tests; it lacks\n  - ${missing.join("\n  - ")}`,
    { remedy: "tests/e2e/README.md lists what they need" },
  );
}

async function canRun(program: string, argument: string): Promise<boolean> {
  return await run([program, argument]).then(({ code }) => code === 0, () => false);
}
