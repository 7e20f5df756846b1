/**
 * `deno task demo`: two practice clusters on this machine come to trust each other, by
 * the real command line over real TLS, sixty times faster than life.
 *
 * @module
 */
import { startSandbox } from "../sandbox/tls/sandbox.ts";
import type { Sandbox } from "../sandbox/tls/sandbox.ts";
import { readBundle } from "../sandbox/spiffe_bundle.ts";

const PROGRAM = new URL("../mod.ts", import.meta.url);
/** An hour in a minute: a poll each 75 s comes after 1.25 s. */
const SPEED = 60;
/** How people type it who have nothing but Node. */
const RUNNER = `npx -y deno@${Deno.version.deno} task dev`;
/** How long a changed bundle may take to arrive, with some patience for a busy machine. */
const ARRIVAL_MS = 8_000;

if (import.meta.main) {
  await using sandbox = await startSandbox({ speed: SPEED });
  Deno.exitCode = await demonstrate(sandbox);
}

async function demonstrate(sandbox: Sandbox): Promise<number> {
  say("Two practice clusters run on this machine, east and west. They are a stand-in;");
  say("the certificates, the TLS and the program are real. Neither trusts the other.");
  const peered = await typed(["peer", "east", "west"], sandbox);
  if (peered !== 0) return peered;
  say("\nEach SPIRE server now holds the other's X.509 authorities:");
  show(sandbox);
  say("\nwest gets a new certificate authority; east's server polls, and follows by itself:");
  const followed = await rotate(sandbox);
  show(sandbox);
  if (!followed) {
    say("It did not follow in time.");
    return 3;
  }
  say("\nThe same command again changes nothing:");
  const again = await typed(["peer", "east", "west"], sandbox);
  say(`
To go on by yourself, keep practice clusters running in one shell:
  ${RUNNER} sandbox
and in another paste the two lines it prints, then try:
  ${RUNNER} peer east west --dry-run
  ${RUNNER} bundle fetch --context east
  ${RUNNER} cfdt gen --context west > west.yaml
  kubectl --context east apply -f west.yaml
  ${RUNNER} --help`);
  return again;
}

/** Runs a command line as a user would, and answers its exit code. */
async function typed(words: readonly string[], sandbox: Sandbox): Promise<number> {
  say(`\n$ oc spirefed ${words.join(" ")}`);
  const program = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", PROGRAM.href, ...words],
    env: { KUBECONFIG: sandbox.kubeconfig, SPIREFED_CONNECT_TO: sandbox.connectTo },
  });
  return (await program.spawn().status).code;
}

function show({ mount, contexts }: Sandbox): void {
  for (const name of contexts) {
    for (const [trustDomain, bundle] of mount.cluster(name).spire.stored) {
      const count = readBundle(bundle, "spire").x509.length;
      say(`  ${name}  ${trustDomain}  ${count} ${count === 1 ? "authority" : "authorities"}`);
    }
  }
}

/** Prepares a CA at west, and waits until east's server holds it. */
async function rotate({ mount, clockwork }: Sandbox): Promise<boolean> {
  const { trustDomain, spire: { x509Authorities } } = mount.cluster("west");
  const prepared = await clockwork.ring.authority(trustDomain, mount.now, "prepared");
  const authorities = [...x509Authorities, prepared];
  mount.dispatch({ type: "authorities", cluster: "west", authorities });
  const late = AbortSignal.timeout(ARRIVAL_MS);
  while (!late.aborted) {
    const stored = mount.cluster("east").spire.stored.get(trustDomain);
    if (stored && readBundle(stored, "spire").x509.length === authorities.length) return true;
    await mount.changed(late);
  }
  return false;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
