import assert from "node:assert/strict";
import { systemHost } from "./system_host.ts";

const HOST = systemHost({
  env: (name) => name === "HOME" ? "/home/me" : undefined,
  now: () => new Date(0),
  sleep: () => Promise.resolve(),
  consent: () => Promise.resolve(undefined),
});

const CALL = {
  command: Deno.execPath(),
  interactive: false,
  env: { KUBERNETES_EXEC_INFO: "{}" },
  signal: new AbortController().signal,
};

Deno.test("systemHost() runs a plugin with its arguments as they are, in this environment", async () => {
  const script = `
    const env = ["KUBERNETES_EXEC_INFO", "PATH"].map((name) => Deno.env.get(name));
    console.log(JSON.stringify([Deno.args, env]));
    Deno.exit(3);
  `;

  const output = await HOST.runPlugin({
    ...CALL,
    args: ["eval", "--no-config", script, "--", "a b", "$(id)"],
  });

  assert.equal(output.outcome, "exited");
  if (output.outcome !== "exited") return;
  assert.equal(output.code, 3);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(output.stdout)), [
    ["a b", "$(id)"],
    ["{}", Deno.env.get("PATH")],
  ]);
});

Deno.test("systemHost() tells a missing plugin from one that failed", async () => {
  const output = await HOST.runPlugin({ ...CALL, command: "no-such-plugin-here", args: [] });

  assert.equal(output.outcome, "missing");
});

Deno.test("systemHost() ends a plugin that prints without end", async () => {
  const script = "const piece = new Uint8Array(65536); for (;;) Deno.stdout.writeSync(piece);";

  const output = await HOST.runPlugin({ ...CALL, args: ["eval", "--no-config", script] });

  assert.equal(output.outcome, "exited");
  assert.notEqual(output.outcome === "exited" && output.code, 0);
});

Deno.test("systemHost() ends a plugin when the command is stopped", async () => {
  const stop = new AbortController();
  const script = "Deno.stdin.readSync(new Uint8Array(1)); setInterval(() => {}, 1000);";
  const running = HOST.runPlugin({
    ...CALL,
    args: ["eval", "--no-config", script],
    signal: stop.signal,
  });

  stop.abort(new Error("stopped"));

  await assert.rejects(running, /stopped/);
});

Deno.test("systemHost() answers undefined for a file that is not there", async () => {
  assert.equal(await HOST.readFile("/no/such/file"), undefined);
  assert.equal(await HOST.realPath("/no/such/file"), "/no/such/file");
  assert.equal(HOST.home, "/home/me");
});

Deno.test({
  name: "systemHost() reads no file without an end",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await assert.rejects(HOST.readFile("/dev/zero"), { message: "/dev/zero is over 16 MiB" });
    assert.equal(await HOST.readFile("/nowhere/at/all"), undefined);
    assert.equal((await HOST.readFile("/dev/null"))?.length, 0);
  },
});
