/** Every contract on the sandbox's World; `tests/e2e/contract_test.ts` runs them on real parts. */
import { WorldCluster } from "../sandbox/in_memory.ts";
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
  };
}

for (const { name, run } of CONTRACTS) {
  Deno.test(`contract in the sandbox: ${name}`, async () => await run(await sandboxGround()));
}
