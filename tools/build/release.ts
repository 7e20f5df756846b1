/**
 * A release: archives, their sums, what is in them, and the manifest for krew, all
 * from the same program. The same commit gives the same bytes.
 *
 * ```
 * deno task release [--base-url URL] [--runtime linux-arm64=/path/to/deno]...
 * ```
 *
 * @module
 */
import { VERSION } from "../../commands/version/version.ts";
import { manPage } from "../reference.ts";
import { type ArchiveFile, tarball } from "./archive.ts";
import { bundledPackages, bundleProgram, ROOT, run } from "./bundle.ts";
import { closure, notices } from "./closure.ts";
import { krewManifest, type ReleaseArchive } from "./krew.ts";
import { launcher } from "./launcher.ts";
import { npmPackage } from "./npm_package.ts";
import { sbom } from "./sbom.ts";
import { sha256, standalone } from "./standalone.ts";

/** What a release is made from beside the sources. */
export interface ReleaseOptions {
  /** Where the archives will be fetched from; without it there is no manifest for krew. */
  readonly baseUrl?: string | undefined;
  /** Runtimes to put into archives, by platform as krew names it: `linux-amd64`. */
  readonly runtimes: ReadonlyMap<string, string>;
}

/** Writes a release into a folder; answers the names of its files. */
export async function release(
  folder: URL,
  { baseUrl, runtimes }: ReleaseOptions,
): Promise<readonly string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const [program, names, time] = [
    await bundleProgram(),
    await bundledPackages(),
    await commitTime(),
  ];
  const packages = await closure(names);
  const others = await otherFiles(notices(packages));
  const written = new Map<string, Uint8Array>();
  const single = new TextEncoder().encode(launcher("path") + program);
  const archives: ReleaseArchive[] = [];
  const add = async (
    name: string,
    executable: Uint8Array,
    platform?: ReleaseArchive["platform"],
  ): Promise<void> => {
    const installer = { name: "install.sh", bytes: await read("install.sh"), executable: true };
    const files = [{ name: "oc-spirefed", bytes: executable, executable: true }, installer];
    const bytes = await tarball([...files, ...others], time);
    written.set(name, bytes);
    archives.push({ file: name, sha256: await sha256(bytes), ...platform && { platform } });
  };
  await add(`oc-spirefed-${VERSION}.tar.gz`, single);
  for (const [platform, path] of runtimes) {
    const [os = "", arch = ""] = platform.split("-");
    const executable = await standalone(program, await Deno.readFile(path));
    await add(`oc-spirefed-${VERSION}-${platform}.tar.gz`, executable, { os, arch });
  }
  const packed = npmPackage(program, { version: VERSION, deno: Deno.version.deno, others });
  written.set(`oc-spirefed-${VERSION}.npm.tgz`, await tarball(packed, time));
  const described = {
    version: VERSION,
    time,
    sha256: await sha256(single),
    deno: Deno.version.deno,
  };
  written.set(`oc-spirefed-${VERSION}.spdx.json`, encode(sbom(described, packages)));
  if (baseUrl !== undefined) {
    written.set("spirefed.yaml", encode(krewManifest(VERSION, archives, baseUrl)));
  }
  const sums = await Promise.all(
    [...written].map(async ([name, bytes]) => `${await sha256(bytes)}  ${name}\n`),
  );
  written.set("SHA256SUMS", encode(sums.sort().join("")));
  for (const [name, bytes] of written) await Deno.writeFile(new URL(name, folder), bytes);
  return [...written.keys()];
}

/** What goes with each program. */
async function otherFiles(packagesNotices: string): Promise<readonly ArchiveFile[]> {
  return [
    { name: "LICENSE", bytes: await read("LICENSE") },
    { name: "README.md", bytes: await read("README.md") },
    { name: "THIRD_PARTY_NOTICES", bytes: encode(packagesNotices) },
    { name: "oc-spirefed.1", bytes: encode(manPage()) },
  ];
}

/** When the commit was made, in seconds; a tree without git has no time. */
async function commitTime(): Promise<number> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  if (given) return Number(given);
  return await run("git", ["log", "-1", "--format=%ct"], { cwd: ROOT }).then(Number, () => 0);
}

async function read(path: string): Promise<Uint8Array> {
  return await Deno.readFile(new URL(path, ROOT));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** This machine, as krew names it. */
function thisPlatform(): string {
  return `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "amd64"}`;
}

function optionsFrom(args: readonly string[]): ReleaseOptions {
  const values = (flag: string): readonly string[] =>
    args.flatMap((word, at) => args[at - 1] === flag ? word : []);
  return {
    baseUrl: values("--base-url")[0],
    runtimes: new Map([
      [thisPlatform(), Deno.execPath()],
      ...values("--runtime").map((pair) => {
        const [platform = "", path = ""] = pair.split("=");
        return [platform, path] as const;
      }),
    ]),
  };
}

if (import.meta.main) {
  const options = optionsFrom(Deno.args);
  const names = await release(new URL("dist/release/", ROOT), options);
  const note = options.baseUrl === undefined
    ? "No manifest for krew: give --base-url, where the archives will be.\n"
    : "";
  const report = names.map((name) => `dist/release/${name}\n`).join("") + note;
  await Deno.stdout.write(encode(report));
}
