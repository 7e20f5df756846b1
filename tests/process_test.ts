/** What only a process can show: streams that close, and signals. Practice clusters over TLS. */
import assert from "node:assert/strict";
import { type SandboxOptions, startSandbox } from "../sandbox/tls/sandbox.ts";

const MOD = new URL("../mod.ts", import.meta.url).pathname;
const RUN = ["run", "--no-prompt", "--allow-all", MOD];

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...RUN, ...args],
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** `peer` whose stdout nobody reads: what it answered, and how many directions stand. */
async function unread(
  faults: SandboxOptions["faults"] = [],
  ...flags: readonly string[]
): Promise<{ readonly code: number; readonly err: string; readonly declared: number }> {
  await using sandbox = await startSandbox({ faults });
  const { kubeconfig: KUBECONFIG, connectTo: SPIREFED_CONNECT_TO, contexts, mount } = sandbox;
  const peer = start(["peer", ...contexts, ...flags], { KUBECONFIG, SPIREFED_CONNECT_TO });
  const [err, { code }] = await Promise.all([
    new Response(peer.stderr).text(),
    peer.status,
    peer.stdout.cancel(),
    peer.stdin.close(),
  ]);
  const kept = contexts.flatMap((name) => [...mount.cluster(name).objects.keys()]);
  const declared = kept.filter((key) => key.startsWith("clusterfederatedtrustdomains/")).length;
  return { code, err, declared };
}

Deno.test("peer whose stdout is closed works on, and exits by the result of the work", async () => {
  for (const flags of [[], ["-o", "json"]]) {
    const { code, err, declared } = await unread([], ...flags);

    assert.deepEqual([code, declared], [0, 2], err);
    assert.doesNotMatch(err, /^error|BrokenPipe|EPIPE|^\s+at /m);
  }
});

Deno.test("peer whose stdout is closed still tells of a partial failure by exit code 3", async () => {
  const denied = { cluster: "west", verb: "apply", dryRun: false, status: 403 } as const;
  const { code, err, declared } = await unread([denied]);

  assert.deepEqual([code, declared], [3, 1], err);
  assert.match(err, /^error: \[west\] apply .*403/m);
  assert.doesNotMatch(err, /BrokenPipe|EPIPE|^\s+at /m);
});

/** More than a pipe holds: once it is written, somebody reads. */
const MUCH = new TextEncoder().encode("\n".repeat(1024 * 1024));

/** A process that waits for the end of its standard input, which does not come. */
async function waiting(args: readonly string[]): Promise<
  { readonly child: Deno.ChildProcess; readonly close: () => Promise<void> }
> {
  const child = start(args);
  const writer = child.stdin.getWriter();
  await writer.write(MUCH);
  return { child, close: () => writer.close().catch(() => {}) };
}

const STUCK: Readonly<Record<string, readonly string[]>> = {
  "peer ends by Ctrl-C with 130, and at once by a second one": [
    ...["peer", "east", "west", "--topology", "-"],
  ],
  "bundle verify ends by Ctrl-C with 130, and at once by a second one": [
    ...["bundle", "verify", "-", "--trust-domain", "apps.east.example"],
  ],
};

for (const [name, args] of Object.entries(STUCK)) {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      for (const signals of ["one", "many"]) {
        const { child, close } = await waiting(args);
        const told = Promise.all([
          new Response(child.stderr).text(),
          new Response(child.stdout).text(),
        ]);
        child.kill("SIGINT");
        const again = signals === "many" ? setInterval(() => kill(child), 20) : undefined;
        const { code } = await child.status;
        clearInterval(again);
        await close();
        const [err, out] = await told;

        assert.deepEqual([code, out], [130, ""], err);
        if (signals === "one") assert.match(err, /Stopped by SIGINT/);
        else assert.equal(err, "", "a second Ctrl-C waits for nothing, not even for words");
      }
    },
  });
}

/** It may have ended already. */
function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGINT");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

Deno.test({
  name: "an answer for which there is no room is a failure, and of which kind tells what stands",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using sandbox = await startSandbox({});
    const { kubeconfig: KUBECONFIG, connectTo: SPIREFED_CONNECT_TO, mount } = sandbox;
    const full = async (...args: readonly string[]): Promise<readonly [number, string]> => {
      const { code, stderr } = await new Deno.Command("/bin/sh", {
        args: ["-c", 'exec "$@" > /dev/full', "sh", Deno.execPath(), ...RUN, ...args],
        env: { KUBECONFIG, SPIREFED_CONNECT_TO },
        stdin: "null",
      }).output();
      return [code, new TextDecoder().decode(stderr)];
    };

    const [fetched, whyNotFetched] = await full("bundle", "fetch", "--context", "east");
    const [peered, whyPartial] = await full("peer", "east", "west");

    assert.deepEqual([fetched, peered], [5, 3]);
    for (const err of [whyNotFetched, whyPartial]) {
      assert.match(err, /^error: The answer cannot be written to standard output$/m);
      assert.match(err, /^ {2}cause: No space left on device/m);
    }
    assert.match(whyNotFetched, /^ {2}next: make room/m);
    assert.match(whyPartial, /^ {2}next: what was done stands: .* status shows it$/m);
    const kept = [...mount.cluster("east").objects.keys()];
    assert.ok(kept.some((key) => key.startsWith("clusterfederatedtrustdomains/")));
  },
});

Deno.test({
  name: "gather that runs out of room says so, exits 5 and leaves no half archive",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using sandbox = await startSandbox({});
    const { kubeconfig: KUBECONFIG, connectTo: SPIREFED_CONNECT_TO } = sandbox;
    const folder = await Deno.makeTempDir();
    try {
      const out = `${folder}/case.tar.gz`;
      // A file may not grow beyond two blocks: to a program that is a full disk.
      const limited = 'trap "" XFSZ; ulimit -f 2; exec "$@"';
      const { code, stderr } = await new Deno.Command("/bin/sh", {
        args: [
          "-c",
          limited,
          "sh",
          Deno.execPath(),
          "run",
          "--no-code-cache",
          ...RUN.slice(1),
          "gather",
          "--out",
          out,
        ],
        env: { KUBECONFIG, SPIREFED_CONNECT_TO },
        stdin: "null",
      }).output();

      const err = new TextDecoder().decode(stderr);
      assert.equal(code, 5, err);
      assert.ok(err.includes(`error: ${out} cannot be written\n`), err);
      assert.match(err, /^ {2}cause: File too large/m);
      assert.match(err, /^ {2}next: make room there, or give another --out$/m);
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
