/**
 * Stand-in for a storage class: a volume whose claim has gone is emptied and can be
 * claimed again, as if it were deleted and made anew.
 *
 * @module
 */
import { join } from "node:path";
import type { ApiServer, ObjectName } from "../api.ts";
import { RUN } from "../paths.ts";
import type { Site } from "../topology.ts";
import { MANAGER } from "./operator.ts";

/** The one volume of a cluster. */
export const VOLUME: ObjectName = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "spire-data" },
};

/** Of its claim it keeps the name alone. */
const LET_GO = { apiVersion: null, kind: null, resourceVersion: null, uid: null };

/** Empties the volume of a cluster when its claim has gone. */
export async function provideVolume(api: ApiServer, site: Site): Promise<void> {
  const volume = await api.get(VOLUME);
  if (volume?.status?.phase !== "Released") return;
  const data = join(RUN, site.name, "kubelet/spire-data");
  for await (const { name } of Deno.readDir(data)) {
    await Deno.remove(join(data, name), { recursive: true });
  }
  await api.merge(VOLUME, { spec: { claimRef: LET_GO } }, `?fieldManager=${MANAGER}`);
}
