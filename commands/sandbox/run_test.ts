import assert from "node:assert/strict";
import { access, readFile, stat } from "node:fs/promises";
import net from "node:net";
import { SpirefedError } from "../../lib/errors.ts";
import { practice } from "../../tests/support/practice.ts";
import { run } from "./run.ts";

const FLAGS = { clusters: 2, empty: false, port: 0, speed: 1, noColor: true };

Deno.test("sandbox prints how to use it, stays until Ctrl-C and leaves nothing behind", async () => {
  const { context, interrupt } = await practice({ clusters: ["unused"] });

  const running = run({ args: [], flags: FLAGS }, context);
  await until(() => context.err.length > 0);
  const [, kubeconfig = ""] = /^export KUBECONFIG='(.+)'$/m.exec(context.out.join("")) ?? [];
  const { mode } = await stat(kubeconfig);
  const config = JSON.parse(await readFile(kubeconfig, "utf8"));
  interrupt();
  await running;

  assert.equal(mode & 0o777, 0o600);
  assert.deepEqual(config.contexts.map(({ name }: { name: string }) => name), ["east", "west"]);
  assert.match(
    context.out.join(""),
    /^export SPIREFED_CONNECT_TO='federation\.apps\.east\.example:443:127\.0\.0\.1:\d+,federation\./m,
  );
  assert.match(context.err.join(""), /They are a stand-in, on this machine only/);
  await assert.rejects(access(kubeconfig));
});

Deno.test("sandbox refuses numbers that make no sense", async () => {
  const { context } = await practice({ clusters: ["unused"] });

  for (const flags of [{ clusters: 0 }, { clusters: 101 }, { port: 65_535 }, { speed: 0 }]) {
    await assert.rejects(
      run({ args: [], flags: { ...FLAGS, ...flags } }, context),
      (error: unknown) => error instanceof SpirefedError && error.exitCode === 2,
    );
  }
});

Deno.test("sandbox says which way out when a port is taken", async () => {
  const { context } = await practice({ clusters: ["unused"] });
  const other = net.createServer();
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  const { port } = other.address() as net.AddressInfo;

  try {
    await assert.rejects(
      run({ args: [], flags: { ...FLAGS, port } }, context),
      (error: unknown) => error instanceof SpirefedError && error.code === "sandbox/port",
    );
  } finally {
    await new Promise((closed) => other.close(closed));
  }
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((soon) => setTimeout(soon, 10));
}
