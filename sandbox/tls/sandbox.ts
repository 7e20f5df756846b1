/**
 * The sandbox as a whole: a World over TLS on this machine, with a kubeconfig and the
 * redirections that lead to it.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clockwork } from "../clockwork.ts";
import { type Fault, FaultSchedule } from "../faults.ts";
import { clusterNames, type ClusterPlan, healthyWorld } from "../healthy.ts";
import { KeyRing } from "../mint.ts";
import { Mount } from "../mount.ts";
import { toPem } from "../spiffe_bundle.ts";
import { USER } from "../statuses.ts";
import { type RunningApi, startApiServer } from "./api_server.ts";
import { startRouter } from "./router.ts";

/** How to start. */
export interface SandboxOptions {
  /** How many clusters, or which. @default {2} */
  readonly clusters?: number | readonly (string | ClusterPlan)[];
  /** Begin without the operator, where `clusters` is a number. */
  readonly empty?: boolean;
  /** The first port: of the routers, then one for each API server. @default {0} any */
  readonly port?: number;
  /** How much faster than the real one the World's clock goes. @default {1} */
  readonly speed?: number;
  readonly faults?: readonly Fault[];
  /** Decides for faults that strike by chance. */
  readonly random?: () => number;
}

/** A running sandbox. */
export interface Sandbox extends AsyncDisposable {
  readonly mount: Mount;
  readonly clockwork: Clockwork;
  /** Contexts, which are also the names of the clusters. */
  readonly contexts: readonly string[];
  /** Path of a kubeconfig that only this user can read. */
  readonly kubeconfig: string;
  /** For `--connect-to`, or `SPIREFED_CONNECT_TO`. */
  readonly connectTo: string;
}

/** How often time is let pass. */
const PACE_MS = 100;

/** Starts a sandbox; disposing of it ends it and removes its files. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clusters = 2, empty = false, port = 0, speed = 1, faults = [], random } = options;
  // The World may run ahead; certificates must be good by the real clock, too.
  const ring = new KeyRing({ earliest: () => Date.now() });
  const plans = typeof clusters === "number"
    ? clusterNames(clusters).map((name) => ({ name, operator: !empty }))
    : clusters;
  const mount = new Mount(await healthyWorld(plans, { now: Date.now(), ring }));
  const clockwork = new Clockwork(mount, ring);
  const contexts = [...mount.world.clusters.keys()];
  const router = await startRouter({ mount, ring, port });
  const schedule = new FaultSchedule(faults, random);
  const tokens = contexts.map(() => randomBytes(24).toString("base64url"));
  const servers = await Promise.all(contexts.map((cluster, index) =>
    startApiServer({
      mount,
      ring,
      cluster,
      token: tokens[index] ?? "",
      port: port === 0 ? 0 : port + 1 + index,
      faults: schedule,
    })
  ));
  const folder = await mkdtemp(join(tmpdir(), "spirefed-sandbox-"));
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, kubeconfigFor(contexts, servers, tokens), { mode: 0o600 });
  const stopClock = startClock(clockwork, speed);
  return {
    mount,
    clockwork,
    contexts,
    kubeconfig,
    connectTo: [...mount.world.clusters.values()].map(({ trustDomain }) =>
      `federation.${trustDomain}:443:127.0.0.1:${router.port}`
    ).join(","),
    async [Symbol.asyncDispose](): Promise<void> {
      await stopClock();
      await Promise.all([router, ...servers].map((server) => server.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startClock(clockwork: Clockwork, speed: number): () => Promise<void> {
  let before = Date.now();
  let passing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    const now = Date.now();
    passing = clockwork.advance((now - before) * speed);
    before = now;
  }, PACE_MS);
  return async () => {
    clearInterval(timer);
    await passing;
  };
}

/** JSON is YAML. */
function kubeconfigFor(
  contexts: readonly string[],
  servers: readonly RunningApi[],
  tokens: readonly string[],
): string {
  const entries = contexts.map((name, index) => ({
    name,
    server: servers[index],
    token: tokens[index],
  }));
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": contexts[0],
    clusters: entries.map(({ name, server }) => ({
      name,
      cluster: {
        server: `https://127.0.0.1:${server?.port}`,
        "certificate-authority-data": btoa(toPem(server === undefined ? [] : [server.authority])),
      },
    })),
    users: entries.map(({ name, token }) => ({ name: `${USER}/${name}`, user: { token } })),
    contexts: entries.map(({ name }) => ({
      name,
      context: { cluster: name, user: `${USER}/${name}` },
    })),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
