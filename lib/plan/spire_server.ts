/**
 * Carries out a change of `SpireServer.spec.federation`.
 *
 * The operator writes conditions into the object all the time, so the version that was
 * planned with is soon an old one. What counts is that the part which the change rests on
 * is still as it was planned with: then the newer version is locked instead.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { SPIRE_SERVERS, type SpireServer } from "../../manifests/spire_server.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { SpireServerStep } from "./plan.ts";

/** An operator that writes more often than this between a look and a write is not healthy. */
const ATTEMPTS = 5;

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
  let { resourceVersion } = step;
  for (let attempt = 1;; attempt++) {
    try {
      const body = patchFor(step, resourceVersion);
      const target = { resource: SPIRE_SERVERS, name: "cluster" };
      return void await cluster.patch(target, { type: "merge", body }, { dryRun });
    } catch (error) {
      const isNewer = error instanceof SpirefedError && error.code === "http/409";
      if (!isNewer || attempt === ATTEMPTS) throw error;
      const server = await cluster.get(SPIRE_SERVERS, "cluster");
      if (server === undefined || !isAsPlanned(server, step)) throw error;
      resourceVersion = server.metadata.resourceVersion;
    }
  }
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
