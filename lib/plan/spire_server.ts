/**
 * Carries out a change of `SpireServer.spec.federation`, at the version that was planned
 * with, or at a newer one in which that part is as it was planned with.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { SPIRE_SERVERS, type SpireServer } from "../../manifests/spire_server.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { SpireServerStep } from "./plan.ts";
import { writeLocked } from "./write_locked.ts";

/**
 * Changes it.
 *
 * @throws {SpirefedError} `http/409`, when somebody else has changed that part meanwhile.
 */
export async function patchSpireServer(
  step: SpireServerStep,
  cluster: Cluster,
  dryRun: boolean,
): Promise<void> {
  const target = { resource: SPIRE_SERVERS, name: "cluster" };
  await writeLocked(step.resourceVersion, {
    write: (resourceVersion) =>
      cluster.patch(target, { type: "merge", body: patchFor(step, resourceVersion) }, { dryRun }),
    renew: async () => {
      const server = await cluster.get(SPIRE_SERVERS, "cluster");
      return server !== undefined && isAsPlanned(server, step)
        ? server.metadata.resourceVersion
        : undefined;
    },
  });
}

/** Enabling the endpoint and listing static peers are both merges into `spec.federation`. */
function patchFor(
  { federatesWith }: SpireServerStep,
  resourceVersion: string | undefined,
): Readonly<Record<string, unknown>> {
  const federation = federatesWith === undefined
    ? { bundleEndpoint: { profile: "https_spiffe" }, managedRoute: "true" }
    : { federatesWith };
  return {
    ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }),
    spec: { federation },
  };
}

function isAsPlanned(
  { spec: { federation } }: SpireServer,
  { federatesWith, held }: SpireServerStep,
): boolean {
  if (federatesWith === undefined) return federation === undefined;
  return isDeepStrictEqual(federation?.federatesWith ?? [], held);
}
