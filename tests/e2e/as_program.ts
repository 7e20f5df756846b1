/**
 * A cluster as the program sees it: through the adapter that it uses.
 *
 * @module
 */
import type { Cluster } from "../../lib/cluster/cluster.ts";
import { openCluster } from "../../lib/cluster/open_cluster.ts";
import { systemHost } from "../../lib/cluster/system_host.ts";
import { seconds, type TestCluster } from "./clusters.ts";
import { KUBECONFIG } from "./paths.ts";

/** Opens a cluster as its administrator. */
export async function asProgram(
  { site }: TestCluster,
  kubeconfig = KUBECONFIG,
): Promise<Cluster> {
  const host = systemHost({
    env: (name) => Deno.env.get(name),
    now: () => new Date(),
    sleep: (milliseconds) => seconds(milliseconds / 1000),
    consent: () => Promise.resolve(false),
  });
  const access = {
    kubeconfig,
    as: undefined,
    asGroups: [],
    requestTimeoutMs: 30_000,
    verbosity: 0,
    warn: () => {},
    signal: new AbortController().signal,
  };
  return await openCluster(site.name, access, host);
}
