/**
 * How the World changes: one pure function. Whatever needs chance, keys or waiting
 * stands outside and sends events.
 *
 * @module
 */
import { poll } from "./bundle_manager.ts";
import { REACTION_MS, reconcile } from "./controller_manager.ts";
import {
  type ClusterState,
  type EndpointOverride,
  type Instant,
  type Status,
  withCluster,
  type World,
  type X509AuthorityState,
} from "./model.ts";
import { isAllowed } from "./object_reading.ts";
import type { Write } from "./write_attempt.ts";
import { type WriteAnswer, writeObject } from "./object_store.ts";
import { restart, runPods } from "./pods.ts";
import { publishRoots } from "./roots.ts";
import type { CommandResult } from "./spire_command.ts";
import { runSpireServer } from "./spire_commands.ts";
import { forbidden, noContainer, notFound, refused } from "./statuses.ts";
import { kindAt, storeKey } from "./kinds.ts";
import { OPERATOR_NAMESPACE } from "../manifests/manifest.ts";

/** Something that happens to one cluster. */
export type ClusterEvent =
  | {
    readonly type: "write";
    readonly write: Write; /** By a controller, which may do anything. */
    readonly system?: boolean;
  }
  | {
    readonly type: "exec";
    readonly container: ExecTarget;
    readonly command: readonly string[];
    readonly stdin: string;
  }
  /**
   * New X.509 authorities, all of them; `lost` forgets what the datastore held. What was
   * `revoked` stays in the ConfigMap: SPIRE tells its notifier of additions only.
   */
  | {
    readonly type: "authorities";
    readonly authorities: readonly X509AuthorityState[];
    readonly lost?: boolean;
    readonly revoked?: boolean;
  }
  | {
    readonly type: "svid";
    readonly chain: readonly Uint8Array[];
    readonly issuedAt: Instant;
    readonly notAfter: Instant;
  }
  | { readonly type: "restart" }
  | { readonly type: "router"; readonly up: boolean }
  | { readonly type: "endpoint"; readonly answer: EndpointOverride | undefined };

/** Something that happens. */
export type WorldEvent =
  | { readonly type: "tick"; readonly milliseconds: number }
  | (ClusterEvent & { readonly cluster: string });

/** Which container a command is run in. */
export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** What an event answered: a write's or a command's outcome. */
export type EventAnswer = WriteAnswer | { readonly result: CommandResult } | undefined;

/** The World after an event. */
export function step(world: World, event: WorldEvent): World {
  return respond(world, event)[0];
}

/** The World after an event, and what the event answered. */
export function respond(world: World, event: WorldEvent): readonly [World, EventAnswer] {
  if (event.type === "tick") return [tick(world, event.milliseconds), undefined];
  const cluster = world.clusters.get(event.cluster);
  if (cluster === undefined) throw new Error(`no such practice cluster: ${event.cluster}`);
  const [next, answer] = happen(world, cluster, event);
  return [withCluster(world, next), answer];
}

/** When something happens next by itself; `Infinity` when nothing will. */
export function nextInstant(world: World): Instant {
  let next = Infinity;
  for (const { restartingUntil, spire } of world.clusters.values()) {
    const { dueAt, idleUntil } = spire.controller;
    if (restartingUntil !== undefined) {
      next = Math.min(next, restartingUntil);
      continue;
    }
    if (dueAt !== undefined) next = Math.min(next, Math.max(dueAt, idleUntil));
    for (const due of spire.polls.values()) next = Math.min(next, due);
  }
  return Math.max(next, world.clock);
}

