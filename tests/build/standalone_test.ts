import assert from "node:assert/strict";
import { startSandbox } from "../../sandbox/tls/sandbox.ts";
import { cannotMount, filesBelow, folder, isNotRoot, run, STANDALONE } from "./support.ts";

/** All that the script uses of the machine. */
const TOOLS = ["sh", "tail", "head", "gzip", "wc", "mkdir", "mv", "rm", "chmod"];

/** A folder that holds these programs and no other, to be all of PATH. */
async function toolsOnly(place: string, tools: readonly string[] = TOOLS): Promise<string> {
  const path = `${place}/only these`;
  await Deno.mkdir(path);
  for (const tool of tools) {
    const { out } = await run("sh", ["-c", `command -v ${tool}`], { PATH: "/usr/bin:/bin" });
    await Deno.symlink(out.trim(), `${path}/${tool}`);
  }
  return path;
}

Deno.test("a machine with only a shell peers clusters by the copied file", async () => {
  await using sandbox = await startSandbox();
  await using place = await folder();
  const env = {
    PATH: await toolsOnly(place.path),
    HOME: `${place.path}/home`,
    KUBECONFIG: sandbox.kubeconfig,
    SPIREFED_CONNECT_TO: sandbox.connectTo,
  };
  await Deno.copyFile(STANDALONE, `${place.path}/oc-spirefed`);
  await Deno.chmod(`${place.path}/oc-spirefed`, 0o755);

  const { code, out, err } = await run(`${place.path}/oc-spirefed`, ["peer", "east", "west"], env);

  assert.equal(code, 0, err);
  assert.match(out, /✓ west → east {3}trusted/);
});

Deno.test("four that start at once unpack one runtime, and all work", async () => {
  await using place = await folder();
  const env = { PATH: "/usr/bin:/bin", HOME: place.path };

  const all = await Promise.all(
    [1, 2, 3, 4].map(() => run(STANDALONE, ["version"], env)),
  );

  for (const { code, err } of all) assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(await unpacked(place.path), ["deno", "program.js"]);
});

Deno.test("an unpacked runtime that is damaged is unpacked anew", async () => {
  await using place = await folder();
  const env = { PATH: "/usr/bin:/bin", XDG_CACHE_HOME: place.path };
  await run(STANDALONE, ["version"], env);
  for (const name of ["deno", "program.js"]) {
    const file = `${await home(place.path)}/${name}`;
    await Deno.truncate(file, 1000);

    const { code, err } = await run(STANDALONE, ["version"], env);

    assert.deepEqual([code, err], [0, ""]);
    assert.ok((await Deno.stat(file)).size > 1000);
  }
});

Deno.test("a runtime that somebody else put there is not run", {
  ignore: isNotRoot(),
}, async () => {
  await using place = await folder();
  const env = { PATH: "/usr/bin:/bin", XDG_CACHE_HOME: place.path };
  await run(STANDALONE, ["version"], env);
  await Deno.chown(await home(place.path), 12345, 12345);
  await Deno.chown(`${await home(place.path)}/deno`, 12345, 12345);

  const { code, err } = await run(STANDALONE, ["version"], env);

  assert.equal(code, 5);
  assert.match(err, /belongs to somebody else/);
});

Deno.test("the file says what is wrong with a home, and what helps", async () => {
  await using place = await folder();
  await Deno.writeTextFile(`${place.path}/file`, "");
  const PATH = "/usr/bin:/bin";
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ PATH }, /neither HOME nor XDG_CACHE_HOME is set\n {2}next: XDG_CACHE_HOME=/],
    [{ PATH, HOME: `${place.path}/file` }, /Not a directory\n {2}next: XDG_CACHE_HOME=/],
    [
      {
        PATH: await toolsOnly(place.path, ["sh", "tail", "head", "wc", "mkdir", "mv", "rm"]),
        HOME: "/",
      },
      /there is no gzip on PATH\n {2}next: install gzip/,
    ],
  ];
  for (const [env, message] of cases) {
    const { code, err } = await run(STANDALONE, ["version"], env);

    assert.equal(code, 5, err);
    assert.match(err, /^error: oc-spirefed cannot unpack its runtime \(\d+ MB\): /);
    assert.match(err, message);
  }
});

Deno.test("the file says that a disk is full, read-only or noexec", {
  ignore: cannotMount(),
}, async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["size=20m", /No space left on device|is the disk full/],
    ["ro", /Read-only file system/],
    ["noexec", /is it mounted noexec/],
  ];
  for (const [options, message] of cases) {
    const script = `mount -t tmpfs -o ${options} none /mnt && "$0" version; ` +
      `code=$?; ls -A /mnt/.cache/oc-spirefed/* 2>/dev/null; exit $code`;
    const { code, out, err } = await run("unshare", ["-m", "sh", "-c", script, STANDALONE], {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/mnt",
    });

    assert.equal(code, 5, err);
    assert.match(err, message);
    assert.equal(out, "", "nothing half unpacked is left");
  }
});

/** Where the runtime was unpacked to. */
async function home(cache: string): Promise<string> {
  const names = await Array.fromAsync(Deno.readDir(`${cache}/oc-spirefed`), ({ name }) => name);
  return `${cache}/oc-spirefed/${names.find((name) => /^[0-9a-f]{32}$/.test(name))}`;
}

async function unpacked(userHome: string): Promise<readonly string[]> {
  return await filesBelow(await home(`${userHome}/.cache`));
}
