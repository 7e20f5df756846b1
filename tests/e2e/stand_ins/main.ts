/**
 * The stand-ins at work: an operator and a storage for each cluster and one router for
 * all, in one process that looks at the clusters again and again until it is ended.
 *
 * @module
 */
import { ApiServer } from "../api.ts";
import { ROUTER_CONFIGURATION } from "../paths.ts";
import { say } from "../process.ts";
import { readState } from "../state.ts";
import { Operator } from "./operator.ts";
import { admitRoutes, routerConfiguration } from "./router.ts";
import { provideVolume } from "./storage.ts";

const PAUSE_MS = 500;
/** Which pass looks after storage. */
const RARELY = 4;

const { admins = [] } = await readState() ?? {};
// In the order of the topology, not of who was up first: of two routes for a host the first counts.
const inOrder = admins.toSorted((a, b) => a.site.address.localeCompare(b.site.address));
const clusters = inOrder.map((admin) => {
  const api = new ApiServer(admin);
  return { site: admin.site, api, operator: new Operator(api) };
});

let configured = "";

/** HAProxy's master takes a new configuration up without dropping connections. */
async function route(): Promise<void> {
  const found = await Promise.all(clusters.map(({ api, site }) => admitRoutes(api, site)));
  const configuration = routerConfiguration(found.flat());
  if (configuration === configured) return;
  await Deno.writeTextFile(ROUTER_CONFIGURATION, configuration);
  const router = (await readState())?.daemons["router"];
  if (router !== undefined) Deno.kill(router.pid, "SIGUSR2");
  configured = configuration;
}

for (let pass = 0;; pass++) {
  const work = [
    ...clusters.map(({ operator }) => operator.reconcile()),
    ...(pass % RARELY === 0 ? clusters : []).map(({ api, site }) => provideVolume(api, site)),
    route(),
  ];
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === "rejected") say(String(outcome.reason));
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