function happen(
  world: World,
  cluster: ClusterState,
  event: ClusterEvent,
): readonly [ClusterState, EventAnswer] {
  const now = world.clock;
  switch (event.type) {
    case "write": {
      const as = event.system === true ? { ...cluster, denied: [] } : cluster;
      const [next, answer] = writeObject(as, now, event.write);
      return [noticed({ ...next, denied: cluster.denied }, cluster, now), answer];
    }
    case "exec":
      return execute(world, cluster, event);
    case "authorities":
      return [withAuthorities(cluster, event, now), undefined];
    case "svid": {
      const { chain, issuedAt: svidIssuedAt, notAfter: svidNotAfter } = event;
      return [
        { ...cluster, spire: { ...cluster.spire, chain, svidIssuedAt, svidNotAfter } },
        undefined,
      ];
    }
    case "restart":
      return [restart(cluster, now), undefined];
    case "router":
      return [{ ...cluster, network: { ...cluster.network, routerUp: event.up } }, undefined];
    case "endpoint":
      return [{ ...cluster, network: { ...cluster.network, answer: event.answer } }, undefined];
  }
}

/** The controller looks at the objects a moment after any of them changed. */
function noticed(next: ClusterState, before: ClusterState, now: Instant): ClusterState {
  if (next.resourceVersion === before.resourceVersion) return next;
  const { controller } = next.spire;
  const dueAt = Math.min(controller.dueAt ?? Infinity, now + REACTION_MS);
  return { ...next, spire: { ...next.spire, controller: { ...controller, dueAt } } };
}

/** Where spire-server is in Red Hat's image. */
const BINARY = "/spire-server";

function execute(
  world: World,
  cluster: ClusterState,
  { container: { namespace, pod, container }, command, stdin }: Extract<
    ClusterEvent,
    { type: "exec" }
  >,
): readonly [ClusterState, EventAnswer] {
  const answer = (status: Status): readonly [ClusterState, EventAnswer] => [cluster, { status }];
  if (!isAllowed(cluster, "create", "pods/exec", { onWrite: true })) {
    return answer(forbidden("create", "pods/exec", ""));
  }
  const pods = kindAt("", "v1", "pods");
  const missing = !cluster.objects.has(storeKey("pods", pod, namespace));
  if (namespace !== OPERATOR_NAMESPACE || pod !== "spire-server-0" || missing) {
    return answer(pods === undefined ? refused(404, "NotFound", "no pods") : notFound(pods, pod));
  }
  if (container !== "spire-server") {
    return answer(noContainer(container, pod));
  }
  if (cluster.restartingUntil !== undefined) {
    return answer(
      refused(
        500,
        "InternalError",
        `Internal error occurred: unable to upgrade connection: container not found ("${container}")`,
      ),
    );
  }
  if (command[0] !== BINARY) {
    const why = `exec: ${JSON.stringify(command[0])}: stat ${
      command[0]
    }: no such file or directory`;
    return answer(
      refused(
        500,
        "InternalError",
        `Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "0": OCI runtime exec failed: exec failed: unable to start container process: ${why}`,
      ),
    );
  }
  const [spire, result] = runSpireServer(world, cluster, command.slice(1), stdin);
  return [{ ...cluster, spire }, { result }];
}

function withAuthorities(
  cluster: ClusterState,
  { authorities, lost = false, revoked = false }: Extract<ClusterEvent, { type: "authorities" }>,
  now: Instant,
): ClusterState {
  const spire = {
    ...cluster.spire,
    x509Authorities: authorities,
    sequence: lost ? 1 : cluster.spire.sequence + 1,
    ...(lost ? { dynamic: new Map(), stored: new Map(), polls: new Map(), entries: [] } : {}),
  };
  const next = revoked ? { ...cluster, spire } : publishRoots({ ...cluster, spire }, now);
  return lost ? restart(next, now) : next;
}

function tick(world: World, milliseconds: number): World {
  const end = world.clock + milliseconds;
  let next = world;
  // From one thing that is due to the next, so that a long wait is as many short ones.
  while (nextInstant(next) <= end) next = settle({ ...next, clock: nextInstant(next) });
  return settle({ ...next, clock: end });
}

function settle(world: World): World {
  let next = world;
  for (const name of world.clusters.keys()) {
    const cluster = next.clusters.get(name) as ClusterState;
    const ready = reconcile(runPods(cluster, next.clock), next.clock);
    const spire = poll(next, ready);
    const settled = spire === ready.spire ? ready : { ...ready, spire };
    if (settled !== cluster) next = withCluster(next, settled);
  }
  return next;
}
