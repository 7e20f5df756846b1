/**
 * Applies an object at the version that was looked at, or at a newer one with the same spec.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Manifest } from "../../manifests/manifest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ApplyStep } from "../plan/plan.ts";
import { writeLocked } from "../plan/write_locked.ts";

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
  await writeLocked(manifest.metadata.resourceVersion, {
    write: (resourceVersion) => {
      const lock = resourceVersion === undefined ? {} : { resourceVersion };
      const locked = { ...manifest, metadata: { ...manifest.metadata, ...lock } };
      return cluster.apply(locked, { dryRun, force });
    },
    renew: async (resourceVersion) => {
      if (resourceVersion === undefined) return undefined;
      const held = await look();
      // At the version that was locked it is a field that is another manager's.
      const isOld = held?.metadata.resourceVersion !== resourceVersion;
      return isOld && isDeepStrictEqual(held?.["spec"], seen)
        ? held?.metadata.resourceVersion
        : undefined;
    },
  });
}
