/**
 * The npm packages of which something is in the bundle.
 *
 * @module
 */
import { ROOT, run } from "./bundle.ts";

/** A package in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its package.json has it. */
  readonly license: string;
  /** The text of its licence. */
  readonly notice: string;
  /** SHA-512 of its tarball in hex, from the lock file. */
  readonly sha512: string;
}

/**
 * Reads about packages what the runtime's cache and the lock file know.
 *
 * @param names `name@version`, from the bundle.
 */
export async function closure(names: readonly string[]): Promise<readonly BundledPackage[]> {
  const { npmPackages } = JSON.parse(
    await run(Deno.execPath(), ["info", "--json", "mod.ts"], { cwd: ROOT }),
  );
  const { npm } = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  return await Promise.all(
    names.toSorted().map(async (id) => {
      const folder: string = npmPackages[id]?.localPath ?? missing(id, "deno info");
      const { name, version, license } = JSON.parse(
        await Deno.readTextFile(`${folder}/package.json`),
      );
      const integrity: string = npm[id]?.integrity ?? missing(id, "deno.lock");
      const sha512 = Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
      return { name, version, license, notice: await notice(folder), sha512 };
    }),
  );
}

async function notice(folder: string): Promise<string> {
  const files = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  const texts = files.filter((name) => /^(licen[cs]e|notice|copying)/i.test(name))
    .map((name) => Deno.readTextFile(`${folder}/${name}`));
  return (await Promise.all(texts)).map((text) => text.replaceAll("\r\n", "\n").trim())
    .join("\n\n");
}

function missing(id: string, place: string): never {
  throw new Error(`${id} is in the bundle, but not in ${place}`);
}

/** What an archive with a runtime holds beside them. */
const RUNTIME = {
  name: "deno",
  version: Deno.version.deno,
  license: "MIT",
  notice: `In archives that carry it. Copyright the Deno authors

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
};

/** What the licences of the packages ask to be passed on with them. */
export function notices(packages: readonly BundledPackage[]): string {
  const rule = "=".repeat(78);
  return [...packages, RUNTIME].map(({ name, version, license, notice }) =>
    `${name} ${version} (${license})\n\n${notice || "No text of its own."}\n`
  ).join(`\n${rule}\n\n`);
}
