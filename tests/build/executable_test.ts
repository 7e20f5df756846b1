import assert from "node:assert/strict";
import { startSandbox } from "../../sandbox/tls/sandbox.ts";
import { sha256 } from "../../tools/build/standalone.ts";
import { cannotMount, DENO_FOLDER, EXECUTABLE, folder, run } from "./support.ts";

const PATH = `${DENO_FOLDER}:/usr/bin:/bin`;

Deno.test("the executable starts without HOME or any other variable but PATH", async () => {
  const { code, out, err } = await run(EXECUTABLE, ["version"], { PATH });

  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^oc-spirefed \d+\.\d+\.\d+\nDeno /);
});

Deno.test("the executable works behind a link, from a path with blanks", async () => {
  await using place = await folder();
  await Deno.mkdir(`${place.path}/krew store/spirefed/v1`, { recursive: true });
  await Deno.copyFile(EXECUTABLE, `${place.path}/krew store/spirefed/v1/oc-spirefed`);
  await Deno.symlink("krew store/spirefed/v1/oc-spirefed", `${place.path}/kubectl-spirefed`);

  const { code, out } = await run(`${place.path}/kubectl-spirefed`, ["peer", "--help"], { PATH });

  assert.equal(code, 0);
  assert.match(out, /^ {2}kubectl spirefed peer CTX\.\.\. \[flags\]$/m);
});

Deno.test("the executable names itself as it was called", async () => {
  const calls: readonly (readonly [Record<string, string>, string])[] = [
    [{ _: "/usr/bin/oc" }, "oc spirefed"],
    [{ _: "/usr/bin/kubectl" }, "kubectl spirefed"],
    [{ _: EXECUTABLE }, "oc-spirefed"],
  ];
  for (const [env, program] of calls) {
    const { err } = await run(EXECUTABLE, ["peer", "--bogus"], { PATH, ...env });

    assert.match(err, new RegExp(`^ {2}next: ${program} peer --help$`, "m"));
  }
});

Deno.test("the executable refuses to start where TLS checks may be switched off", async () => {
  for (const value of ["0", "1", ""]) {
    const env = { PATH, NODE_TLS_REJECT_UNAUTHORIZED: value };
    const { code, err } = await run(EXECUTABLE, ["version"], env);

    assert.equal(code, 2);
    assert.match(err, /^ {2}next: unset NODE_TLS_REJECT_UNAUTHORIZED$/m);
  }
});

Deno.test("the executable works where nothing at home can be written", {
  ignore: cannotMount(),
}, async () => {
  const script = `mount -t tmpfs -o ro none /mnt && exec "$0" version`;
  const { code, out, err } = await run("unshare", ["-m", "sh", "-c", script, EXECUTABLE], {
    PATH,
    HOME: "/mnt",
  });

  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^oc-spirefed /);
});

Deno.test("the executable peers clusters, with a credential plugin too, and only once", async () => {
  await using sandbox = await startSandbox();
  await using place = await folder();
  const config = JSON.parse(await Deno.readTextFile(sandbox.kubeconfig));
  const plugin = `${place.path}/plug in`;
  const { user } = config.users[0];
  await Deno.writeTextFile(plugin, credentialPlugin(user.token, place.path), { mode: 0o755 });
  config.users[0].user = {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      command: plugin,
      interactiveMode: "Never",
    },
  };
  await Deno.writeTextFile(`${place.path}/config`, JSON.stringify(config));
  const env = {
    PATH,
    HOME: place.path,
    KUBECONFIG: `${place.path}/config`,
    SPIREFED_CONNECT_TO: sandbox.connectTo,
  };

  const first = await run(EXECUTABLE, ["peer", "east", "west"], env);
  const second = await run(EXECUTABLE, ["peer", "east", "west"], env);

  assert.deepEqual([first.code, second.code], [0, 0], first.err + second.err);
  assert.match(first.out, /✓ east → west {3}trusted/);
  assert.match(first.out, /Next: oc spirefed /);
  assert.equal(await Deno.readTextFile(`${place.path}/calls`), "called\ncalled\n");
});

/** Prints a token, and counts how often it is asked. */
function credentialPlugin(token: string, place: string): string {
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token },
  };
  return `#!/bin/sh\necho called >>'${place}/calls'\necho '${JSON.stringify(credential)}'\n`;
}

Deno.test("the same sources give the same bytes, wherever they lie", async () => {
  await using place = await folder();
  const root = new URL("../../", import.meta.url).pathname;
  const copy =
    `cd '${root}' && git ls-files -z -- . ':!tests' ':!docs' | xargs -0 cp -f --parents -t`;
  await run("sh", ["-c", `${copy} '${place.path}'`], { PATH });
  const build = ["run", "--no-prompt", "--allow-all", `${place.path}/tools/build.ts`];
  await run(Deno.execPath(), build, { PATH, HOME: Deno.env.get("HOME") ?? "" });

  const [here, there] = await Promise.all(
    [EXECUTABLE, `${place.path}/dist/oc-spirefed`].map((file) => Deno.readFile(file)),
  );

  assert.ok(here !== undefined && there !== undefined);
  assert.ok(here.length > 100_000);
  assert.equal(await sha256(there), await sha256(here));
});

Deno.test("peer runs nothing, and reads and reaches only what it was told", async () => {
  await using sandbox = await startSandbox();
  await using place = await folder();
  const audit = `${place.path}/audit`;

  const { code, err } = await run(EXECUTABLE, ["peer", "east", "west"], {
    PATH,
    HOME: place.path,
    KUBECONFIG: sandbox.kubeconfig,
    SPIREFED_CONNECT_TO: sandbox.connectTo,
    DENO_AUDIT_PERMISSIONS: audit,
  });

  const lines = (await Deno.readTextFile(audit)).trim().split("\n");
  const used = lines.map((line): Access => JSON.parse(line));
  const values = (
    kind: string,
  ): readonly string[] => [
    ...new Set(used.flatMap(({ permission, value }) => permission === kind ? value : [])),
  ];
  assert.equal(code, 0, err);
  assert.deepEqual([values("run"), values("sys"), values("ffi"), values("import")], [
    [],
    [],
    [],
    [],
  ]);
  assert.deepEqual(values("read").toSorted(), [".", sandbox.kubeconfig]);
  assert.deepEqual(values("net").filter((address) => !address.startsWith("127.0.0.1:")), []);
  assert.ok(values("net").length > 0);
});

/** A line of what Deno writes down about its permissions. */
interface Access {
  readonly permission: string;
  readonly value: string;
}
