/**
 * Clusters as they are named on a command line.
 *
 * @module
 */
import type { Context } from "../lib/context.ts";
import { SpirefedError } from "../lib/errors.ts";
import { printable } from "../lib/output/printable.ts";

/**
 * Each cluster is named once.
 *
 * @throws {SpirefedError} `usage`, naming the one that is named twice.
 */
export function requireOnce(
  names: readonly string[],
  remedy = "name each cluster once",
): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new SpirefedError("usage", `${twice} is named twice`, { remedy });
}

/** Clusters of a command line, each named once, those to skip apart. */
export interface Named {
  readonly names: readonly string[];
  readonly skipped: readonly string[];
}

/**
 * Takes those out that `--skip` names, and says of which there was nothing to skip.
 *
 * @throws {SpirefedError} `usage`, naming a cluster that is named twice.
 */
export function withoutSkipped(
  args: readonly string[],
  skip: readonly string[],
  { stderr }: Pick<Context, "stderr">,
): Named {
  requireOnce(args);
  for (const name of skip.filter((name) => !args.includes(name))) {
    stderr(
      `warning: --skip ${printable(name, 120)} skips nothing: it is not among the clusters named\n`,
    );
  }
  return {
    names: args.filter((name) => !skip.includes(name)),
    skipped: args.filter((name) => skip.includes(name)),
  };
}
