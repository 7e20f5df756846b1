/**
 * Practice clusters have no pods: here is what a pod's status and its log would be, by
 * script. Everything else of a cluster is the World.
 *
 * @module
 */
import type { Cluster } from "../../lib/cluster/cluster.ts";
import type { Context } from "../../lib/context.ts";
import { SpirefedError } from "../../lib/errors.ts";
import type { PodFacts, TrialFacts } from "../../lib/mtls/facts.ts";
import { healthyFacts } from "../../lib/mtls/testing_facts.ts";
import { RUN_LABEL } from "../../manifests/manifest.ts";
import type { Orders } from "../../lib/mtls/records.ts";
import type { Role, Trial } from "../../lib/mtls/trial.ts";
import { parseSpiffeId, parseTrustDomain } from "../../lib/spiffe/mod.ts";
import { CONFIG_MAPS } from "../../manifests/core.ts";
import { PODS } from "../../manifests/pod.ts";
import { ROUTES } from "../../manifests/route.ts";
import { storeKey } from "../../sandbox/kinds.ts";
import type { Practice } from "./practice.ts";

/** What goes otherwise than well, given all that goes well. */
export type Script = (facts: TrialFacts) => TrialFacts;

/** A practice's context whose pods do as the script says. */
export function scripted(
  { context }: Practice,
  { script = (facts) => facts, repeat = 1 }: {
    readonly script?: Script;
    readonly repeat?: number;
  } = {},
): Context {
  const seen = new Map<string, TrialFacts>();
  const factsOf = (namespace: string, parties: Parties): TrialFacts => {
    const facts = seen.get(namespace) ??
      script(healthyFacts(trialOf(namespace, { ...parties, repeat })));
    seen.set(namespace, facts);
    return facts;
  };
  return {
    ...context,
    openCluster: async (name, access) => {
      const cluster = await context.openCluster(name, access);
      return withPods(cluster, async (namespace, role) => {
        const map = await cluster.get(CONFIG_MAPS, "probe", { namespace });
        if (map === undefined) return undefined;
        const orders: Orders = JSON.parse(map.data[`${role}.json`] ?? "");
        return factsOf(namespace, partiesOf(orders)).pods.get(role);
      });
    },
  };
}

type PodOf = (namespace: string, role: Role) => Promise<PodFacts | undefined>;

interface Parties {
  readonly server: string;
  readonly caller: string;
  /** What a server that is not the test's own may be. */
  readonly ids?: readonly string[] | undefined;
}

/** Whose pods they are, by what these were told. */
function partiesOf(orders: Orders): Parties {
  const clusterOf = (id = ""): string => /^spiffe:\/\/apps\.(\w+)\./.exec(id)?.[1] ?? "";
  switch (orders.role) {
    case "server":
      return { server: clusterOf(orders.self), caller: clusterOf(orders.allowed) };
    case "caller":
      return { server: clusterOf(orders.server.id), caller: clusterOf(orders.self) };
    case "visitor": {
      const { ids } = orders.server;
      return { server: clusterOf(ids[0]), caller: clusterOf(orders.self), ids };
    }
  }
}

/** Pods exist as soon as they are created, and have said all that they will say. */
function withPods(cluster: Cluster, podOf: PodOf): Cluster {
  return new Proxy(cluster, {
    get(target, member): unknown {
      const value: unknown = Reflect.get(target, member);
      if (member === "get") {
        return async (...[resource, name, at]: Parameters<Cluster["get"]>) => {
          const held = await target.get(resource, name, at);
          const { namespace = "" } = at ?? {};
          if (held === undefined || !namespace.startsWith("spirefed-test-")) return held;
          if (resource.kind === ROUTES.kind) return admitted(held);
          if (resource.kind !== PODS.kind) return held;
          const pod = await podOf(namespace, name as Role);
          return pod === undefined ? undefined : { ...(held as object), status: statusOf(pod) };
        };
      }
      if (member === "logs") {
        return async (...[container, options]: Parameters<Cluster["logs"]>) => {
          if (!container.namespace.startsWith("spirefed-test-")) {
            return await target.logs(container, options);
          }
          const pod = await podOf(container.namespace, container.pod as Role);
          if (pod === undefined) throw new SpirefedError("preflight", "no log");
          return pod.records.map((record) => `${JSON.stringify(record)}\n`).join("");
        };
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A context whose clusters do some things otherwise. */
export function withCluster(
  context: Context,
  otherwise: (cluster: Cluster) => Partial<Cluster>,
): Context {
  return {
    ...context,
    openCluster: async (name, access) => {
      const cluster = await context.openCluster(name, access);
      const verbs = otherwise(cluster);
      return new Proxy(cluster, {
        get(target, member): unknown {
          const value: unknown = Reflect.get(verbs, member) ?? Reflect.get(target, member);
          return typeof value === "function" && !(member in verbs) ? value.bind(target) : value;
        },
      });
    },
  };
}

function admitted(route: unknown): unknown {
  const conditions = [{ type: "Admitted", status: "True" }];
  return { ...(route as object), status: { ingress: [{ conditions }] } };
}

function statusOf({ phase, waiting, unscheduled }: PodFacts): unknown {
  const scheduled = { type: "PodScheduled", status: "False", message: unscheduled };
  return {
    phase,
    conditions: unscheduled === undefined ? [] : [scheduled],
    initContainerStatuses: [],
    containerStatuses: [{
      name: "probe",
      ready: false,
      restartCount: 0,
      state: waiting === undefined ? {} : { waiting },
    }],
  };
}

const NOTHING_KNOWN = {
  namespace: "",
  selector: "",
  pods: [],
  way: undefined,
  detours: [],
  callerId: undefined,
};

function trialOf(
  namespace: string,
  { server, caller, ids, repeat }: Parties & { readonly repeat: number },
): Trial {
  const [, , run = "", number = ""] = namespace.split("-");
  const sideOf = (cluster: string): Trial["server"] => {
    const trustDomain = parseTrustDomain(`apps.${cluster}.example`);
    return { cluster, trustDomain, className: "", ingressDomain: trustDomain, storesPeer: true };
  };
  return {
    run,
    number: Number(number),
    server: sideOf(server),
    caller: sideOf(caller),
    image: "",
    repeat,
    existing: ids === undefined ? undefined : {
      ...NOTHING_KNOWN,
      ids: ids.map(parseSpiffeId),
    },
  };
}

/**
 * What of any run stands in the clusters. The World has no namespace controller: what
 * lies in a namespace that is gone is gone.
 */
export function leftIn({ world }: Practice): readonly string[] {
  return [...world.clusters].flatMap(([name, { objects }]) =>
    [...objects.values()].flatMap(({ manifest: { kind, metadata } }) => {
      const { labels = {}, namespace } = metadata;
      const stands = namespace === undefined || objects.has(storeKey("namespaces", namespace));
      return labels[RUN_LABEL] !== undefined && stands ? [`${name} ${kind}/${metadata.name}`] : [];
    })
  );
}
