/** Every contract on the sandbox's World; `tests/e2e/contract_test.ts` runs them on real parts. */
import { WorldCluster } from "../sandbox/in_memory.ts";
import { answerTo } from "../sandbox/tls/requests.ts";
import { CONTRACTS } from "./contract/all.ts";
import type { Ground, Party } from "./contract/ground.ts";
import { type Practice, practice } from "./support/practice.ts";

async function sandboxGround(): Promise<Ground> {
  const world = await practice();
  return {
    holder: partyIn(world, "east"),
    peer: partyIn(world, "west"),
    eventually: async (what, probe) => {
      for (let tries = 0; !await probe(); tries++) {
        if (tries > 200) throw new Error(`Waited 40 s of the World's time for ${what}`);
        await world.tick(200);
      }
    },
    pass: (seconds) => world.tick(seconds * 1000),
  };
}

function partyIn({ cluster, mount }: Practice, name: string): Party {
  return {
    trustDomain: mount.cluster(name).trustDomain,
    cluster: cluster(name),
    applyAs: async (manager, manifest) => {
      const other = new WorldCluster({ name, cluster: name, mount, system: manager });
      await other.apply(manifest, { force: true });
    },
    ask: (method, path, { type = "application/json", body } = { body: undefined }) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const answer = answerTo(mount, name, {
        method,
        path: path.replace(/\?.*/, ""),
        query: new URLSearchParams(/\?(.*)/.exec(path)?.[1]),
        contentType: type,
        userAgent: "contract",
        body: text,
        bytes: new TextEncoder().encode(text),
      });
      return Promise.resolve(JSON.parse(JSON.stringify(answer)));
    },
  };
}

for (const { name, run } of CONTRACTS) {
  Deno.test(`contract in the sandbox: ${name}`, async () => await run(await sandboxGround()));
}
