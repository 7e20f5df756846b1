/**
 * Bundles out of files.
 *
 * @module
 */
import type { Context } from "../../lib/context.ts";
import { SpirefedError } from "../../lib/errors.ts";
import type { Bundle, ParsedBundle, TrustDomain } from "../../lib/spiffe/model.ts";
import { parseBundle } from "../../lib/spiffe/parse_bundle.ts";

/** A file, and how to judge what is in it. */
export interface BundleFile {
  /** `-` is stdin. */
  readonly path: string;
  readonly trustDomain: TrustDomain;
  readonly now: Date;
}

/** Reads and judges a file, whatever is in it. */
export async function readBundle(file: BundleFile, context: Context): Promise<ParsedBundle> {
  return parseBundle(await context.readFile(file.path), file);
}

/**
 * Reads a file that has to be a bundle, be it expired or empty.
 *
 * @throws {SpirefedError} `usage`, with the first reason and its place.
 */
export async function requireBundle(file: BundleFile, context: Context): Promise<Bundle> {
  const parsed = await readBundle(file, context);
  if (parsed.bundle !== undefined) return parsed.bundle;
  throw refusedBundle(file, parsed, "is no bundle that can be read");
}

/** The failure that a refused file stands for. */
export function refusedBundle(
  { path, trustDomain }: BundleFile,
  { problems }: ParsedBundle,
  what: string,
): SpirefedError {
  const problem = problems.find(({ severity }) => severity === "error");
  const reason = problem === undefined
    ? ""
    : `: ${problem.message}${problem.path === "" ? "" : ` (at ${problem.path})`}`;
  return new SpirefedError("usage", `${nameOfFile(path)} ${what}${reason}`, {
    code: problem?.code,
    remedy: `oc spirefed bundle verify ${path} --trust-domain ${trustDomain}`,
  });
}

/** How messages call a file. */
export function nameOfFile(path: string): string {
  return path === "-" ? "Standard input" : path;
}
