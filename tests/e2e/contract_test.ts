/** Every contract on real Kubernetes and SPIRE; `tests/contract_test.ts` runs them on the sandbox. */
import { openCluster } from "../../lib/cluster/open_cluster.ts";
import { systemHost } from "../../lib/cluster/system_host.ts";
import { CONTRACTS } from "../contract/all.ts";
import type { Ground, Party } from "../contract/ground.ts";
import type { KubernetesObject } from "./api.ts";
import { forgetPeers, openPair, seconds, type TestCluster } from "./clusters.ts";
import { KUBECONFIG } from "./paths.ts";
import { until } from "./process.ts";

const [east, west] = await openPair();

async function party({ site, api }: TestCluster): Promise<Party> {
  const host = systemHost({
    env: (name) => Deno.env.get(name),
    now: () => new Date(),
    sleep: (milliseconds) => seconds(milliseconds / 1000),
    consent: () => Promise.resolve(false),
  });
  const access = {
    kubeconfig: KUBECONFIG,
    as: undefined,
    asGroups: [],
    requestTimeoutMs: 30_000,
    verbosity: 0,
    warn: () => {},
    signal: new AbortController().signal,
  };
  return {
    trustDomain: site.trustDomain,
    cluster: await openCluster(site.name, access, host),
    applyAs: async (manager, manifest) => {
      await api.apply(manifest as unknown as KubernetesObject, manager);
    },
  };
}

const ground: Ground = {
  holder: await party(east),
  peer: await party(west),
  eventually: async (what, probe) => void await until(what, probe, 40),
  pass: seconds,
};

for (const { name, run } of CONTRACTS) {
  Deno.test(`contract on real parts: ${name}`, async () => {
    await forgetPeers(east);
    try {
      await run(ground);
    } finally {
      await forgetPeers(east);
    }
  });
}
