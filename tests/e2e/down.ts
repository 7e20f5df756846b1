/**
 * Takes a run down and proves that nothing of it is left.
 *
 * @module
 */
import { SpirefedError } from "../../lib/errors.ts";
import { cgroups, leftovers, NAMESPACES, ownNetworks, strayProcesses } from "./leftovers.ts";
import { RUN } from "./paths.ts";
import { run, stop, until } from "./process.ts";
import { readState } from "./state.ts";

/**
 * Ends what the run's record names: the first process of each node, which takes all of
 * that node along, and the few programs of the fabric; then whatever else is in its
 * namespaces and cgroups, so that a run without a record goes too.
 *
 * @throws {SpirefedError} `unhealthy`, naming everything that is still there.
 */
export async function takeDown(): Promise<void> {
  const { daemons = {}, before = {} } = await readState() ?? {};
  const networks = await ownNetworks();
  for (const daemon of Object.values(daemons).reverse()) await stop(daemon);
  for (const pid of await strayProcesses(networks)) kill(pid);
  await removeCgroups();
  for (const name of NAMESPACES) await run(["ip", "netns", "delete", name]).catch(() => {});
  await until("the processes of the run to end", async () => {
    left = await leftovers(before, networks);
    return left.length === 0;
  }, 10).catch(() => {});
  if (left.length > 0) {
    throw new SpirefedError("unhealthy", `Still there:\n  - ${left.join("\n  - ")}`);
  }
  await Deno.remove(RUN, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

let left: readonly string[] = [];

/** The kernel takes a moment to empty a group whose processes were killed. */
async function removeCgroups(): Promise<void> {
  for (const root of cgroups()) {
    await until(`${root} to be empty`, async () => {
      await run(["find", root, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]);
      return await Deno.stat(root).then(() => false, () => true);
    }, 10).catch(() => {});
  }
}
