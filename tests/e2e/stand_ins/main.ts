/**
 * The stand-ins at work: an operator and a storage for each cluster and one router for
 * all, in one process that looks at a cluster whenever it changes, until it is ended.
 *
 * @module
 */
import { ApiServer } from "../api.ts";
import type { Access } from "../pki.ts";
import { ROUTER_CONFIGURATION, ROUTER_LOG } from "../paths.ts";
import { type Daemon, isAlive, say, until } from "../process.ts";
import { readState } from "../state.ts";
import type { Site } from "../topology.ts";
import { Changes } from "./changes.ts";
import { Operator } from "./operator.ts";
import { admit, type Backend, readRoutes, routerConfiguration } from "./router.ts";
import { provideVolume } from "./storage.ts";

/** Changes that come together are looked at together. */
const LEAST_MS = 100;
/** For what no watch tells of, and for what failed. */
const MOST_MS = 3000;

const { admins = [] } = await readState() ?? {};
// In the order of the topology, not of who was up first: of two routes for a host the first counts.
const inOrder = admins.toSorted((a, b) => a.site.address.localeCompare(b.site.address));

const backends = new Map<string, readonly Backend[]>();
let configured = "";
let turn: Promise<void> = Promise.resolve();

/** The one router serves what is wanted of it first, and admits it then. */
async function route(api: ApiServer, site: Site): Promise<void> {
  const { backends: wanted, waiting } = await readRoutes(api);
  backends.set(site.name, wanted);
  // One after the other: of two writers the one with less to say could be the last.
  turn = turn.then(configure, configure);
  await turn;
  for (const route of waiting) await admit(api, route, site);
}

/** HAProxy's master takes a new configuration up without dropping connections. */
async function configure(): Promise<void> {
  const found = inOrder.flatMap(({ site }) => backends.get(site.name) ?? []);
  const configuration = routerConfiguration(found);
  if (configuration === configured) return;
  await Deno.writeTextFile(ROUTER_CONFIGURATION, configuration);
  const router = (await readState())?.daemons["router"];
  if (router !== undefined) await reload(router);
  configured = configuration;
}

/** A signal that comes while it still takes the last one up is lost: so each is waited for. */
async function reload(router: Daemon): Promise<void> {
  const loads = async (): Promise<number> =>
    (await Deno.readTextFile(ROUTER_LOG)).split("Loading success").length;
  const before = await loads();
  if (!await isAlive(router)) return;
  Deno.kill(router.pid, "SIGUSR2");
  await until("the router to load what it is told", async () => await loads() > before, 2);
}

async function standIn(admin: Access): Promise<never> {
  const { site } = admin;
  const api = new ApiServer(admin);
  const changes = new Changes(api);
  const operator = new Operator(api);
  for (;;) {
    const work = [
      operator.reconcile(),
      provideVolume(api, site),
      route(api, site),
    ];
    for (const outcome of await Promise.allSettled(work)) {
      if (outcome.status === "rejected") say(String(outcome.reason));
    }
    await new Promise((resolve) => setTimeout(resolve, LEAST_MS));
    await changes.next(MOST_MS);
  }
}

await Promise.all(inOrder.map(standIn));
