/** Every contract on real Kubernetes and SPIRE; `tests/contract_test.ts` runs them on the sandbox. */
import { CONTRACTS } from "../contract/all.ts";
import type { Ground, Party } from "../contract/ground.ts";
import type { KubernetesObject } from "./api.ts";
import { asProgram } from "./as_program.ts";
import { forgetPeers, openPair, seconds, type TestCluster } from "./clusters.ts";
import { until } from "./process.ts";

const [east, west] = await openPair();

async function party(cluster: TestCluster): Promise<Party> {
  return {
    trustDomain: cluster.site.trustDomain,
    cluster: await asProgram(cluster),
    applyAs: async (manager, manifest) => {
      await cluster.api.apply(manifest as unknown as KubernetesObject, manager);
    },
    ask: async (method, path, { type = "application/json", body } = { body: undefined }) => {
      const response = await cluster.api.request(method, path, { type, body });
      const text = await response.text();
      return { status: response.status, body: parsed(text) };
    },
  };
}

/** Not every answer is JSON. */
function parsed(text: string): unknown {
  return text.startsWith("{") ? JSON.parse(text) : text;
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
