/**
 * The stack and its bundle endpoint: written, rolled out, and seen to answer.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { together } from "../federation/inspect.ts";
import { CONFIG_MAPS, STATEFUL_SETS } from "../../manifests/core.ts";
import { EVENTS } from "../../manifests/event.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { PODS } from "../../manifests/pod.ts";
import { FEDERATION_ROUTE, ROUTES } from "../../manifests/route.ts";
import { SPIRE_SERVERS } from "../../manifests/spire_server.ts";
import { PERSISTENT_VOLUME_CLAIMS, SERVER_CLAIM } from "../../manifests/storage.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { type EndpointFacts, probe } from "./probe_endpoint.ts";
import { type Reading, reading } from "./reading.ts";
import type { Site } from "./request.ts";
import { STACK } from "./stack.ts";
import { judgeStack, type StackFacts, type StackProgress } from "./stack_progress.ts";
import { rehearseAll, writeAll } from "./write.ts";

const AT_OPERATOR = { namespace: OPERATOR_NAMESPACE } as const;
const POLL_MS = 2_000;
/** How long all must be well before it is believed, after something was written. */
const STABLE_MS = 10_000;
const LIMIT_MS = 4 * 60_000;
/** How long a router may take from "admitted" to answering. */
const ROUTER_MS = 60_000;

/** Writes what is missing of the stack, and waits until it runs and stays. */
export async function installStack(site: Site): Promise<void> {
  const { stack } = site.plan;
  // All of them are tried before the first is stored.
  await rehearseAll(site.cluster, stack);
  await writeAll(site, stack);
  await waitForStack(site, stack.length === 0 ? 0 : STABLE_MS);
}

async function waitForStack(site: Site, stableMs: number): Promise<void> {
  const { cluster, context, lines } = site;
  const started = context.now().getTime();
  let state: StackProgress["state"] = "waiting";
  let since = started;
  for (;;) {
    const progress = await progressOf(site);
    const now = context.now().getTime();
    if (progress.state !== state) [state, since] = [progress.state, now];
    // Right after a change the operator's conditions still speak of what was before.
    const isSure = now - since >= stableMs;
    if (progress.state === "done" && isSure) return;
    if (progress.state === "failed" && isSure) {
      throw failed(site, progress.reason, progress.remedy);
    }
    const what = waitedFor(progress);
    lines.waitingFor(cluster.name, what);
    if (now - started > LIMIT_MS) {
      const remedy = progress.state === "done" ? undefined : progress.remedy;
      throw failed(site, `still waiting for ${what} after 4 min`, remedy);
    }
    await context.sleep(POLL_MS, context.signal);
  }
}

function waitedFor(progress: StackProgress): string {
  switch (progress.state) {
    case "done":
      return "the stack to stay ready";
    case "failed":
      return `the operator to look again (${progress.reason})`;
    case "waiting":
      return progress.for;
  }
}

function failed({ cluster }: Site, reason: string, remedy: string | undefined): SpirefedError {
  return new SpirefedError("partial", `[${cluster.name}] ${reason}`, {
    code: "stack/not-ready",
    remedy: remedy ?? `oc --context ${cluster.name} -n ${OPERATOR_NAMESPACE} get pods,events`,
  });
}

async function progressOf(site: Site): Promise<StackProgress> {
  try {
    return judgeStack(await readStack(site));
  } catch (error) {
    if (!(error instanceof SpirefedError) || error.kind !== "preflight") throw error;
    return { state: "waiting", for: `an answer (${error.message})`, remedy: error.remedy };
  }
}

async function readStack({ cluster, plan }: Site): Promise<StackFacts> {
  const [objects, config, statefulSet, route, pods, events, claim, spireServer] = await together([
    Promise.all([...STACK].map(async ([kind, resource]) => {
      const read: Reading<Manifest> = await reading(cluster.get(resource, "cluster"));
      return [kind, read] as const;
    })),
    cluster.get(CONFIG_MAPS, "spire-server", AT_OPERATOR),
    cluster.get(STATEFUL_SETS, "spire-server", AT_OPERATOR),
    cluster.get(ROUTES, FEDERATION_ROUTE, AT_OPERATOR),
    reading(cluster.list(PODS, AT_OPERATOR)),
    reading(cluster.list(EVENTS, AT_OPERATOR)),
    reading(cluster.get(PERSISTENT_VOLUME_CLAIMS, SERVER_CLAIM, AT_OPERATOR)),
    cluster.get(SPIRE_SERVERS, "cluster"),
  ]);
  return {
    cluster: cluster.name,
    stack: new Map(objects),
    pods,
    events,
    claim,
    rollout: { spireServer, config, statefulSet, route, trustDomains: [], gone: [] },
    endpoint: plan.parts.includes("endpoint"),
    whole: plan.parts.includes("stack"),
  };
}

/** Goes to the endpoint as a peer would. A router that was just told may need a moment. */
export async function proveEndpoint(
  site: Site,
): Promise<Extract<EndpointFacts, { state: "answers" }>> {
  const { cluster, context, lines, request } = site;
  const started = context.now().getTime();
  for (;;) {
    try {
      return await probe(cluster, { ...context, connectTo: request.connectTo });
    } catch (error) {
      if (!(error instanceof SpirefedError) || context.signal.aborted) throw error;
      const waited = context.now().getTime() - started;
      const passing = error.kind === "preflight" && waited < ROUTER_MS;
      if (!passing) {
        throw new SpirefedError(error.kind === "refused" ? "refused" : "partial", error.message, {
          code: error.code,
          cause: error.cause,
          remedy: error.remedy ?? `oc spirefed preflight ${cluster.name}`,
        });
      }
      lines.waitingFor(cluster.name, `the bundle endpoint to answer (${error.message})`);
      await context.sleep(POLL_MS, context.signal);
    }
  }
}
