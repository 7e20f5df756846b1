/**
 * What stands in the way of an installation, found before anything is written.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";

/** One thing that stands in the way. */
export function obstacle(
  cluster: string,
  code: string,
  detail: string,
  remedy: string,
): SpirefedError {
  return new SpirefedError("preflight", `[${cluster}] ${detail}`, { code, remedy });
}
