/**
 * Starts the sandbox, tells how to use it, and stays until Ctrl-C.
 *
 * @module
 */
import type { Context } from "../../lib/context.ts";
import { SpirefedError } from "../../lib/errors.ts";
import type { Run } from "../command.ts";
import type { spec } from "./spec.ts";

/** What of a running sandbox is told. */
interface Sandbox extends AsyncDisposable {
  readonly contexts: readonly string[];
  readonly kubeconfig: string;
  readonly connectTo: string;
}

/** What one machine bears. */
const CLUSTERS_LIMIT = 100;

/** Ends by Ctrl-C, which is how it is meant to end. */
export const run: Run<typeof spec> = async ({ flags }, context) => {
  const { clusters, empty, port, speed } = flags;
  requireBetween("--clusters", clusters, [1, CLUSTERS_LIMIT]);
  requireBetween("--port", port, [0, 65_535 - clusters]);
  requireBetween("--speed", speed, [1, 3_600]);
  const sandbox = await start({ clusters, empty, port, speed });
  try {
    introduce(sandbox, context, empty);
    await aborted(context.signal);
    context.stderr("The practice clusters are gone, and so are their files.\n");
  } finally {
    await sandbox[Symbol.asyncDispose]();
  }
  return {};
};

function requireBetween(
  flag: string,
  value: number,
  [least, most]: readonly [number, number],
): void {
  if (value >= least && value <= most) return;
  throw new SpirefedError("usage", `${flag} ${value} is not between ${least} and ${most}`);
}

async function start(
  options: {
    readonly clusters: number;
    readonly empty: boolean;
    readonly port: number;
    readonly speed: number;
  },
): Promise<Sandbox> {
  const { startSandbox } = await import("../../sandbox/tls/sandbox.ts");
  try {
    return await startSandbox(options);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE") throw error;
    throw new SpirefedError("preflight", "A port that the sandbox needs is taken", {
      code: "sandbox/port",
      cause: error,
      remedy: "oc spirefed sandbox --port 0",
    });
  }
}

/** stdout can be evaluated by a shell; all else is talk. */
function introduce(
  { contexts, kubeconfig, connectTo }: Sandbox,
  { stdout, stderr, program }: Context,
  empty: boolean,
): void {
  stdout(`export KUBECONFIG=${quote(kubeconfig)}\n`);
  stdout(`export SPIREFED_CONNECT_TO=${quote(connectTo)}\n`);
  const pair = contexts.slice(0, 2).join(" ");
  const next = empty
    ? `${program} install ${pair}`
    : contexts.length > 1
    ? `${program} peer ${pair}`
    : `${program} bundle fetch`;
  stderr(`Practice clusters: ${contexts.join(", ")}. They are a stand-in, on this machine only.
In another shell, paste the two lines above; then for instance:
  ${next}
  kubectl get ${empty ? "subscriptions -A" : "clusterfederatedtrustdomains"}
Ctrl-C ends them.
`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
