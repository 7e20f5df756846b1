/**
 * Says what of a run is there.
 *
 * @module
 */
import { isAlive, run, say } from "./process.ts";
import { ENTER } from "./paths.ts";
import { readState } from "./state.ts";

/** Prints what runs, and answers whether all of it does. */
export async function printStatus(): Promise<boolean> {
  const state = await readState();
  if (state === undefined) {
    say("nothing is up; deno task e2e:up brings everything up");
    return false;
  }
  let healthy = true;
  for (const [name, daemon] of Object.entries(state.daemons)) {
    const alive = await isAlive(daemon);
    healthy &&= alive;
    say(`${alive ? "running" : "GONE   "}  ${name} (process ${daemon.pid})`);
  }
  for (const { site } of state.admins) {
    const { stdout, stderr, code } = await run([
      ...[ENTER, "kubectl", "--context", site.name, "get", "pods", "--all-namespaces"] as const,
    ]);
    healthy &&= code === 0;
    say(`\n${site.name} ${site.trustDomain} https://${site.address}:6443\n${stdout}${stderr}`);
  }
  return healthy;
}
