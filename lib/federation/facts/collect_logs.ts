/**
 * The logs that say why: bounded, redacted, each line after its time.
 *
 * @module
 */
import type { Cluster, ContainerKey } from "../../cluster/cluster.ts";
import { SpirefedError } from "../../errors.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { SPIRE_SERVER } from "../spire_server_cli.ts";
import { sideBySide } from "../side_by_side.ts";
import type { ClusterFacts, LogFact, Observation } from "./facts.ts";
import { itemsOf, unread } from "./section.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import { at } from "./observation.ts";
import { redactText } from "./redact_text.ts";

const HOUR_MS = 3_600_000;
const CHARACTERS_LIMIT = 2 * 1024 * 1024;

/** What a log is known by in the facts. */
export const SERVER_LOG = "spire-server-0/spire-server";
/** The controller's own. */
export const CONTROLLER_LOG = "spire-server-0/spire-controller-manager";

interface Wanted extends ContainerKey {
  readonly tailLines: number;
  readonly sinceTime?: Date;
  readonly previous?: boolean;
}

/** Reads them, as far as the user may. */
export async function collectLogs(
  cluster: Cluster,
  { objects, allowed }: Pick<ClusterFacts, "objects" | "allowed">,
  { deep, now, signal }: {
    readonly deep: boolean;
    readonly now: () => Date;
    readonly signal: AbortSignal;
  },
): Promise<ClusterFacts["logs"]> {
  if (!allowed.logs) return {};
  const since = new Date(now().getTime() - 2 * HOUR_MS);
  const wanted: readonly Wanted[] = [
    { ...SPIRE_SERVER, tailLines: deep ? 3_000 : 1_000, sinceTime: since },
    ...deep ? deepLogs(itemsOf(objects["pods"])) : [],
  ];
  const read = await sideBySide(wanted, async (container): Promise<readonly [string, LogFact]> => [
    `${container.pod}/${container.container}${container.previous ? " (previous)" : ""}`,
    await readLog(cluster, container, signal),
  ], 4);
  return Object.fromEntries(read.flatMap((outcome) => outcome.ok ? [outcome.value] : []));
}

async function readLog(
  cluster: Cluster,
  { tailLines, sinceTime, previous, ...container }: Wanted,
  signal: AbortSignal,
): Promise<LogFact> {
  try {
    const options = { tailLines, sinceTime, previous, timestamps: true };
    const text = await cluster.logs(container, options);
    return { state: "read", text: redactText(text.slice(-CHARACTERS_LIMIT)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SpirefedError)) throw error;
    return unread(error);
  }
}

/** The controller, the operator, and of everything that is not well what it said last. */
function deepLogs(pods: readonly Observation[]): readonly Wanted[] {
  const controller = { ...SPIRE_SERVER, container: "spire-controller-manager", tailLines: 2_000 };
  const ill = pods.flatMap((pod) =>
    statusesOf(pod).filter(isIll).map((status): Wanted => ({
      namespace: OPERATOR_NAMESPACE,
      pod: pod.name,
      container: String(status["name"]),
      tailLines: 200,
      previous: at(status, "state", "waiting") !== undefined,
    }))
  );
  const operator = pods.filter(({ labels }) =>
    labels["name"] === "zero-trust-workload-identity-manager"
  ).map((pod): Wanted => ({
    namespace: OPERATOR_NAMESPACE,
    pod: pod.name,
    container: "manager",
    tailLines: 500,
  }));
  return [controller, ...operator, ...ill.slice(0, 10)];
}

function statusesOf({ kept }: Observation): readonly Readonly<Record<string, unknown>>[] {
  return ["containerStatuses", "initContainerStatuses"].flatMap((list) => {
    const statuses = at(kept, "status", list);
    return Array.isArray(statuses) ? statuses.filter(isRecord) : [];
  });
}

function isIll(status: Readonly<Record<string, unknown>>): boolean {
  const restarts = status["restartCount"];
  return typeof restarts === "number" && restarts > 0 && status["ready"] === false;
}
