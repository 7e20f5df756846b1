/**
 * `deno task scale`: a full mesh of 50 practice clusters in memory, and of 10 over TLS,
 * each made twice. Counts are what they must be or this fails; times and memory are
 * measured and told.
 *
 * @module
 */
import { main } from "../commands/main.ts";
import { clusterNames } from "../sandbox/healthy.ts";
import { startSandbox } from "../sandbox/tls/sandbox.ts";
import { practice } from "../tests/support/practice.ts";

const PROGRAM = new URL("../mod.ts", import.meta.url);

if (import.meta.main) {
  const [inMemory = 50, overTls = 10] = Deno.args.map(Number);
  await meshInMemory(inMemory);
  await meshOverTls(overTls);
}

/** The program and the World in this process, no network, no limit on requests. */
async function meshInMemory(count: number): Promise<void> {
  const names = clusterNames(count);
  const run = await practice({ clusters: names });
  say(`${count} clusters in memory, ${count * (count - 1)} directions`);
  for (const writes of [count * (count - 1), 0]) {
    run.calls.length = 0;
    const seconds = await timed(() =>
      main(["peer", ...names, "--topology", "mesh"], run.context).then((code) => {
        if (code !== 0) throw new Error(`exit ${code}\n${run.context.err.join("")}`);
      })
    );
    require("endpoint fetches", run.fetches(), count);
    require("writes", run.writes(), writes);
    require("dry runs", run.dryRuns(), writes === 0 ? 0 : count);
    say(
      `  ${seconds} s, ${run.fetches()} fetches, ${run.dryRuns()} dry runs, ` +
        `${run.writes()} writes, ${run.calls.length} calls in all, ${residentMiB()} MiB resident`,
    );
  }
}

/** The program as a process of its own; its limiter is on, as it is for real clusters. */
async function meshOverTls(count: number): Promise<void> {
  await using sandbox = await startSandbox({ clusters: count });
  say(`${count} clusters over TLS, ${count * (count - 1)} directions`);
  for (const attempt of ["first", "second"]) {
    const seconds = await timed(async () => {
      const program = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", "--allow-all", PROGRAM.href, "peer", ...sandbox.contexts],
        env: { KUBECONFIG: sandbox.kubeconfig, SPIREFED_CONNECT_TO: sandbox.connectTo },
        stderr: "piped",
        stdout: "piped",
      });
      const { code, stderr } = await program.output();
      if (code !== 0) throw new Error(`exit ${code}\n${new TextDecoder().decode(stderr)}`);
    });
    say(`  ${attempt} run: ${seconds} s`);
  }
}

async function timed(work: () => Promise<void>): Promise<string> {
  const began = performance.now();
  await work();
  return ((performance.now() - began) / 1000).toFixed(1);
}

function require(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`);
}

function residentMiB(): number {
  return Math.round(Deno.memoryUsage().rss / 1024 / 1024);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
