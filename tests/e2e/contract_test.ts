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

/** A ground, and the cluster that is its holder. */
interface Held {
  readonly ground: Ground;
  readonly holder: TestCluster;
}

function heldBy(holder: TestCluster, party: Party, peer: Party): Held {
  const eventually: Ground["eventually"] = async (what, probe) => void await until(what, probe, 40);
  return { holder, ground: { holder: party, peer, eventually, pass: seconds } };
}

const [asEast, asWest] = [await party(east), await party(west)];
const byEast = heldBy(east, asEast, asWest);
const byWest = heldBy(west, asWest, asEast);

async function runOn({ ground, holder }: Held, at: number): Promise<void> {
  await forgetPeers(holder);
  try {
    await CONTRACTS[at]?.run(ground);
  } finally {
    await forgetPeers(holder);
  }
}

/** All of them, two at a time: a contract changes its holder alone. Answers what comes of each. */
function runAll(): readonly Promise<void>[] {
  const outcomes = CONTRACTS.map(() => Promise.withResolvers<void>());
  const queue = outcomes.entries();
  const take = async (held: Held): Promise<void> => {
    for (const [at, { resolve, reject }] of queue) await runOn(held, at).then(resolve, reject);
  };
  void take(byEast);
  void take(byWest);
  // A failure waits for the test of its name.
  for (const { promise } of outcomes) promise.catch(() => {});
  return outcomes.map(({ promise }) => promise);
}

let outcomes: readonly Promise<void>[] | undefined;

for (const [at, { name }] of CONTRACTS.entries()) {
  Deno.test({
    name: `contract on real parts: ${name}`,
    // What another one has open meanwhile is not this one's leak.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      // Whoever begins with the first wants them all; a filter is for one by itself.
      if (at === 0) outcomes = runAll();
      await (outcomes?.[at] ?? runOn(byEast, at));
    },
  });
}
