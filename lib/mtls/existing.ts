/**
 * A server that runs already: its pods, what SPIRE gives them, and the way there. Read only.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { SpireServerCli } from "../federation/spire_server_cli.ts";
import { allSideBySide } from "../federation/side_by_side.ts";
import { printable } from "../output/printable.ts";
import { parseSpiffeId, trustDomainOf } from "../spiffe/mod.ts";
import type { SpiffeId, TrustDomain } from "../spiffe/model.ts";
import { type Pod, PODS } from "../../manifests/pod.ts";
import { backendsOf, isAdmitted, type Route, ROUTES } from "../../manifests/route.ts";
import { leadsTo, SERVICES } from "../../manifests/service.ts";
import type { ExistingPod, ExistingServer, Way } from "./trial.ts";

/** More pods than these tell nothing new of one server. */
const MOST_PODS = 50;
const NAME_REGEXP = /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;
const HOST_REGEXP =
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.[a-z]([-a-z0-9]*[a-z0-9])?$/i;

/** Which server, as the user named it. */
export interface ExistingRequest {
  readonly namespace: string;
  readonly selector: string;
  /** `HOST` or `HOST:PORT`; else a route is looked for. */
  readonly host: string | undefined;
  readonly callerId: SpiffeId | undefined;
}

/**
 * Looks at it.
 *
 * @throws {SpirefedError} `preflight`, when nothing that runs is chosen, nobody may ask, or
 * several ways lead there; `usage` when the host that was named is none.
 */
export async function lookAtExisting(
  cluster: Cluster,
  { request, trustDomain, signal }: {
    readonly request: ExistingRequest;
    readonly trustDomain: TrustDomain;
    readonly signal: AbortSignal;
  },
): Promise<ExistingServer> {
  const { namespace, selector, host, callerId } = request;
  const named = host === undefined ? undefined : wayOf(host);
  const chosen = await runningPods(cluster, request);
  const [pods, found] = await Promise.all([
    entriesOf(chosen, { cluster, signal }),
    named === undefined ? waysTo(chosen, cluster, namespace) : { ways: [named], detours: [] },
  ]);
  const [way, ...others] = found.ways;
  if (others.length > 0) {
    throw new SpirefedError(
      "preflight",
      `[${cluster.name}] ${found.ways.length} routes lead to ${
        printable(selector, 200)
      } in ${namespace}: ${found.ways.map(({ host }) => host).join(", ")}`,
      { code: "existing/ways", remedy: `name one of them: --host ${way?.host}` },
    );
  }
  const ids = [...new Set(pods.flatMap(({ entries }) => entries.map(({ spiffeId }) => spiffeId)))]
    .flatMap((id) => idWithin(id, trustDomain));
  return { namespace, selector, pods, ids, way, detours: found.detours, callerId };
}

/**
 * Where a flag's words lead.
 *
 * @throws {SpirefedError} `usage`.
 */
export function wayOf(words: string): Way {
  const [, host = "", digits = "443"] = /^(.*?)(?::(\d{1,5}))?$/.exec(words) ?? [];
  const port = Number(digits);
  if (HOST_REGEXP.test(host) && port > 0 && port < 65_536) return { host, port, by: "--host" };
  throw new SpirefedError("usage", `--host ${printable(words, 200)} is not HOST or HOST:PORT`, {
    remedy: "oc spirefed test-mtls … --existing app=cart -n shop --host cart.apps.east.example:443",
  });
}

async function runningPods(
  cluster: Cluster,
  { namespace, selector }: ExistingRequest,
): Promise<readonly Pod[]> {
  const { items } = await cluster.list(PODS, { namespace, labelSelector: selector });
  // Names stand in commands to paste: what no API server would take for one is none.
  const running = items.filter(({ status, metadata }) =>
    status.phase === "Running" && NAME_REGEXP.test(metadata.name)
  );
  if (running.length > 0) return running.slice(0, MOST_PODS);
  const what = items.length === 0 ? "no pod" : `no pod that runs, of ${items.length}`;
  throw new SpirefedError(
    "preflight",
    `[${cluster.name}] ${printable(selector, 200)} chooses ${what} in ${namespace}`,
    {
      code: "existing/pods",
      remedy: `oc --context ${cluster.name} -n ${namespace} get pods --show-labels`,
    },
  );
}

async function entriesOf(
  pods: readonly Pod[],
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<readonly ExistingPod[]> {
  const cli = new SpireServerCli(cluster, signal);
  return await allSideBySide(pods, async ({ metadata: { name, uid = "" } }) => ({
    name,
    entries: await cli.podEntries(uid),
  }));
}

/** Routes whose services lead to one of the pods: those that serve, and why others do not. */
async function waysTo(
  pods: readonly Pod[],
  cluster: Cluster,
  namespace: string,
): Promise<{ readonly ways: readonly Way[]; readonly detours: readonly string[] }> {
  const [services, routes] = await Promise.all([
    cluster.list(SERVICES, { namespace }),
    cluster.list(ROUTES, { namespace }),
  ]);
  const leading = new Set(
    services.items
      .filter((service) => pods.some(({ metadata }) => leadsTo(service, metadata.labels)))
      .map(({ metadata }) => metadata.name),
  );
  const ways: Way[] = [];
  const detours: string[] = [];
  for (const route of routes.items) {
    if (!backendsOf(route).some((name) => leading.has(name))) continue;
    const trouble = routeTrouble(route);
    const by = `Route ${namespace}/${route.metadata.name}`;
    if (trouble === undefined) ways.push({ host: route.spec.host, port: 443, by });
    else detours.push(`${by} ${trouble}`);
  }
  return { ways, detours };
}

function routeTrouble(route: Route): string | undefined {
  const termination = route.spec.tls?.termination ?? "";
  if (termination !== "passthrough") {
    return `is ${
      termination || "plain"
    }: the router ends TLS, and no workload's certificate is seen`;
  }
  if (!HOST_REGEXP.test(route.spec.host)) return "has no host that is a name";
  return isAdmitted(route) ? undefined : "is not admitted by any router";
}

/** SPIRE gives IDs of its own trust domain only; another one would be judged by another bundle. */
function idWithin(text: string, trustDomain: TrustDomain): readonly SpiffeId[] {
  try {
    const id = parseSpiffeId(text);
    return trustDomainOf(id) === trustDomain ? [id] : [];
  } catch {
    return [];
  }
}
