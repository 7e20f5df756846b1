/**
 * The fabric: a network namespace without any uplink, a bridge in it, and a
 * namespace per node plugged into that bridge. Nothing in it can leave the machine.
 *
 * @module
 */
import { FABRIC, FABRIC_ADDRESS, ROUTER_ADDRESS, type Site, SITES } from "./topology.ts";
import { must } from "./process.ts";

/** What puts a command into a network namespace. `ip netns exec` would hide the cgroups. */
export function inNetwork(namespace: string): [string, ...string[]] {
  return ["nsenter", `--net=/run/netns/${namespace}`];
}

/** Makes the fabric and all nodes' namespaces. */
export async function makeFabric(): Promise<void> {
  await ip("netns", "add", FABRIC);
  await ip("-n", FABRIC, "link", "set", "lo", "up");
  await ip("-n", FABRIC, "link", "add", "bridge", "type", "bridge");
  for (const address of [FABRIC_ADDRESS, ROUTER_ADDRESS]) {
    await ip("-n", FABRIC, "address", "add", `${address}/24`, "dev", "bridge");
  }
  await ip("-n", FABRIC, "link", "set", "bridge", "up");
  for (const site of SITES) await plugIn(site);
}

async function plugIn(site: Site): Promise<void> {
  const { name, namespace, address, podNetwork, serviceNetwork } = site;
  await ip("netns", "add", namespace);
  await ip("-n", namespace, "link", "set", "lo", "up");
  const peer = ["peer", "name", "eth0", "netns", namespace];
  await ip("link", "add", `node-${name}`, "netns", FABRIC, "type", "veth", ...peer);
  await ip("-n", FABRIC, "link", "set", `node-${name}`, "master", "bridge", "up");
  await ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
  await ip("-n", namespace, "link", "set", "eth0", "up");
  await ip("-n", namespace, "route", "add", "default", "via", FABRIC_ADDRESS);
  // The router reaches Services through the node, as a router on the node's network would.
  for (const network of [podNetwork, serviceNetwork]) {
    await ip("-n", FABRIC, "route", "add", network, "via", address);
  }
  const settings = ["net.ipv4.ip_forward=1", "net.ipv4.conf.all.route_localnet=1"];
  await must([...inNetwork(namespace), "sysctl", "-qw", ...settings]);
}

async function ip(...words: string[]): Promise<void> {
  await must(["ip", ...words]);
}
