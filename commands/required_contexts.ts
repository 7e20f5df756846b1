/**
 * Clusters as they are named on a command line.
 *
 * @module
 */
import { SpirefedError } from "../lib/errors.ts";

/**
 * Each cluster is named once.
 *
 * @throws {SpirefedError} `usage`, naming the one that is named twice.
 */
export function requireOnce(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new SpirefedError("usage", `${twice} is named twice`, {
    remedy: "name each cluster once",
  });
}
