/**
 * Writes an object at the version that was looked at.
 *
 * The operator writes conditions into its objects all the time, so that version is soon an
 * old one. What counts is that the part which the change rests on is still as it was
 * planned with: then the newer version is locked instead.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";

/** Who writes more often than this between a look and a write is not healthy. */
const ATTEMPTS = 5;

/** How a locked write is made, and made again. */
export interface LockedWrite {
  /** Writes with this lock. */
  readonly write: (resourceVersion: string | undefined) => Promise<unknown>;
  /** The version to lock in place of this one; `undefined` when it is not that which stands in the way. */
  readonly renew: (resourceVersion: string | undefined) => Promise<string | undefined>;
}

/**
 * Writes, again where only the version is another.
 *
 * @throws {SpirefedError} `http/409`, when somebody else has changed what the write rests on.
 */
export async function writeLocked(
  seen: string | undefined,
  { write, renew }: LockedWrite,
): Promise<void> {
  let resourceVersion = seen;
  for (let attempt = 1;; attempt++) {
    try {
      return void await write(resourceVersion);
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
      const newer = await renew(resourceVersion);
      if (newer === undefined) throw error;
      resourceVersion = newer;
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof SpirefedError && error.code === "http/409";
}
