import assert from "node:assert/strict";
import { VERSION } from "../../commands/version/version.ts";
import { release } from "../../tools/build/release.ts";
import {
  DENO_FOLDER,
  EXECUTABLE,
  filesBelow,
  folder,
  INSTALLER,
  missing,
  type Outcome,
  run,
} from "./support.ts";

const PATH = `${DENO_FOLDER}:/usr/bin:/bin`;
const ARCHIVE = `oc-spirefed-${VERSION}.tar.gz`;
const INSTALLED = [
  "kubectl-spirefed",
  "kubectl_complete-spirefed",
  "oc-spirefed",
  "oc_complete-spirefed",
];

async function install(place: string, ...args: readonly string[]): Promise<Outcome> {
  const env = { PATH, HOME: `${place}/home` };
  return await run(INSTALLER, ["--prefix", `${place}/my tools`, ...args], env);
}

Deno.test("install.sh installs for one user, says so, and leaves nothing behind", async () => {
  await using place = await folder();

  const { code, out, err } = await install(place.path, "--from", EXECUTABLE);
  const installed = await filesBelow(place.path);
  const again = await install(place.path, "--from", EXECUTABLE);
  const gone = await install(place.path, "--uninstall");

  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(
    installed.filter((file) => file.startsWith("my tools/bin/")),
    INSTALLED.map((name) => `my tools/bin/${name}`),
  );
  assert.match(out, /my tools\/bin is not on PATH; add it.*\n {2}export PATH="/);
  assert.equal(again.code, 0);
  assert.equal(gone.code, 0);
  const left = await filesBelow(place.path);
  assert.deepEqual(left.filter((file) => !file.startsWith("home/.cache/deno/")), []);
  await assert.rejects(Deno.stat(`${place.path}/my tools`), Deno.errors.NotFound);
});

Deno.test("kubectl finds the plugin and its completion after install.sh", {
  ignore: missing("kubectl"),
}, async () => {
  await using place = await folder();
  await install(place.path, "--from", EXECUTABLE);
  await Deno.writeTextFile(
    `${place.path}/config`,
    JSON.stringify({ contexts: [{ name: "north" }, { name: "south" }] }),
  );
  const env = {
    PATH: `${place.path}/my tools/bin:${PATH}`,
    HOME: place.path,
    KUBECONFIG: `${place.path}/config`,
  };

  const help = await run("kubectl", ["spirefed", "peer", "--help"], {
    ...env,
    _: "/usr/bin/kubectl",
  });
  const commands = await run("kubectl", ["__complete", "spirefed", "bun"], env);
  const contexts = await run("kubectl", ["__complete", "spirefed", "peer", "north", ""], env);
  const wrong = await run("kubectl", ["spirefed", "peeer"], env);

  assert.match(help.out, /^ {2}kubectl spirefed peer east west$/m);
  assert.match(commands.out, /^bundle\tFetch, judge and compare trust bundles\n:4\n$/);
  assert.equal(contexts.out, "south\n:4\n");
  assert.deepEqual([wrong.code, wrong.out], [2, ""]);
  assert.match(wrong.err, /did you mean peer/);
});

Deno.test("install.sh takes a release archive whose sum is right, and no other", async () => {
  await using place = await folder();
  const archives = new URL(`file://${place.path}/release/`);
  await release(archives, { runtimes: new Map() });
  const file = `${place.path}/release/${ARCHIVE}`;

  const good = await install(place.path, "--from", file);
  await install(place.path, "--uninstall");
  const bytes = await Deno.readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await Deno.writeFile(file, bytes);
  const bad = await install(place.path, "--from", file);
  await Deno.remove(`${place.path}/release/SHA256SUMS`);
  const unsure = await install(place.path, "--from", file);

  assert.equal(good.code, 0, good.err);
  assert.match(good.out, /installed .*man1\/oc-spirefed\.1\n/);
  assert.equal(bad.code, 4);
  assert.match(bad.err, /is not what SHA256SUMS says.*\n {2}next: get it again/);
  assert.equal(unsure.code, 5);
  await assert.rejects(Deno.stat(`${place.path}/my tools`), Deno.errors.NotFound);
});

Deno.test("install.sh touches no file of somebody else", async () => {
  await using place = await folder();
  await Deno.mkdir(`${place.path}/my tools/bin`, { recursive: true });
  const file = `${place.path}/my tools/bin/kubectl-spirefed`;
  await Deno.writeTextFile(file, "#!/bin/sh\necho mine\n");

  const installed = await install(place.path, "--from", EXECUTABLE);
  const removed = await install(place.path, "--uninstall");

  assert.deepEqual([installed.code, removed.code], [5, 5]);
  assert.match(installed.err, /is not a file of oc-spirefed/);
  assert.deepEqual(await filesBelow(`${place.path}/my tools`), ["bin/kubectl-spirefed"]);
});

Deno.test("install.sh says what is wrong with its command line", async () => {
  await using place = await folder();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["--bogus"], /unknown argument --bogus\n {2}next: .*--help/],
    [["--from"], /--from needs a value/],
    [["--from", `${place.path}/none`], /there is no file/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await install(place.path, ...args);

    assert.equal(code, 2);
    assert.match(err, message);
  }
  const homeless = await run(INSTALLER, [], { PATH });
  assert.deepEqual([homeless.code, homeless.err.includes("--prefix DIR")], [2, true]);
});

Deno.test("the npm package installs, with the Deno it was built with", {
  ignore: missing("npm"),
}, async (t) => {
  await using place = await folder();
  await release(new URL(`file://${place.path}/release/`), { runtimes: new Map() });
  const packed = `${place.path}/release/oc-spirefed-${VERSION}.npm.tgz`;
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" };
  const npm = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--prefix"];

  const { code, err } = await run("npm", [...npm, `${place.path}/npm`, packed], env);
  if (code !== 0 && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(err)) {
    await t.step({ name: "npm reaches no registry here", ignore: true, fn: () => {} });
    return;
  }
  assert.equal(code, 0, err);
  const bin = `${place.path}/npm/node_modules/.bin`;
  const node = { PATH: "/usr/bin:/bin", HOME: place.path };
  const version = await run(`${bin}/kubectl-spirefed`, ["version"], node);
  const completion = await run(`${bin}/oc_complete-spirefed`, ["bundle", "f"], node);

  assert.deepEqual([version.code, version.err], [0, ""]);
  assert.equal(version.out, `oc-spirefed ${VERSION}\nDeno ${Deno.version.deno}\n`);
  assert.match(completion.out, /^fetch\t.*\n:4\n$/);
});
