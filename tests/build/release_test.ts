import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { bundledPackages } from "../../tools/build/bundle.ts";
import { compile, missingDenort } from "../../tools/build/compile.ts";
import { release } from "../../tools/build/release.ts";
import { sha256 } from "../../tools/build/standalone.ts";
import { folder, run } from "./support.ts";

const BASE = "https://example.org/releases/v1";

Deno.test("a release is the same each time, and its papers agree with its files", async () => {
  await using place = await folder();
  const [one, two] = ["one", "two"].map((name) => new URL(`file://${place.path}/${name}/`));
  assert.ok(one !== undefined && two !== undefined);
  const options = { baseUrl: `${BASE}/`, runtimes: new Map([["linux-arm64", "/bin/sh"]]) };
  const names = await release(one, options);
  await release(two, options);
  const sums = new Map<string, string>();
  for (const name of names) {
    const mine = await sha256(await Deno.readFile(new URL(name, one)));
    const other = await sha256(await Deno.readFile(new URL(name, two)));
    assert.equal(mine, other, name);
    sums.set(name, mine);
  }

  const listed = await Deno.readTextFile(new URL("SHA256SUMS", one));
  const papers = JSON.parse(await read(one, names, ".spdx.json"));
  const krew = load(await read(one, names, "spirefed.yaml")) as Krew;

  for (const [name, sum] of sums) {
    if (name !== "SHA256SUMS") assert.ok(listed.includes(`${sum}  ${name}\n`), name);
  }
  assert.deepEqual(
    papers.packages.slice(1, -1).map((each: { name: string; versionInfo: string }) =>
      `${each.name}@${each.versionInfo}`
    ),
    (await bundledPackages()).toSorted(),
  );
  assert.deepEqual(
    krew.spec.platforms.map(({ uri, sha256 }) => [uri, sha256]),
    ["oc-spirefed-0.1.0-linux-arm64.tar.gz", "oc-spirefed-0.1.0.tar.gz"].map((
      name,
    ) => [`${BASE}/${name}`, sums.get(name)]),
  );
});

interface Krew {
  readonly spec: {
    readonly platforms: readonly { readonly uri: string; readonly sha256: string }[];
  };
}

async function read(at: URL, names: readonly string[], ending: string): Promise<string> {
  return await Deno.readTextFile(new URL(names.find((name) => name.endsWith(ending)) ?? "", at));
}

Deno.test("deno task compile says what it misses, and exits 5", async () => {
  const tool = new URL("../../tools/build/compile.ts", import.meta.url).pathname;
  const compileFor = (target: string) =>
    run(Deno.execPath(), ["run", "--no-prompt", "--allow-all", tool, "--target", target], {
      HOME: "/nowhere",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      NO_COLOR: "1",
    });

  const windows = await compileFor("x86_64-pc-windows-msvc");
  const unknown = await compileFor("pdp11");

  assert.deepEqual([windows.code, windows.err], [5, missingDenort("x86_64-pc-windows-msvc")]);
  assert.match(windows.err, /next: DENORT_BIN=\/path\/to\/denort deno task compile/);
  assert.equal(unknown.code, 2);
});

Deno.test("deno task compile puts program and permissions behind the denort it is given", async () => {
  await using place = await folder();
  const standIn = Deno.execPath(); // is what it is: only a true denort would run what is in it

  const file = await compile(Deno.build.target, new URL(`file://${place.path}/`), {
    DENORT_BIN: standIn,
  });

  const inside = async (pattern: string): Promise<string> =>
    (await run("grep", ["-a", "-o", "-m", "1", pattern, fileURLToPath(file)], {
      PATH: "/usr/bin:/bin",
    })).out;
  const permissions = await inside('"permissions":{[^}]*}');
  assert.match(permissions, /"ignore_env":\[\]/);
  assert.match(permissions, /"allow_env":\["CI","HOME","KUBECONFIG"/);
  assert.doesNotMatch(permissions, /"allow_all":true|"allow_ffi":\[/);
  assert.match(await inside("Makes SPIRE trust domains of [a-zA-Z]*"), /OpenShift/);
});
