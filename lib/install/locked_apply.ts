/**
 * Applies an object at the version that was looked at.
 *
 * The operator writes conditions into its objects all the time, so that version is soon an
 * old one. What counts is that the spec is still the one that the change was made for.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Manifest } from "../../manifests/manifest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { ApplyStep } from "../plan/plan.ts";

/** An operator that writes more often than this between a look and a write is not healthy. */
const ATTEMPTS = 5;

/**
 * Applies it; `look` reads the object anew.
 *
 * @throws {SpirefedError} `http/409`, when the spec is another by now, or a field is another manager's.
 */
export async function applyLocked(
  cluster: Cluster,
  { manifest, force, seen }: Pick<ApplyStep, "manifest" | "force" | "seen">,
  { dryRun, look }: {
    readonly dryRun: boolean;
    readonly look: () => Promise<Manifest | undefined>;
  },
): Promise<void> {
  let { resourceVersion } = manifest.metadata;
  for (let attempt = 1;; attempt++) {
    const lock = resourceVersion === undefined ? {} : { resourceVersion };
    const locked = { ...manifest, metadata: { ...manifest.metadata, ...lock } };
    try {
      return void await cluster.apply(locked, { dryRun, force });
    } catch (error) {
      const mayBeOld = error instanceof SpirefedError && error.code === "http/409";
      if (!mayBeOld || resourceVersion === undefined || attempt === ATTEMPTS) throw error;
      const held = await look();
      const isOld = held?.metadata.resourceVersion !== resourceVersion;
      if (!isOld || held === undefined || !isDeepStrictEqual(held["spec"], seen)) throw error;
      resourceVersion = held.metadata.resourceVersion;
    }
  }
}
