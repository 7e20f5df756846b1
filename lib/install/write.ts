/**
 * Writes objects, and finds out what became of a write whose answer was lost.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { ApplyStep } from "../plan/plan.ts";
import { asFound, saysAll } from "../../manifests/as_found.ts";
import { type Manifest, nameOf, type Resource } from "../../manifests/manifest.ts";
import { CONFIG_MAPS, NAMESPACES } from "../../manifests/core.ts";
import { OPERATOR_GROUPS } from "../../manifests/operator_group.ts";
import { SUBSCRIPTIONS } from "../../manifests/subscription.ts";
import { applyLocked } from "./locked_apply.ts";
import type { Site } from "./request.ts";
import { STACK } from "./stack.ts";

const RESOURCES: readonly Resource<Manifest>[] = [
  ...[NAMESPACES, CONFIG_MAPS, OPERATOR_GROUPS, SUBSCRIPTIONS].map(asFound),
  ...STACK.values(),
];

/** Has the server try each (`dryRun=All`, strict): nothing is stored. */
export async function rehearseAll(cluster: Cluster, steps: readonly ApplyStep[]): Promise<void> {
  for (const step of steps) {
    const { manifest } = step;
    const look = (): Promise<Manifest | undefined> => read(cluster, manifest);
    await applyLocked(cluster, step, { dryRun: true, look }).catch((error) => {
      throw explained(error, cluster.name, manifest);
    });
  }
}

/** Writes each, in order, and says so. */
export async function writeAll(site: Site, steps: readonly ApplyStep[]): Promise<void> {
  const { cluster, context: { signal }, lines, wrote } = site;
  for (const step of steps) {
    const { action, manifest } = step;
    const look = (): Promise<Manifest | undefined> => read(cluster, manifest);
    signal.throwIfAborted();
    lines.waitingFor(cluster.name, nameOf(manifest));
    if (action === "create") await requireAbsent(cluster, manifest);
    try {
      await applyLocked(cluster, step, { dryRun: false, look });
      wrote();
    } catch (error) {
      if (!await isStored(cluster, manifest, error)) throw explained(error, cluster.name, manifest);
      wrote();
    }
    lines.say(cluster.name, `${nameOf(manifest)} ${action === "create" ? "created" : "updated"}`);
  }
}

/** People take their time to agree, and OLM to install: what was made meanwhile is not ours. */
async function requireAbsent(cluster: Cluster, manifest: Manifest): Promise<void> {
  if (await read(cluster, manifest) === undefined) return;
  throw new SpirefedError(
    "refused",
    `[${cluster.name}] ${nameOf(manifest)} was made by somebody meanwhile: the plan is stale`,
    { code: "plan/stale", remedy: "run the command again: it plans from what is there now" },
  );
}

/** A lost answer, or one that speaks of the server's own trouble, does not tell: looking does. */
async function isStored(cluster: Cluster, manifest: Manifest, error: unknown): Promise<boolean> {
  if (!(error instanceof SpirefedError) || !/^(net\/|http\/5)/.test(error.code ?? "")) return false;
  const held = await read(cluster, manifest).catch(() => undefined);
  return held !== undefined && saysAll(held["spec"], manifest["spec"]);
}

async function read(cluster: Cluster, { kind, metadata }: Manifest): Promise<Manifest | undefined> {
  const resource = RESOURCES.find((one) => one.kind === kind);
  if (resource === undefined) return undefined;
  const { name, namespace } = metadata;
  return await cluster.get(resource, name, namespace === undefined ? undefined : { namespace });
}

/** Conflicts of fields bring their remedy along; what is left was changed by somebody quicker. */
function explained(error: unknown, cluster: string, manifest: Manifest): unknown {
  if (!(error instanceof SpirefedError) || error.code !== "http/409") return error;
  return new SpirefedError(error.kind, error.message, {
    code: error.code,
    cause: error.cause,
    remedy: error.remedy ??
      `Somebody else changed it meanwhile: look at it (oc --context ${cluster} get ${manifest.kind.toLowerCase()} ${manifest.metadata.name} -o yaml), then run this again`,
  });
}
